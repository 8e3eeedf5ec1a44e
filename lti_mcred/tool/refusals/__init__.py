"""Pages that say no to a launch or a registration: fields, reasons, what an administrator has to copy."""
