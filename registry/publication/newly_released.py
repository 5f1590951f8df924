"""What a new status may say of entries that no status said before: released is only what has its token.

The status key signs what it is given, and the rows are anybody's who writes into the database. A status that calls an
entry released can not be taken back, and with a stolen issuing key it would vouch for whatever the thief signs.
"""

from collections.abc import Iterator

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from registry.certificate.genuine import was_signed
from registry.certificate.tables import Entry
from registry.publication.errors import ReleasedWithoutToken
from signing.status import Status
from signing.trust import TrustKeys

_BATCH = 1000
_TOKENS = select(Entry.entry, Entry.to_be_signed, Entry.token).where(
    Entry.entry.in_(bindparam("entries", expanding=True))
)


def require_tokens(session: Session, proposed: Status, known: Status | None, trust: TrustKeys) -> None:
    """Raise ``ReleasedWithoutToken`` if an entry would be in force for the first time and has no token that verifies.

    ``known`` is the last status that anybody can have seen, ``None`` if there was none. One verification for each such
    entry, one query for each thousand.
    """
    fresh = list(_newly_in_force(proposed, known))
    for start in range(0, len(fresh), _BATCH):
        wanted = fresh[start : start + _BATCH]
        rows = session.connection().execute(_TOKENS, {"entries": wanted}).all()
        signed = {
            entry for entry, to_be_signed, token in rows if was_signed(entry, to_be_signed, token, trust)
        }
        missing = [entry for entry in wanted if entry not in signed]
        if missing:
            raise ReleasedWithoutToken(missing[0])


def _newly_in_force(proposed: Status, known: Status | None) -> Iterator[int]:
    """Yield, ascending, what is in force now and was not released before, as far as ``known`` tells."""
    told = proposed.voided | proposed.unreleased | proposed.revoked | proposed.superseded | proposed.suspended
    size = 0 if known is None else known.size
    before = frozenset[int]() if known is None else known.unreleased | known.voided
    yield from sorted(entry for entry in before if entry not in told)
    yield from (entry for entry in range(size + 1, proposed.size + 1) if entry not in told)
