"""The file that was handed in, read once more by the readers of intake, and held against the rows it became.

Only what follows from the file alone is asked: rules that depend on a day or on the directory (a deadline, a listing)
were asked when it came, and may be others today.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from registry.assessment import cell_reading
from registry.assessment.content import Column, Content
from registry.assessment.errors import CellRefused, ContentUnreadable, UnsupportedMediaType
from registry.assessment.holder_name import normal_name
from registry.assessment.reading import read_content
from registry.assessment.score import paper, passes
from registry.assessment.settled import MAX_BYTES
from registry.assessment.written_date import written_date
from registry.audit.submission_rows import Handed
from signing.id_check import canonical
from signing.statement import Occupation

HEAD = "*"


def row_differences(
    handed: Handed, content: bytes, numbers: Mapping[int, str | None], corrected: Mapping[int, str]
) -> Iterator[tuple[str, str]]:
    """Yield row number and difference for everything that the rows do not say as the file does.

    ``numbers`` are the opened ID numbers by row, ``corrected`` the certificates' numbers by entry.
    """
    try:
        read = read_content(content, handed.submission.media_type, max_bytes=MAX_BYTES)
    except (ContentUnreadable, UnsupportedMediaType) as refusal:
        yield HEAD, f"what was handed in can not be read ({type(refusal).__name__})"
        return
    for what in _head_differences(handed.submission, read):
        yield HEAD, what
    written = {row.cells.get(Column.ROW, ""): row.cells for row in read.rows}
    if len(read.rows) != len(handed.results):
        yield HEAD, f"the file has {len(read.rows)} rows, and {len(handed.results)} are stored"
    for result in handed.results:
        cells = written.get(str(result.row))
        if cells is None:
            yield str(result.row), "the file has no such row"
            continue
        try:
            said = _said(cells)
        except CellRefused as refusal:
            yield str(result.row), f"the file's row is refused today ({refusal.code})"
            continue
        number = corrected.get(result.corrects) if result.corrects is not None else ""
        stored = _stored(result, numbers.get(result.row), number)
        for name in [name for name, value in said.items() if stored[name] != value]:
            yield str(result.row), f"{name} is not what the file says"


def _head_differences(submission: Any, read: Content) -> Iterator[str]:
    stored = {
        Column.ISSUER: submission.issuer,
        Column.SITE: submission.site_code,
        Column.PROVINCE: submission.province,
        Column.EXAM_STARTED_ON: submission.exam_started_on.isoformat(),
        Column.EXAM_ENDED_ON: submission.exam_ended_on.isoformat(),
        Column.LATE_REASON: (submission.late_reason or "").strip(),
    }
    # Reasons are kept without the blanks around them; those of long ago may have some yet.
    said = {**read.header, Column.LATE_REASON: read.header.get(Column.LATE_REASON, "").strip()}
    for column, value in stored.items():
        if said.get(column) != value:
            yield f"{column} is not what the file says"


def _said(cells: Mapping[Column, str]) -> dict[str, object]:
    theory, practice = paper(cells[Column.THEORY]), paper(cells[Column.PRACTICE])
    occupation = Occupation.parse(
        cells[Column.OCCUPATION], edition=cell_reading.edition(cells[Column.EDITION])
    )
    issued_on = cells[Column.ISSUED_ON]
    return {
        "name_received": cells[Column.NAME],
        "holder_name": normal_name(cells[Column.NAME]),
        "id_type": cells[Column.ID_TYPE],
        "sealed_id_number": canonical(cells[Column.ID_NUMBER]),
        "occupation": (occupation.edition, occupation.code),
        "direction": bool(cells[Column.DIRECTION]),
        "level": int(cell_reading.level(cells[Column.LEVEL])),
        "theory": theory.tenths,
        "practice": practice.tenths,
        "absent_theory": theory.absent,
        "absent_practice": practice.absent,
        "passed": passes(theory=theory.tenths, practice=practice.tenths),
        "training_certificate": cells[Column.TRAINING_CERTIFICATE],
        "training_hours": cells[Column.TRAINING_HOURS],
        "photo": cells[Column.PHOTO],
        "issued_on": written_date(issued_on) if issued_on else None,
        "corrects": cells[Column.CORRECTS],
        "correction_reason": cells[Column.REASON].strip(),
    }


def _stored(result: Any, id_number: str | None, corrected: str | None) -> dict[str, object]:
    return {
        "name_received": result.name_received,
        "holder_name": result.holder_name,
        "id_type": result.id_type,
        "sealed_id_number": id_number,
        "occupation": (result.edition, result.occupation),
        "direction": result.direction is not None,
        "level": result.level,
        "theory": result.theory,
        "practice": result.practice,
        "absent_theory": result.absent_theory,
        "absent_practice": result.absent_practice,
        "passed": result.passed,
        "training_certificate": result.training_certificate or "",
        "training_hours": "" if result.training_hours is None else str(result.training_hours),
        "photo": "" if result.photo is None else result.photo.hex(),
        "issued_on": result.issued_on,
        "corrects": corrected,
        "correction_reason": (result.correction_reason or "").strip(),
    }
