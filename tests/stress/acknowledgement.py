"""What an issuer knows it was promised: one line for each act, written after the act's commit returned.

The lines lie outside the database, so nothing that happens to the database can take them back. Each issuer has a file
of its own and adds to it by one write without any buffer; of a line that has no end yet nobody was told anything.
Instants are nanoseconds of the machine's monotonic clock, which is one for all its processes.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

REFUSED = "refused"


class Act(StrEnum):
    """The three acts of issuing, by the names that their events have."""

    NUMBER = "number"
    SIGN = "sign"
    RELEASE = "release"


class Given(NamedTuple):
    """One entry as it was read after the commit; ``digest`` is SHA-256 in hex of what the act made durable.

    That is the bytes to be signed after ``NUMBER``, and the token after the two others.
    """

    entry: int
    series: str
    serial: int
    digest: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One act that was done: when it was asked for, when its commit had returned, and what stood there then."""

    act: Act
    requested: int
    acknowledged: int
    given: tuple[Given, ...]


class Notebook:
    """Where one issuer writes. Nothing is held back in memory: what ``note`` was told survives the issuer."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600
        )

    def note(self, done: Acknowledged) -> None:
        """Write down an act that was done."""
        self._write([done.act, done.requested, done.acknowledged, done.given])

    def note_refusal(self, kind: str) -> None:
        """Write down that an act was refused for now."""
        self._write([REFUSED, kind])

    def _write(self, line: Sequence[object]) -> None:
        os.write(self._descriptor, json.dumps(line, separators=(",", ":")).encode() + b"\n")


def read_notebooks(folder: Path) -> tuple[list[Acknowledged], Counter[str]]:
    """Return what was acknowledged, and how often an act was refused, by kind; a line without its end is none."""
    acknowledged: list[Acknowledged] = []
    refused: Counter[str] = Counter()
    for path in sorted(folder.iterdir()):
        for line in _whole_lines(path):
            if line[0] == REFUSED:
                refused[line[1]] += 1
                continue
            act, requested, at, given = line
            acknowledged.append(
                Acknowledged(Act(act), requested, at, tuple(Given._make(one) for one in given))
            )
    return acknowledged, refused


def _whole_lines(path: Path) -> Iterator[list[Any]]:
    *whole, _ = path.read_bytes().split(b"\n")
    return map(json.loads, whole)
