"""The picture of a badge, drawn from a template."""
