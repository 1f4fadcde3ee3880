"""What the command line does, one file a command; each returns the text to print."""
