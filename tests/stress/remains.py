"""What a register is in the end, read row by row for ``judge``, and the signer's own journal beside it."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.certificate.approved import unfinished_submissions
from registry.certificate.tables import Certificate, Entry, EntryCounter, Series
from registry.journal.chain import FIRST_HASH, WRITTEN, Written, event_hash
from registry.journal.tables import Event, JournalHead
from registry.operator.desk import Desk
from signing.errors import SigningError
from signing.token import open_token
from signing.trust import TrustKeys
from tests.stress.judge import Recorded, Remains, Stored

_ROWS = (
    select(Entry, Certificate.number, Certificate.series_key, Certificate.serial)
    .join(Certificate, Certificate.id == Entry.certificate_id)
    .order_by(Entry.entry)
    .execution_options(yield_per=1000)
)


def remains_of(desk: Desk) -> Remains:
    """Read everything, and verify every token."""
    trust = desk.custody.trust
    recorded = [Recorded(signed.entry, signed.digest.hex()) for signed in desk.custody.journal.entries()]

    def read(session: Session) -> Remains:
        return Remains(
            entries=[_stored(row, trust) for row in session.execute(_ROWS)],
            issued=dict(session.execute(select(Series.key, Series.issued)).all()),
            last_entry=session.execute(select(EntryCounter.last)).scalar_one(),
            recorded=recorded,
            chain=list(_chain_faults(session)),
            waiting=len(unfinished_submissions(session)),
        )

    return desk.installation.sessions.read(read)


def _stored(row: Any, trust: TrustKeys) -> Stored:
    entry, number, series, serial = row
    token = entry.token
    return Stored(
        entry=entry.entry,
        number=number,
        series=series,
        serial=serial,
        result=entry.result_id,
        status=entry.status,
        signed_bytes=sha256(entry.to_be_signed).hexdigest(),
        token=None if token is None else sha256(token).hexdigest(),
        says=None if token is None else _said(token, trust),
    )


def _said(token: bytes, trust: TrustKeys) -> int | None:
    try:
        return open_token(token, trust).entry
    except SigningError:
        return None


def _chain_faults(session: Session) -> Iterator[str]:
    """Yield the places that are missing or whose hash is not that of their event and all before."""
    before, place = FIRST_HASH, 0
    for at, hash_, *columns in session.execute(
        select(Event.place, Event.hash, *WRITTEN).order_by(Event.place)
    ):
        place += 1
        before = event_hash(before, place, Written(*columns))
        if (at, hash_) != (place, before):
            yield f"event {columns[0]} stands at place {at}, and should stand at {place}"
            return
    head = session.get_one(JournalHead, 1)
    if (head.place, head.hash) != (place, before):
        yield f"the head is at place {head.place}, the last event at {place}"
