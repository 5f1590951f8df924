"""The journal's chain: what the hash of an event is made of.

``hash`` of place n is SHA-256 over the deterministic CBOR (RFC 8949 4.2) of an array: the hash of place n - 1 (32 zero
bytes before the first), n, and every other column of the event; instants in microseconds since 1970 (UTC), account ids
as their 16 bytes, details as JSON with sorted keys and no spaces. Changing, removing, adding or moving an event breaks
the chain from there on.
"""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

from registry.journal.tables import Event
from signing import cbor

FIRST_HASH: Final = bytes(32)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Written(NamedTuple):
    """An event as it was written by its act: all of its columns but place and hash."""

    id: int
    at: datetime
    actor_id: UUID | None
    act: str
    subject: str
    details: dict[str, Any]
    first_entry: int | None
    last_entry: int | None
    digest: bytes | None


WRITTEN = tuple(getattr(Event, name) for name in Written._fields)
"""The columns of ``Written``, to be selected."""


def event_hash(before: bytes, place: int, event: Written) -> bytes:
    """Return the 32-byte hash of an event at its place; ``before`` is the hash of the place before."""
    written: list[cbor.Value] = [
        before,
        place,
        event.id,
        (event.at - _EPOCH) // _MICROSECOND,
        None if event.actor_id is None else event.actor_id.bytes,
        event.act,
        event.subject,
        json.dumps(event.details, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        event.first_entry,
        event.last_entry,
        event.digest,
    ]
    return sha256(cbor.encode(written)).digest()
