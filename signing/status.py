"""The status file: which entries are no longer, or not yet, what their tokens say (formats.md §7).

A status says nothing about entries above its size. How old it may be is decided in ``verdict``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Final

from signing import cbor, entry_set, shape
from signing.cose import Envelope, Kind
from signing.errors import KeyDistrusted, Malformed, WrongEnvironment, WrongKeyKind
from signing.trust import TrustKeys

FORMAT: Final = 1
PLACES: Final = range(1, 13)
"""Of the items of a payload; the last five are the sets."""
SETS: Final = ("voided", "unreleased", "revoked", "superseded", "suspended")
"""In the order of the file."""
CODING: Final = 2
"""Of the sets, see ``entry_set``; a verifier that does not know it can not tell."""


@dataclass(frozen=True, slots=True)
class Status:
    """The payload of the status file.

    ``made_at`` is aware, in UTC, of whole seconds; entries ``1..size`` are known; ``trust_keys_version`` is
    the version of ``trust/keys`` that was current. The five sets are disjoint and lie in ``1..size``
    (``Malformed`` otherwise).
    """

    environment: str
    version: int
    made_at: datetime
    size: int
    trust_keys_version: int
    voided: frozenset[int]
    unreleased: frozenset[int]
    revoked: frozenset[int]
    superseded: frozenset[int]
    suspended: frozenset[int]

    def __post_init__(self) -> None:
        """Refuse sets that overlap or leave ``1..size``."""
        shape.integer(self.size, 0, entry_set.MAX_ENTRY)
        if not all(one.isdisjoint(other) for one, other in combinations(self.sets, 2)):
            raise Malformed("an entry in two sets")
        if not all(1 <= min(entries) <= max(entries) <= self.size for entries in self.sets if entries):
            raise Malformed("an entry outside 1..size")

    @property
    def sets(self) -> tuple[frozenset[int], ...]:
        """The five sets in the order of the file."""
        return self.voided, self.unreleased, self.revoked, self.superseded, self.suspended

    def to_payload(self) -> bytes:
        """Return the bytes that the status key signs."""
        return cbor.encode(self.to_items())

    def to_items(self) -> dict[int, cbor.Value]:
        """Return what the payload says, item by item."""
        items: dict[int, cbor.Value] = {
            1: FORMAT,
            2: shape.environment(self.environment),
            3: shape.integer(self.version),
            4: shape.seconds(self.made_at),
            5: self.size,
            6: shape.integer(self.trust_keys_version),
            7: CODING,
        }
        return items | dict(enumerate(entry_set.to_values(self.sets), 8))

    @classmethod
    def from_payload(cls, payload: bytes) -> "Status":
        """Read a payload; ``Malformed`` unless ``to_payload`` would write it."""
        return cls.from_items(shape.fields(cbor.decode(payload), PLACES))

    @classmethod
    def from_items(cls, items: Mapping[int, cbor.Value]) -> "Status":
        """Read the items of a payload; ``Malformed`` unless ``to_items`` would return them."""
        shape.integer(items[1], FORMAT, FORMAT)
        shape.integer(items[7], CODING, CODING)
        voided, unreleased, revoked, superseded, suspended = entry_set.from_values(
            [items[place] for place in PLACES[7:]]
        )
        return cls(
            environment=shape.environment(items[2]),
            version=shape.integer(items[3]),
            made_at=shape.instant(items[4]),
            size=shape.integer(items[5]),
            trust_keys_version=shape.integer(items[6]),
            voided=voided,
            unreleased=unreleased,
            revoked=revoked,
            superseded=superseded,
            suspended=suspended,
        )


def open_status(data: bytes, trust: TrustKeys) -> Status:
    """Return the status if a status key of the trust bundle signed it for the bundle's environment.

    Raises ``FormatError`` or a ``VerificationError`` otherwise.
    """
    # 1. One COSE_Sign1 with its payload?
    envelope = Envelope.from_bytes(data)
    if envelope.payload is None:
        raise Malformed("status without payload")
    # 2. By a status key that nobody distrusts?
    key = trust.key(envelope.key_id)
    if key.kind != Kind.STATUS:
        raise WrongKeyKind(found=key.kind, expected=Kind.STATUS)
    if key.key_id in trust.tombstones:
        raise KeyDistrusted(key.key_id)
    # 3. Does the signature hold?
    key.verifier.verify(envelope.signature, envelope.signed_bytes(trust.environment, Kind.STATUS))
    # 4. Is the payload a status, of our environment?
    status = Status.from_payload(envelope.payload)
    if status.environment != trust.environment:
        raise WrongEnvironment(found=status.environment, expected=trust.environment)
    return status
