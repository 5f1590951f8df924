"""How far a command has come: a bar for a person at a terminal, nothing in a log."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Progress = Callable[[int], None]


@contextmanager
def progress(label: str, length: int) -> Iterator[Progress]:
    """Give what is to be told after each piece of work, with how many are done. ``length`` 0: it is not known."""
    if not sys.stderr.isatty():
        yield unseen
        return
    with click.progressbar(length=length, label=label, show_eta=False, width=24, file=sys.stderr) as bar:
        yield bar.update


def unseen(_: int) -> None:
    """Tell nobody."""
