"""Chosen agents made executable for one patient: `planned → regimen → orders`, and options side by side.

Here the roads meet again: what the pathway says of an agent, its dose, the calendar, the evidence. Nothing is
decided here; data for the faces are made.
"""
