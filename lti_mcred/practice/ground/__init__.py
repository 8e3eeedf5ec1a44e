"""What stands under every campus: tables, keys, fetching, the words of the specifications."""
