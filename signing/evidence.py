"""What stands behind a certificate: result rows, decisions over them, the body's claim (formats.md §9).

The formats are fixed here so that a signer without database, or a court, can check them. Who may decide,
and whether a result suffices, is the register's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from signing import cbor, cose, merkle, shape
from signing.cose import Envelope, Kind
from signing.ed25519 import PublicKey
from signing.errors import Malformed, UnknownKey
from signing.statement import MAX_ID_CHECK, Level, Occupation, read_level, read_occupation, require_name

VERSION: Final = 1
BLINDING_SIZE: Final = 16
DIGEST_SIZE: Final = 32
MAX_ROW: Final = 4294967295
PASS_MARK: Final = 600
MAX_SCORE: Final = 1000


class Step(StrEnum):
    """The three steps of review: 省级, 中心, 办公室."""

    PROVINCE = "province"
    CENTRE = "centre"
    OFFICE = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One candidate's result as reviewers confirm it.

    A value outside the grammar raises ``Malformed``, a date outside it when the row is written.

    ``theory`` and ``practice`` are tenths of a point of 100, and ``passed`` is true if both are at least
    600. ``issued_on`` is the 发证日期 that the body chose, ``None`` for the register's day of issue;
    ``corrects`` the entry that this row corrects, ``None`` for a first certificate; ``blinding`` is random,
    so that a digest gives nothing away.
    """

    blinding: bytes
    submission: UUID
    row: int
    issuer: str
    site: str
    province: str
    holder_name: str
    id_check: int
    occupation: Occupation
    direction: int | None
    level: Level
    theory: int
    practice: int
    passed: bool
    exam_ended_on: date
    issued_on: date | None
    corrects: int | None

    def __post_init__(self) -> None:
        """Refuse what the grammar can not hold."""
        # Written out, not asked of ``shape``: a row is made for every certificate, and more than once.
        if type(self.blinding) is not bytes or len(self.blinding) != BLINDING_SIZE:
            raise Malformed("blinding is not 16 bytes")
        if type(self.row) is not int or not 1 <= self.row <= MAX_ROW:
            raise Malformed("row is not 1..4294967295")
        if not type(self.issuer) is type(self.site) is type(self.province) is str:
            raise Malformed("issuer, site or province is not a text")
        require_name(self.holder_name)
        if type(self.id_check) is not int or not 0 <= self.id_check <= MAX_ID_CHECK:
            raise Malformed("id check is not 0..4095")
        direction, corrects = self.direction, self.corrects
        if direction is not None and (type(direction) is not int or not 1 <= direction <= 255):
            raise Malformed("direction is not 1..255")
        self._require_scores()
        if corrects is not None and (type(corrects) is not int or not 0 <= corrects <= cbor.MAX_INTEGER):
            raise Malformed("corrects is not the number of an entry")

    def _require_scores(self) -> None:
        theory, practice = self.theory, self.practice
        if type(theory) is not int or not 0 <= theory <= MAX_SCORE:
            raise Malformed("theory is not 0..1000")
        if type(practice) is not int or not 0 <= practice <= MAX_SCORE:
            raise Malformed("practice is not 0..1000")
        if self.passed is not (theory >= PASS_MARK and practice >= PASS_MARK):
            raise Malformed("passed is not what the scores say")

    def to_bytes(self) -> bytes:
        """Return the leaf of the rows digest."""
        return cbor.encode([
            VERSION, self.blinding, self.submission.bytes, self.row, self.issuer, self.site, self.province,
            self.holder_name, self.id_check, [self.occupation.edition, self.occupation.code], self.direction,
            int(self.level), self.theory, self.practice, self.passed, shape.days(self.exam_ended_on),
            None if self.issued_on is None else shape.days(self.issued_on), self.corrects,
        ])  # fmt: skip

    @classmethod
    def from_bytes(cls, data: bytes) -> "Row":
        """Read a row; ``Malformed`` unless ``to_bytes`` would write it."""
        items = cbor.decode(data)
        if type(items) is not list or len(items) != 18:
            raise Malformed("not the eighteen items of a row")
        (
            version, blinding, submission, row, issuer, site, province, holder_name, id_check, occupation,
            direction, level, theory, practice, passed, exam_ended_on, issued_on, corrects,
        ) = items  # fmt: skip
        shape.integer(version, VERSION, VERSION)
        # What is handed over as it is, the row itself refuses if it is out of the grammar.
        return cls(
            blinding=blinding,
            submission=shape.uuid(submission),
            row=row,
            issuer=issuer,
            site=site,
            province=province,
            holder_name=holder_name,
            id_check=id_check,
            occupation=read_occupation(occupation),
            direction=direction,
            level=read_level(level),
            theory=theory,
            practice=practice,
            passed=passed,
            exam_ended_on=shape.day(exam_ended_on),
            issued_on=None if issued_on is None else shape.day(issued_on),
            corrects=corrects,
        )


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


def rows_digest(rows: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash over encoded rows, given in ascending row number."""
    return merkle.tree_hash(rows)


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
