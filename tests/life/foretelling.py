"""What an act will come to: foretold from the notebook alone, before the register is asked.

An act is a row of *moments*, at each of which something becomes durable, and then its answer or its refusal. A crash
lets the moments before it stand and none of the others happen; who knows the moments knows what it leaves behind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class At(StrEnum):
    """Where something becomes durable."""

    COMMIT = "commit"
    NEW_LINES = "lines of the signer's journal"
    KNOWN_LINES = "the signer's journal has the lines already"


def nothing() -> None:
    """Change nothing."""


@dataclass(frozen=True)
class Moment:
    """Something becomes durable; ``effect`` writes it into the notebook."""

    at: At
    effect: Callable[[], None] = nothing


@dataclass(frozen=True)
class Foretold:
    """An act's moments, in their order, and how it ends: with this answer, or with a refusal of this very kind.

    ``faults`` says more of a refused file: places and codes.
    """

    moments: tuple[Moment, ...] = ()
    answer: object = None
    refusal: type[Exception] | None = None
    faults: frozenset[tuple[int | None, str]] = frozenset()


def done(effect: Callable[[], None], answer: object) -> Foretold:
    """Foretell one commit and its answer."""
    return Foretold((Moment(At.COMMIT, effect),), answer)


def refused(refusal: type[Exception]) -> Foretold:
    """Foretell a refusal that leaves nothing behind."""
    return Foretold(refusal=refusal)
