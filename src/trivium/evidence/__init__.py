"""Evidence: what the studies say, with its source, its size and how certain it is."""
