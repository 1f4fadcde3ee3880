"""Running the command line: every error leaves in words and with an exit code that means something."""

from __future__ import annotations

import io
import os
import sys

from trivium.cli import content, evidence, patient, treatment
from trivium.cli.common import app
from trivium.core.errors import TriviumError

COMMANDS = (patient, treatment, evidence, content)  # importing them gives the root its commands


def main() -> None:
    """Run the command line; every error leaves in words and with an exit code that means something.

    Exit codes: 0 done, 2 usage, 3 unreadable record, 4 knowledge does not check, 1 a fault of ours.
    """
    _speak_utf8()
    try:
        app(prog_name="trivium")
    except TriviumError as problem:
        _fail(str(problem), problem.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of our output left
    except Exception as problem:
        if os.environ.get("TRIVIUM_DEBUG"):
            raise
        # The type only: a message could carry a patient's data.
        hint = "run again with TRIVIUM_DEBUG=1 to see where; then please report it"
        _fail(f"a fault in Trivium itself ({type(problem).__name__}); no plan was made\n  hint: {hint}", 1)


def _speak_utf8() -> None:
    """Output is UTF-8 wherever it goes, except to a terminal that speaks otherwise: that one gets a `?`."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding=None if sys.stdout.isatty() else "utf-8", errors="replace")


def _fail(message: str, code: int) -> None:
    # A message may quote a record: nothing of it may steer the terminal.
    shown = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in message)
    sys.stderr.write(f"trivium: {shown}\n")
    sys.exit(code)
