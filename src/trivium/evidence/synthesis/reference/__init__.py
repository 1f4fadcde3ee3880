"""Reference cases: a file of published numbers, each computed here from its data and held against it."""
