"""What was handed in, as text and before any check of its meaning; the same for JSON, for a workbook and for a CSV.

Readers make it, ``checking`` reads it: three kinds of file, one set of rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from registry.assessment.fault import Fault

MAX_ROWS = 100_000


class Column(StrEnum):
    """What a submission says, named as in the JSON form; the first five once, the others in each row."""

    ISSUER = "issuer"
    SITE = "site"
    PROVINCE = "province"
    EXAM_STARTED_ON = "exam_started_on"
    EXAM_ENDED_ON = "exam_ended_on"
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
    ISSUED_ON = "issued_on"
    CORRECTS = "corrects"
    REASON = "reason"


HEADER_COLUMNS = tuple(Column)[:5]
ROW_COLUMNS = tuple(Column)[5:]
OPTIONAL_COLUMNS = frozenset({Column.DIRECTION, Column.ISSUED_ON, Column.CORRECTS, Column.REASON})


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
    """A whole submission as text; ``headings`` are the columns' names in this kind of file."""

    header: Mapping[Column, str]
    rows: tuple[RawRow, ...]
    headings: Mapping[Column, str]
    faults: tuple[Fault, ...]
