"""Knowledge for the commands: the same as `knowledge.loader` gives, with a word when it takes long.

The first start after a change of content or engine checks all of it, which takes seconds. Somebody who
waits at a terminal is told so, once; nothing is written where nobody looks.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from trivium.knowledge import loader
from trivium.knowledge.models import Knowledge

SECONDS = 1.0
NOTE = "trivium: checking the knowledge, once after each change of it; this takes some seconds\n"


def load(root: Path | None) -> Knowledge:
    """Checked knowledge. Errors: those of `knowledge.loader.load`."""
    with patience():
        return loader.load(root)


@contextlib.contextmanager
def patience() -> Iterator[None]:
    """Writes one line to a terminal when what is done inside takes longer than `SECONDS`."""
    if not sys.stderr.isatty():
        yield
        return
    import threading

    timer = threading.Timer(SECONDS, _say, [sys.stderr])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _say(stream: TextIO) -> None:
    with contextlib.suppress(OSError, ValueError):
        stream.write(NOTE)
        stream.flush()
