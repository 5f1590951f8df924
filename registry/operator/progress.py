"""How far a command has come: a bar for a person at a terminal, nothing in a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

import click

Progress = Callable[[int], None]


@contextmanager
def progress(label: str, length: int, *, clock: Callable[[], float] = time.monotonic) -> Iterator[Progress]:
    """Give what is to be told after each piece of work, with how many are done. ``length`` 0: it is not known.

    The bar shows how many are done in a second, from the beginning until now. ``clock`` is monotonic, in seconds.
    """
    if not sys.stderr.isatty():
        yield unseen
        return
    started, done, lock = clock(), 0, Lock()

    def advance(count: int) -> None:
        nonlocal done
        # Numbering and signing tell of their work from threads of their own.
        with lock:
            done += count
            elapsed = clock() - started
            bar.update(count, done / elapsed if elapsed > 0 else None)

    with click.progressbar(
        length=length,
        label=label,
        show_eta=False,
        show_pos=True,
        width=24,
        item_show_func=_rate,
        file=sys.stderr,
    ) as bar:
        yield advance


def _rate(per_second: float | None) -> str:
    return "" if per_second is None else f"{per_second:,.0f}/s"


def unseen(_: int) -> None:
    """Tell nobody."""
