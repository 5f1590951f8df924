"""What a signer is asked: bytes, and why they may be signed (docs/formats.md §13).

The evidence of a submission is its three signed decisions, and the hashes of the rows that each of them confirms; the
evidence of an item is its row among them. Nothing here decides: see ``examination``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from signing import merkle, shape
from signing.cbor import Value
from signing.errors import Malformed

STEPS: Final = 3
MAX_ITEMS: Final = 1000
MAX_EVIDENCE: Final = 1000
MAX_OPENINGS: Final = 1000


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why rows of one submission may become certificates.

    ``decisions`` are the signed decisions of province, centre and office. ``leaves`` are, for each of them, the RFC
    6962 hashes of the rows it confirms, joined, in the order of the rows; ``None`` for the same rows as the step
    before it.
    """

    decisions: tuple[bytes, bytes, bytes]
    leaves: tuple[bytes, bytes | None, bytes | None]

    def to_value(self) -> Value:
        """Return the evidence as an item of a request."""
        return [list(self.decisions), list(self.leaves)]

    @classmethod
    def from_value(cls, value: Value) -> Evidence:
        """Read an item of a request; ``Malformed`` otherwise."""
        decisions, leaves = shape.array(value, 2, 2)
        province, centre, office = (shape.content(item) for item in shape.array(decisions, STEPS, STEPS))
        first, *later = shape.array(leaves, STEPS, STEPS)
        second, third = (None if item is None else _hashes(item) for item in later)
        return cls((province, centre, office), (_hashes(first), second, third))


@dataclass(frozen=True, slots=True)
class Item:
    """Bytes to be signed, and what they rest on.

    ``evidence`` is the place of the submission's evidence in the request, ``row`` the row as it was confirmed;
    ``corrected`` are the signed bytes of the entry that the row corrects, ``None`` for a first certificate. An item
    without evidence and row asks for a signature that was given before, after a crash or a restore: it is refused
    unless the journal has these very bytes.
    """

    to_be_signed: bytes
    evidence: int | None = None
    row: bytes | None = None
    corrected: bytes | None = None

    def to_value(self) -> Value:
        """Return the item as it stands in a request."""
        return [self.to_be_signed, self.evidence, self.row, self.corrected]

    @classmethod
    def from_value(cls, value: Value) -> Item:
        """Read an item of a request; ``Malformed`` otherwise."""
        to_be_signed, evidence, row, corrected = shape.array(value, 4, 4)
        if (evidence is None) != (row is None):
            raise Malformed("a row without evidence, or evidence without a row")
        return cls(
            shape.content(to_be_signed),
            None if evidence is None else shape.integer(evidence),
            None if row is None else shape.content(row),
            None if corrected is None else shape.content(corrected),
        )


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """A batch for one key, all or none of which is signed; ``openings`` are the signed openings of its series."""

    items: Sequence[Item]
    evidence: Sequence[Evidence] = ()
    openings: Sequence[bytes] = ()

    def to_value(self) -> Value:
        """Return the request as a value of our CBOR."""
        return [
            [item.to_value() for item in self.items],
            [evidence.to_value() for evidence in self.evidence],
            list(self.openings),
        ]

    @classmethod
    def from_value(cls, value: Value) -> SigningRequest:
        """Read a request; ``Malformed`` unless it is one, with its limits kept."""
        items, evidence, openings = shape.array(value, 3, 3)
        read = cls(
            [Item.from_value(item) for item in shape.array(items, 0, MAX_ITEMS)],
            [Evidence.from_value(item) for item in shape.array(evidence, 0, MAX_EVIDENCE)],
            [shape.content(item) for item in shape.array(openings, 0, MAX_OPENINGS)],
        )
        if any(item.evidence is not None and item.evidence >= len(read.evidence) for item in read.items):
            raise Malformed("an item names evidence that is not there")
        return read


def repeats(to_be_signed: Sequence[bytes]) -> SigningRequest:
    """Return a request for signatures that were given before."""
    return SigningRequest([Item(bytes_) for bytes_ in to_be_signed])


def _hashes(value: Value) -> bytes:
    joined = shape.content(value)
    if len(joined) % merkle.HASH_SIZE:
        raise Malformed("not whole hashes")
    return joined
