"""Partners from a file: read, matched with what is there, tried out, committed, and undone as a whole."""
