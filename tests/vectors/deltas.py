"""Deltas of a small register's status: versions 890 to 930, and the ways to be refused."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from signing import cbor
from signing.cose import Kind
from signing.status import Status
from signing.status_delta import StatusDelta, Step
from tests.vectors.variants import edited
from tests.vectors.world import DAY, HOUR, NOW, SECOND, STATUS, status

HISTORY = [
    status(version=890, made_at=NOW - 4 * HOUR),
    # 207 and 208 are suspended, 210 to 214 numbered.
    status(version=900, made_at=NOW - 3 * HOUR, suspended=frozenset({206, 207, 208})),
    # 207 is reinstated and 208 revoked, 206 as before; two entries more, not released yet.
    status(
        version=910,
        made_at=NOW - 2 * HOUR,
        size=60_002,
        revoked=frozenset({203, 204, 208, 40_203}),
        unreleased=frozenset({202, 59_999, 60_001, 60_002}),
    ),
    # What was not released is; one of it was voided.
    status(
        version=920,
        made_at=NOW - HOUR,
        size=60_002,
        revoked=frozenset({203, 204, 208, 40_203}),
        unreleased=frozenset(),
        voided=frozenset({201, 40_201, 60_002}),
    ),
    status(
        version=930,
        made_at=NOW,
        size=60_005,
        revoked=frozenset({203, 204, 208, 40_203}),
        unreleased=frozenset(range(60_003, 60_006)),
        voided=frozenset({201, 40_201, 60_002}),
        suspended=frozenset(),
    ),
]
BY_VERSION = {each.version: each for each in HISTORY}


def signature(of: Status) -> Any:
    return STATUS.detached(of.to_payload(), Kind.STATUS)


def file(of: Status) -> bytes:
    return STATUS.sign1(of.to_payload(), Kind.STATUS)


def delta(base: int, end: int) -> bytes:
    """Return the delta from one version to another, extended version by version."""
    road = [each for each in HISTORY if base <= each.version <= end]
    made = StatusDelta.starting_at(road[0], signature(road[0]))
    for previous, following in pairwise(road):
        made = made.extended(Step.between(previous, following), signature(following))
    return made.to_bytes()


def lawful() -> Iterator[tuple[str, Status, bytes, bytes]]:
    """Yield name, status held, delta, and the file that comes out."""
    for base in BY_VERSION:
        for held in BY_VERSION:
            for end in BY_VERSION:
                if base <= held <= end:
                    name = f"from {base} to {end}, {held} held"
                    yield name, BY_VERSION[held], delta(base, end), file(BY_VERSION[end])


def refused() -> Iterator[tuple[str, Status, bytes]]:
    """Yield name, status held, and a delta that makes nothing of it."""
    good, held = delta(900, 930), BY_VERSION[910]

    def of(edit: Callable[[Any], Any]) -> bytes:
        return edited(good, edit)

    one = [1, b"\x04"]
    yield "empty", held, b""
    yield "a byte more", held, good + b"\x00"
    yield "a byte less", held, good[:-1]
    yield "a status file", held, file(BY_VERSION[930])
    yield "a status payload", held, BY_VERSION[930].to_payload()
    yield "held older than the base", BY_VERSION[890], good
    yield "held newer than the end", BY_VERSION[930], delta(900, 920)
    yield "held of more entries", status(version=915, size=60_006), good
    yield "held of another environment", status(version=910, environment="prod"), good
    yield "format 2", held, of(lambda content: content.update({1: 2}))
    yield "coding 1", held, of(lambda content: content.update({7: 1}))
    yield "an item less", held, of(lambda content: content.pop(13))
    yield "an item more", held, of(lambda content: content.update({16: 0}))
    yield "base after the end", held, of(lambda content: content.update({14: 931}))
    yield "base in text", held, of(lambda content: content.update({14: "900"}))
    yield "an entry in a set and in none", held, of(lambda content: content.update({13: content[8]}))
    yield "an entry in two sets", held, of(lambda content: content.update({12: content[8]}))
    yield "a changed entry beyond N", held, of(lambda content: content.update({5: 60_004}))
    yield "a cleared entry beyond N", status(version=910, size=0, **EMPTY), tiny(cleared=one)
    yield "a set in another coding", held, of(lambda content: content.update({13: [1, b"\x08\x20"]}))
    yield "no signature", held, of(lambda content: content.update({15: None}))
    yield "a signature with payload", held, of(lambda content: content.update({15: whole(930)}))
    yield "a signature of 63 bytes", held, of(lambda content: content.update({15: short(930)}))


EMPTY: Any = dict.fromkeys(("voided", "unreleased", "revoked", "superseded", "suspended"), frozenset())


def tiny(cleared: Any) -> bytes:
    """Return a delta to a status that knows no entry."""
    end = status(version=930, size=0, **EMPTY)
    made = StatusDelta.starting_at(status(version=900, size=0, **EMPTY), signature(end))
    made = made.extended(Step.between(made.after, end), signature(end))
    return edited(made.to_bytes(), lambda content: content.update({13: cleared}))


def whole(version: int) -> Any:
    return cbor.decode(file(BY_VERSION[version]))


def short(version: int) -> Any:
    signed: Any = cbor.decode(signature(BY_VERSION[version]).to_bytes())
    return cbor.Tagged(18, [*signed.value[:3], signed.value[3][:63]])


NOON: datetime = NOW.replace(hour=12)
NAMES: list[tuple[datetime, datetime, str | None]] = [
    (NOON, NOON, "status/since/2026-11-20T12.cbor"),
    (NOON, NOON - HOUR, "status/since/2026-11-20T12.cbor"),
    (NOON, NOON + 7 * HOUR - SECOND, "status/since/2026-11-20T12.cbor"),
    (NOON, NOON + 7 * HOUR, "status/since/2026-11-20.cbor"),
    (NOON + HOUR - SECOND, NOON + 7 * HOUR, "status/since/2026-11-20.cbor"),
    (NOON - 12 * HOUR, NOON - 12 * HOUR + 9 * DAY - SECOND, "status/since/2026-11-20.cbor"),
    (NOON - 12 * HOUR, NOON - 12 * HOUR + 9 * DAY, None),
    (NOON + 12 * HOUR - SECOND, NOON - 12 * HOUR + 9 * DAY, None),
    (NOON, NOON + 400 * DAY, None),
]
"""When the status that is held was made, now, and the delta to ask for."""
