"""The class list of a course: read page by page, applied, and what it says of who teaches."""
