"""How far a value of the directory can be trusted, and where it comes from.

Nothing assumed may be shown to anyone as the confirmed rule; so every value carries its status and its
source, and whoever shows the value shows ``assumed`` with it.
"""

from enum import StrEnum


class Status(StrEnum):
    """``confirmed``: read in a source text, or in two independent ones. ``assumed``: everything else."""

    CONFIRMED = "confirmed"
    ASSUMED = "assumed"


class Sourced:
    """What every value of the directory says about itself, beside its content."""

    __slots__ = ()

    status: Status
    source: str
    why: str | None
    """What is not certain about the value; ``None`` only where it is confirmed."""

    @property
    def assumed(self) -> bool:
        """Say whether the value is an assumption, to be marked so wherever it is shown."""
        return self.status is not Status.CONFIRMED
