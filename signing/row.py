"""One candidate's result as reviewers confirm it (formats.md §9): the leaf of the digest that they sign.

Written is version 2. Version 1 knew neither the photo nor who was absent; decisions over such rows stay provable, so it
is read, and written where a decision is over it. This is the one place where rows are encoded and decoded.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from signing import cbor, shape
from signing.errors import Malformed
from signing.statement import MAX_ID_CHECK, Level, Occupation, read_level, read_occupation, require_name

FIRST_VERSION: Final = 1
VERSION: Final = 2
BLINDING_SIZE: Final = 16
PHOTO_SIZE: Final = 32
MAX_ROW: Final = 4294967295
PASS_MARK: Final = 600
MAX_SCORE: Final = 1000

_ITEMS: Final = {FIRST_VERSION: 18, VERSION: 19}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a submission.

    A value outside the grammar raises ``Malformed``, a date outside it when the row is written.

    ``theory`` and ``practice`` are tenths of a point of 100, ``None`` for who was absent (缺考); ``passed`` is true if
    both are at least 600. ``issued_on`` is the 发证日期 that the body chose, ``None`` for the register's day of issue;
    ``corrects`` the entry that this row corrects, ``None`` for a first certificate; ``photo`` SHA-256 of the photo as
    the register keeps it, ``None`` for a row without one; ``blinding`` is random, so that a digest gives nothing away.
    A row of version 1 has no photo, and 0 for who was absent.
    """

    version: int = VERSION
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
    theory: int | None
    practice: int | None
    passed: bool
    exam_ended_on: date
    issued_on: date | None
    corrects: int | None
    photo: bytes | None

    def __post_init__(self) -> None:
        """Refuse what the grammar can not hold."""
        # Written out, not asked of ``shape``: a row is made for every certificate, and more than once.
        if type(self.version) is not int or self.version not in _ITEMS:
            raise Malformed("not a version of a row")
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
        if corrects is not None and (type(corrects) is not int or not 0 <= corrects <= cbor.MAX_INTEGER):
            raise Malformed("corrects is not the number of an entry")
        self._require_scores()
        self._require_photo()

    def _require_scores(self) -> None:
        passed = True
        for score in (self.theory, self.practice):
            if score is None and self.version != FIRST_VERSION:
                passed = False
            elif type(score) is not int or not 0 <= score <= MAX_SCORE:
                raise Malformed("a score is not 0..1000")
            elif score < PASS_MARK:
                passed = False
        if self.passed is not passed:
            raise Malformed("passed is not what the scores say")

    def _require_photo(self) -> None:
        if self.photo is None:
            return
        if self.version == FIRST_VERSION:
            raise Malformed("a row of version 1 has no photo")
        if type(self.photo) is not bytes or len(self.photo) != PHOTO_SIZE:
            raise Malformed("photo is not 32 bytes")

    def to_bytes(self) -> bytes:
        """Return the leaf of the rows digest."""
        items: list[cbor.Value] = [
            self.version, self.blinding, self.submission.bytes, self.row, self.issuer, self.site, self.province,
            self.holder_name, self.id_check, [self.occupation.edition, self.occupation.code], self.direction,
            int(self.level), self.theory, self.practice, self.passed, shape.days(self.exam_ended_on),
            None if self.issued_on is None else shape.days(self.issued_on), self.corrects,
        ]  # fmt: skip
        return cbor.encode(items if self.version == FIRST_VERSION else [*items, self.photo])

    @classmethod
    def from_bytes(cls, data: bytes) -> "Row":
        """Read a row of either version; ``Malformed`` unless ``to_bytes`` would write it."""
        items = cbor.decode(data)
        if type(items) is not list or not items:
            raise Malformed("not a row")
        version = shape.integer(items[0], FIRST_VERSION, VERSION)
        if len(items) != _ITEMS[version]:
            raise Malformed(f"not the {_ITEMS[version]} items of a row of version {version}")
        (
            _, blinding, submission, row, issuer, site, province, holder_name, id_check, occupation, direction,
            level, theory, practice, passed, exam_ended_on, issued_on, corrects, *photo,
        ) = items  # fmt: skip
        # What is handed over as it is, the row itself refuses if it is out of the grammar.
        return cls(
            version=version,
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
            photo=photo[0] if photo else None,
        )
