"""From an option that stands to what is given: dose, interactions, calendar, supplies.

Reads knowledge and values of facts; it must not know the pathway's statuses nor the evidence.
"""
