"""Where the answer goes: standard output and standard error, which may be closed, full, or of an old encoding."""

import contextlib
import errno
import os
from collections.abc import Mapping
from typing import TextIO


def allow_any_character(stream: TextIO | None) -> None:
    """Write out what an old terminal's encoding can not show, rather than break off within an answer."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def wants_colour(stream: TextIO | None, environment: Mapping[str, str]) -> bool:
    """Say whether a person reads there who has not asked for plain text."""
    if stream is None or environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return stream.isatty()


def say(stream: TextIO | None, text: str) -> None:
    """Write the text, all of it and now; ``OSError`` if it does not get there (``None`` is a closed stream)."""
    if stream is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        _give_up(stream)
        raise


def say_if_possible(stream: TextIO | None, text: str) -> None:
    """Write the text; where it can not be written, the exit code has to do."""
    with contextlib.suppress(OSError):
        say(stream, text)


def _give_up(stream: TextIO) -> None:
    """Drop what is left: Python would try again at its end, and answer with an exit code of its own."""
    with contextlib.suppress(OSError):
        place = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, place)
        os.close(nowhere)
