"""Canvas: what it is asked for, how it registers us, how it is connected, how it takes grades and content."""
