"""The status file's payload, read from the register at one snapshot."""

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.certificate.lifecycle import SHOWN_SUSPENDED
from registry.certificate.lifecycle import Status as EntryStatus
from registry.certificate.tables import Entry, EntryCounter
from registry.civil_time import utc_seconds
from registry.publication.errors import EntriesMissing, UnknownStatus
from signing.status import Status


def compose_status(
    session: Session, *, environment: str, trust_keys_version: int, previous: int, now: datetime
) -> Status:
    """Return the status of all entries 1..N as the register has them now.

    The version is the present second, so that a register restored from a backup goes on upwards, and always above
    ``previous``, the version published last. Raises ``EntriesMissing`` unless the rows are exactly 1..N,
    ``UnknownStatus`` for a row whose status is none.
    """
    size = session.scalar(select(EntryCounter.last)) or 0
    count, highest = session.execute(select(func.count(), func.max(Entry.entry)).select_from(Entry)).one()
    # A row that is not there would count as in force.
    if (count, highest or 0) != (size, size):
        raise EntriesMissing(size, count)
    rows = session.execute(select(Entry.entry, Entry.status).where(Entry.status != EntryStatus.RELEASED))
    entries: dict[str, set[int]] = {status: set() for status in EntryStatus}
    for entry, status in rows:
        if status not in entries:
            raise UnknownStatus(entry, status)
        entries[status].add(entry)
    return Status(
        environment=environment,
        version=max(previous + 1, utc_seconds(now)),
        made_at=now.astimezone(UTC).replace(microsecond=0),
        size=size,
        trust_keys_version=trust_keys_version,
        voided=frozenset(entries[EntryStatus.VOID]),
        unreleased=frozenset(entries[EntryStatus.NUMBERED] | entries[EntryStatus.SIGNED]),
        revoked=frozenset(entries[EntryStatus.REVOKED]),
        superseded=frozenset(entries[EntryStatus.SUPERSEDED]),
        suspended=frozenset().union(*(entries[status] for status in SHOWN_SUSPENDED)),
    )
