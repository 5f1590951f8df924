"""The page that people look at before their body signs: self-contained, printable, without script.

It shows what will be signed, and enlarges with its code point every character that a clerk may take for another one.
"""

import base64
from hashlib import sha256
from importlib.resources import files
from typing import Final

from flask import render_template
from markupsafe import Markup

from registry.assessment.content import HEADER_COLUMNS, MAX_TEXT_CHARACTERS, ROW_COLUMNS, Column
from registry.assessment.statistics import COUNTS
from registry.assessment.workbook_form import HEADINGS, LABELS
from registry.draft.pages import Preview
from registry.draft.status import STATUS_NAMES
from registry.shown_text import shown

# No reference to elsewhere: the page may be saved, and is the same then.
_STYLE: Final = files("registry.api").joinpath("templates", "api", "draft_preview.css").read_text("utf-8")
_HASH: Final = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
# In a page that was saved, framing is nobody's to forbid.
_POLICY_INSIDE: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
POLICY: Final = f"{_POLICY_INSIDE}; frame-ancestors 'none'"

# Not among the columns: the name has one of its own, no row without commitment is settled, photos are no cells.
LEFT_OUT: Final = frozenset({Column.NAME, Column.COMMITMENT, Column.PHOTO})
# Shown only where a row has something in it.
_SELDOM: Final = frozenset(
    {Column.TRAINING_CERTIFICATE, Column.TRAINING_HOURS, Column.ISSUED_ON, Column.CORRECTS, Column.REASON}
)


# Codes in the clerk's words; of several, the first one.
_LABELS: Final = {
    column: {code: label for label, code in reversed(labels.items())} for column, labels in LABELS.items()
}


def preview_page(preview: Preview) -> str:
    """Return the page. It is whole before it is sent, so that a fault of the register never looks like a short list."""
    return render_template(
        "api/draft_preview.html",
        state=preview.state,
        header={HEADINGS[column]: text for column in HEADER_COLUMNS if (text := preview.header.get(column))},
        status=STATUS_NAMES[preview.state.status],
        counts=COUNTS,
        columns=_columns(preview),
        labels=_LABELS,
        rows=preview.rows,
        shown=_whole,
        style=Markup(_STYLE),
        policy=_POLICY_INSIDE,
    )


def _columns(preview: Preview) -> dict[Column, str]:
    """Return the columns of the list with their headings: all that is signed of a row."""
    used = {column for row in preview.rows for column, text in row.cells.items() if text}
    return {
        column: HEADINGS[column]
        for column in ROW_COLUMNS
        if column not in LEFT_OUT and (column not in _SELDOM or column in used)
    }


def _whole(text: str) -> str:
    """Return a text that can be shown, not shortened: all of it is signed."""
    return shown(text, most=MAX_TEXT_CHARACTERS)
