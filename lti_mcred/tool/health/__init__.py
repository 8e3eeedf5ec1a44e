"""The test of a connection, line by line, for whoever has to mend it."""
