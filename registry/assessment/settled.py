"""The settled content: the one JSON text of a checked submission, which its body signs (``docs/decisions/020``).

It is ``certreg-submission/1`` like what a body may hand in directly, and is read and checked by the same functions. But
each form has one text only: members in the order of the form, all of them, no spaces, UTF-8 unescaped, names as they
will be signed, ID numbers canonical, scores as short as they go.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from registry.assessment.content import Column
from registry.assessment.errors import ContentUnreadable
from registry.assessment.form import ResultForm, SubmissionForm, statistics
from registry.assessment.json_claims import DRAFT, REPLACES, STATISTICS
from registry.assessment.json_content import FORMAT
from registry.assessment.levels import LEVEL_CODES
from registry.assessment.score import Paper, written
from registry.assessment.statistics import counts_of

# 100,000 rows as they usually are have 45 MB; for as many to reach this, each would need 1,300 bytes.
MAX_BYTES: Final = 128 * 1024 * 1024


def settled_json(form: SubmissionForm, *, draft: UUID, replaces: UUID | None = None) -> bytes:
    """Return the text of a checked form, to be read with ``read_content(…, max_bytes=MAX_BYTES)``.

    ``draft`` is the draft that it was settled from, ``replaces`` the submission that is withdrawn for it: whoever signs
    this answers for that too. Reading and checking the text gives the same form again, but that
    the name received is now the name that will be signed. Raises ``ContentUnreadable`` if it is longer than
    ``MAX_BYTES``: then nobody could read it.
    """
    text = json.dumps(_document(form, draft, replaces), ensure_ascii=False, separators=(",", ":")).encode()
    if len(text) > MAX_BYTES:
        message = f"内容超过 {MAX_BYTES // 1024 // 1024} MB"
        raise ContentUnreadable("too_large", message, "请分成几次报送")
    return text


def _document(form: SubmissionForm, draft: UUID, replaces: UUID | None) -> dict[str, Any]:
    return {
        "format": FORMAT,
        Column.ISSUER: form.issuer,
        Column.SITE: form.site_code,
        Column.PROVINCE: form.province,
        Column.EXAM_STARTED_ON: form.exam_started_on.isoformat(),
        Column.EXAM_ENDED_ON: form.exam_ended_on.isoformat(),
        Column.LATE_REASON: form.late_reason,
        "rows": [_row(result) for result in form.rows],
        STATISTICS: counts_of(statistics(form.rows)),
        DRAFT: str(draft),
        REPLACES: None if replaces is None else str(replaces),
    }


def _row(result: ResultForm) -> Mapping[str, Any]:
    return {
        Column.ROW: result.row,
        Column.NAME: result.name,
        Column.ID_TYPE: result.id_type,
        Column.ID_NUMBER: result.id_number,
        Column.OCCUPATION: result.occupation.text,
        Column.EDITION: result.occupation.edition,
        Column.DIRECTION: result.direction_name,
        Column.LEVEL: LEVEL_CODES[result.level],
        Column.THEORY: written(Paper(result.theory, result.absent_theory)),
        Column.PRACTICE: written(Paper(result.practice, result.absent_practice)),
        # No row without it gets as far as a form.
        Column.COMMITMENT: True,
        Column.TRAINING_CERTIFICATE: result.training_certificate,
        Column.TRAINING_HOURS: result.training_hours,
        Column.ISSUED_ON: None if result.issued_on is None else result.issued_on.isoformat(),
        Column.CORRECTS: result.corrects,
        Column.REASON: result.correction_reason,
        Column.PHOTO: None if result.photo is None else result.photo.hex(),
    }
