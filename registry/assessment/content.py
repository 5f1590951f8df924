"""What was handed in, as text and before any check of its meaning; the same for JSON, for a workbook and for a CSV.

Readers make it, ``checking`` reads it: three kinds of file, one set of rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from registry.assessment.fault import Fault

MAX_ROWS = 100_000
MAX_FILE_BYTES = 16 * 1024 * 1024
"""Of a file of any kind, and of what a request that brings one may send."""
MAX_TEXT_CHARACTERS = 1000
"""In one cell, or one value."""


class Column(StrEnum):
    """What a submission says, named as in the JSON form; the first six once, the others in each row."""

    ISSUER = "issuer"
    SITE = "site"
    PROVINCE = "province"
    EXAM_STARTED_ON = "exam_started_on"
    EXAM_ENDED_ON = "exam_ended_on"
    LATE_REASON = "late_reason"
    ROW = "row"
    NAME = "name"
    ID_TYPE = "id_type"
    ID_NUMBER = "id_number"
    OCCUPATION = "occupation"
    EDITION = "edition"
    DIRECTION = "direction"
    LEVEL = "level"
    THEORY = "theory"
    PRACTICE = "practice"
    COMMITMENT = "commitment"
    TRAINING_CERTIFICATE = "training_certificate"
    TRAINING_HOURS = "training_hours"
    ISSUED_ON = "issued_on"
    CORRECTS = "corrects"
    REASON = "reason"
    PHOTO = "photo"


HEADER_COLUMNS = tuple(Column)[:6]
ROW_COLUMNS = tuple(Column)[6:]
OPTIONAL_COLUMNS = frozenset(
    {
        Column.LATE_REASON,
        Column.DIRECTION,
        Column.TRAINING_CERTIFICATE,
        Column.TRAINING_HOURS,
        Column.ISSUED_ON,
        Column.CORRECTS,
        Column.REASON,
        Column.PHOTO,
    }
)
# What the cell of a commitment says when it is given.
COMMITTED = "true"


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row: where the clerk finds it, and its cells.

    A cell is the text of what was written, "" for nothing. A column that could not be read is *missing*: its
    fault is told already, and nobody checks it again.
    """

    place: int
    cells: Mapping[Column, str]


@dataclass(frozen=True, slots=True)
class Content:
    """A whole submission as text; ``headings`` are the columns' names in this kind of file.

    ``counts`` are the statistics that the body worked out itself, to be held against ours; ``draft`` is the draft
    that the file was settled from, ``replaces`` the submission that is withdrawn for it. All are None where the file
    says nothing of them, as no workbook does.
    """

    header: Mapping[Column, str]
    rows: tuple[RawRow, ...]
    headings: Mapping[Column, str]
    faults: tuple[Fault, ...]
    counts: Mapping[str, int] | None = None
    draft: UUID | None = None
    replaces: UUID | None = None
