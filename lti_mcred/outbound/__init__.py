"""Everything that leaves for another server: one client, public addresses only, an end to every exchange."""
