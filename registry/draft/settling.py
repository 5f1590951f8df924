"""The settled content: the one text that a body signs for a draft that is right."""

import json
from uuid import UUID

from registry.assessment.content import HEADER_COLUMNS, ROW_COLUMNS, Column, Content
from registry.assessment.form import SubmissionForm
from registry.assessment.json_content import FORMAT


def settled_content(content: Content, form: SubmissionForm, draft_id: UUID) -> bytes:
    """Return the settled content of a checked form."""
    whole = {Column.ROW, Column.EDITION}
    names = {str(row.row): row.name for row in form.rows}
    rows = [
        {
            str(column): names[row.cells[Column.ROW]]
            if column is Column.NAME
            else int(row.cells[column])
            if column in whole
            else row.cells[column] or None
            for column in ROW_COLUMNS
        }
        for row in content.rows
    ]
    head = {str(column): content.header[column] for column in HEADER_COLUMNS}
    document = {"format": FORMAT, **head, "rows": rows}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
