"""The production server: processes, threads, and connections to clients."""
