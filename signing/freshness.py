"""How old a status may be: a policy of the verifier, never of what it verifies.

Decides no verdict: ``verdict`` does, with this value. The defaults are those of formats.md §8.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from signing.errors import FreshnessOutOfBounds

NOTE_DAYS: Final = 7
MAX_DAYS: Final = 30
LOOSEST_DAYS: Final = 365
"""A verifier that takes an older status for an answer knows nothing of revocation."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """From ``note_days`` on an answer says how old the status is; beyond ``max_days`` it can not tell.

    Raises ``FreshnessOutOfBounds`` unless ``1 <= note_days <= max_days <= 365``.
    """

    note_days: int = NOTE_DAYS
    max_days: int = MAX_DAYS

    def __post_init__(self) -> None:
        """Refuse what is out of bounds."""
        if not 1 <= self.note_days <= self.max_days <= LOOSEST_DAYS:
            raise FreshnessOutOfBounds(self.note_days, self.max_days)

    @classmethod
    def from_texts(cls, *, note_days: str | None, max_days: str | None) -> "Freshness":
        """Read settings as people write them; ``None`` for one that is left out.

        Without a note of its own the policy has that of 7 days, or its limit if that is less.
        """
        most = MAX_DAYS if max_days is None else _days(max_days)
        return cls(min(NOTE_DAYS, most) if note_days is None else _days(note_days), most)

    def is_stale(self, age: timedelta) -> bool:
        """Say whether the age is worth a note."""
        return age >= timedelta(days=self.note_days)

    def is_too_old(self, age: timedelta) -> bool:
        """Say whether the age is beyond the limit."""
        return age > timedelta(days=self.max_days)


def _days(text: str) -> int:
    """Return a number of days; 0, which no policy has, for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
