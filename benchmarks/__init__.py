"""Measurements against real peers in the same run: `make bench` prints ratios, asserts nothing."""
