"""The page that people look at before their body signs: self-contained, printable, without script.

It shows what will be signed, and enlarges with its code point every character that a clerk may take for another one.
"""

import base64
from hashlib import sha256
from importlib.resources import files
from typing import Final

from flask import render_template
from markupsafe import Markup

from registry.assessment.content import HEADER_COLUMNS, Column
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

SHOWN: Final = {
    Column.ROW: "序号",
    Column.ID_TYPE: "证件类型",
    Column.ID_NUMBER: "证件号码",
    Column.OCCUPATION: "职业编码",
    Column.DIRECTION: "职业方向",
    Column.LEVEL: "等级",
    Column.THEORY: "理论成绩",
    Column.PRACTICE: "专业能力成绩",
    Column.ISSUED_ON: "发证日期",
    Column.CORRECTS: "更正证书编号",
}


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
        columns=SHOWN,
        labels=_LABELS,
        rows=preview.rows,
        shown=shown,
        style=Markup(_STYLE),
        policy=_POLICY_INSIDE,
    )
