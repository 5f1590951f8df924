"""What stands behind a certificate: decisions over rows (``signing.row``), the body's claim (formats.md §9).

The formats are fixed here so that a signer without database, or a court, can check them. Who may decide,
and whether a result suffices, is the register's business.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from signing import cbor, cose, shape
from signing.cose import Envelope, Kind
from signing.ed25519 import PublicKey
from signing.errors import Malformed, UnknownKey

VERSION: Final = 1
DIGEST_SIZE: Final = 32


class Step(StrEnum):
    """The three steps of review: 省级, 中心, 办公室."""

    PROVINCE = "province"
    CENTRE = "centre"
    OFFICE = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one reviewer decided on one submission at one step.

    ``rows_digest`` is over the ``rows`` rows that are confirmed; ``returned`` are the numbers of the rows
    sent back, ascending; ``decided_at`` is aware, in UTC, of whole seconds; ``jurisdiction`` is ``CN-21``
    for a province, ``CN`` for centre and office.
    """

    submission: UUID
    step: Step
    jurisdiction: str
    rows_digest: bytes
    rows: int
    returned: tuple[int, ...]
    decided_at: datetime

    def __post_init__(self) -> None:
        """Refuse what the grammar can not hold."""
        shape.text(self.jurisdiction)
        shape.octets(self.rows_digest, DIGEST_SIZE)
        shape.integer(self.rows)
        shape.ascending(shape.integer(row) for row in self.returned)

    def to_bytes(self) -> bytes:
        """Return the payload that the reviewer signs with kind ``decision``."""
        return cbor.encode([
            VERSION, self.submission.bytes, str(self.step), self.jurisdiction, self.rows_digest, self.rows,
            self.returned, shape.seconds(self.decided_at),
        ])  # fmt: skip

    @classmethod
    def from_bytes(cls, data: bytes) -> "Decision":
        """Read a payload; ``Malformed`` unless ``to_bytes`` would write it."""
        version, submission, step, jurisdiction, digest, rows, returned, decided_at = shape.array(
            cbor.decode(data), 8, 8
        )
        shape.integer(version, VERSION, VERSION)
        if shape.text(step) not in _STEPS:
            raise Malformed("not a step of review")
        return cls(
            submission=shape.uuid(submission),
            step=Step(shape.text(step)),
            jurisdiction=shape.text(jurisdiction),
            rows_digest=shape.octets(digest, DIGEST_SIZE),
            rows=shape.integer(rows),
            returned=tuple(shape.integer(row) for row in shape.array(returned)),
            decided_at=shape.instant(decided_at),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionClaim:
    """What a body signs when it hands in a file: who it is, and SHA-256 of the file."""

    issuer: str
    media_type: str
    content_digest: bytes

    def to_bytes(self) -> bytes:
        """Return the detached payload of the submission signature."""
        return cbor.encode([
            VERSION, shape.text(self.issuer), shape.text(self.media_type),
            shape.octets(self.content_digest, DIGEST_SIZE),
        ])  # fmt: skip

    @classmethod
    def from_bytes(cls, data: bytes) -> "SubmissionClaim":
        """Read a claim; ``Malformed`` unless ``to_bytes`` would write it."""
        version, issuer, media_type, digest = shape.array(cbor.decode(data), 4, 4)
        shape.integer(version, VERSION, VERSION)
        return cls(
            issuer=shape.text(issuer),
            media_type=shape.text(media_type),
            content_digest=shape.octets(digest, DIGEST_SIZE),
        )


def open_decision(data: bytes, public_key: PublicKey, environment: str) -> Decision:
    """Return a signed decision if this reviewer's key signed it for this environment.

    Raises ``Malformed``, ``UnknownKey`` (another key id) or ``BadSignature``. That the reviewer may decide,
    and that the digest is that of the rows at hand, is for the caller to ask.
    """
    return Decision.from_bytes(open_claim(data, public_key, environment, Kind.DECISION))


def open_claim(data: bytes, public_key: PublicKey, environment: str, kind: Kind) -> bytes:
    """Return the payload that this key signed as a claim of this kind; errors as ``open_decision``."""
    envelope = Envelope.from_bytes(data)
    if envelope.payload is None:
        raise Malformed(f"{kind} without payload")
    _require_signature(envelope, None, public_key, environment, kind)
    return envelope.payload


def check_submission_claim(
    signature: bytes, claim: SubmissionClaim, public_key: PublicKey, environment: str
) -> None:
    """Refuse a detached signature over this claim that this body's key did not make.

    Raises the errors of ``open_decision``.
    """
    _require_signature(
        Envelope.from_bytes(signature), claim.to_bytes(), public_key, environment, Kind.SUBMISSION
    )


def _require_signature(
    envelope: Envelope, payload: bytes | None, public_key: PublicKey, environment: str, kind: Kind
) -> None:
    if envelope.key_id != cose.key_id(public_key.public):
        raise UnknownKey(envelope.key_id)
    public_key.verify(envelope.signature, envelope.signed_bytes(environment, kind, payload))


_STEPS: Final = frozenset(Step)
