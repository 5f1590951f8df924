"""CSV files for the tests: one that is right, and ways to spoil it."""

from typing import Any

from registry.assessment.content import Content
from registry.assessment.csv_template import write_csv
from registry.assessment.reading import CSV_MEDIA_TYPE, read_content
from tests.registry.assessment.submissions import form


def good_text() -> str:
    """Return a CSV of three good rows, without byte order mark, lines ended by CRLF."""
    return write_csv(form()).decode("utf-8-sig")


def read(content: bytes) -> Content:
    return read_content(content, CSV_MEDIA_TYPE)


def read_as_csv(document: Any) -> Content:
    return read(write_csv(document))


def spoilt(old: str, new: str, *, count: int = 1) -> str:
    """Return the good text with a part replaced; it must be there."""
    text = good_text()
    assert old in text
    return text.replace(old, new, count)
