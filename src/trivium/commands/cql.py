"""`trivium cql`: the pathway as a CQL library, for engines of other systems."""

from __future__ import annotations

from pathlib import Path

from trivium.commands.patience import load
from trivium.exchange.cql_library import cql_library


def run(root: Path | None) -> str:
    """The whole library as text, the same for the same knowledge.

    Errors:  KnowledgeError; ExpressionError (exit 2) when CQL's decimals cannot hold a threshold.
    """
    return cql_library(load(root))
