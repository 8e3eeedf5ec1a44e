"""PICTURES lose what they say about people: rewritten without loss, else drawn anew, in a process of its own."""
