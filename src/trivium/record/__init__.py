"""A patient's record: files in, events, and from them facts (each known or unknown, with its origin)."""
