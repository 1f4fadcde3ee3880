"""The command line: arguments in, text out. Thin: what it does is in `commands`, one file a command.

click, not typer: typer 0.29 imports pydantic to read arguments, a fifth of our start (decision 0014).
"""

from trivium.cli.common import app
from trivium.cli.run import main

__all__ = ["app", "main"]
