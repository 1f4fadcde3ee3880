"""Trivium: a patient's record, a pathway and its evidence meet in one plan."""

__version__ = "0.1.0"
