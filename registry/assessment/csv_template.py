"""Writing the CSV: the empty template that exporting systems follow, and a filled one from the JSON form.

With a byte order mark, without which Excel reads UTF-8 as something else.
"""

import codecs
import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from registry.assessment.content import HEADER_COLUMNS, Column
from registry.assessment.csv_content import COLUMNS
from registry.assessment.workbook_form import HEADINGS, written_label


def write_csv_template() -> bytes:
    """Return the line of headings."""
    return write_csv({"rows": []})


def write_csv(form: Mapping[str, Any]) -> bytes:
    """Return a CSV that says what this JSON form (``certreg-submission/1``) says, as values are, right or wrong."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(HEADINGS[column] for column in COLUMNS)
    rows: Sequence[Mapping[str, Any]] = form.get("rows", ())
    for row in rows:
        said = {column: (form if column in HEADER_COLUMNS else row).get(column) for column in COLUMNS}
        writer.writerow(_written(column, value) for column, value in said.items())
    return codecs.BOM_UTF8 + target.getvalue().encode()


def _written(column: Column, value: Any) -> str:
    if value is None:
        return ""
    # JSON's own word for it, which a label stands for.
    return written_label(column, str(value).lower() if isinstance(value, bool) else str(value))
