"""The database: its engines and connections, the statements of the hottest path, its version."""
