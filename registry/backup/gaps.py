"""What an operator's words would use up, known before anything is: a slip of the hand must not void a whole epoch.

Stated numbers can be too high within these bounds, and that can not be undone; so the operator is shown the counts
before he confirms.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.backup.errors import StatedTooHigh
from registry.backup.numbers import most_serials
from registry.backup.outside import Stated
from registry.certificate.numbering import COUNTER_ID
from registry.certificate.tables import EntryCounter, Epoch, Series
from registry.directory.profiles import Profiles
from signing.cose import Kind
from signing.trust import TrustKeys


@dataclass(frozen=True, slots=True)
class Gaps:
    """How many entries and, by series key, how many serials lie between what is stored and what is stated."""

    entries: int
    serials: Mapping[str, int] = field(default_factory=dict)


def gaps(session: Session, stated: Stated, profiles: Profiles, *, trust: TrustKeys | None) -> Gaps:
    """Return what the words would use up at most; raises ``StatedTooHigh``."""
    require_possible(session, stated, profiles, trust=trust)
    counter = session.get(EntryCounter, COUNTER_ID)
    stored = select(Series.key, Series.issued).where(Series.key.in_(list(stated.serials)))
    issued = dict(session.execute(stored).all())
    serials = {key: max(0, serial - issued.get(key, 0)) for key, serial in stated.serials.items()}
    return Gaps(max(0, stated.entry - (counter.last if counter else 0)), serials)


def require_possible(
    session: Session, stated: Stated, profiles: Profiles, *, trust: TrustKeys | None
) -> None:
    """Raise ``StatedTooHigh`` for an entry above every known epoch, and for a serial wider than its field."""
    ends = list(session.scalars(select(Epoch.last_entry)))
    if trust is not None:
        ends += [key.last_entry for key in trust.keys.values() if key.kind == Kind.CERTIFICATE]
    if stated.entry > max(ends, default=0):
        raise StatedTooHigh("entry", stated.entry, max(ends, default=0))
    for key, serial in stated.serials.items():
        most = most_serials(key, profiles)
        if most is not None and serial > most:
            raise StatedTooHigh(f"series {key}", serial, most)
