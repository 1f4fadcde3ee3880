"""All checks, in the order in which they run, and the pages about them."""

from __future__ import annotations

CHECKS: tuple = ()


def run(draft):
    return []
