"""The one way into a file handed in: bytes and a media type to ``Content``."""

from pathlib import PurePath

from registry.assessment import csv_content as csv
from registry.assessment import workbook_form
from registry.assessment.content import MAX_FILE_BYTES, Content
from registry.assessment.errors import UnsupportedMediaType
from registry.assessment.json_content import json_content
from registry.assessment.workbook_content import workbook_content

JSON_MEDIA_TYPE = "application/json"
WORKBOOK_MEDIA_TYPE = workbook_form.MEDIA_TYPE
CSV_MEDIA_TYPE = csv.MEDIA_TYPE

MEDIA_TYPES = (JSON_MEDIA_TYPE, WORKBOOK_MEDIA_TYPE, CSV_MEDIA_TYPE)
_BY_SUFFIX = {".json": JSON_MEDIA_TYPE, ".xlsx": WORKBOOK_MEDIA_TYPE, ".csv": CSV_MEDIA_TYPE}


def media_type_of(name: str) -> str:
    """Return the media type that a file's name promises; raises ``UnsupportedMediaType``."""
    suffix = PurePath(name).suffix.lower()
    if suffix not in _BY_SUFFIX:
        raise UnsupportedMediaType(suffix or name, MEDIA_TYPES)
    return _BY_SUFFIX[suffix]


def read_content(content: bytes, media_type: str, *, max_bytes: int = MAX_FILE_BYTES) -> Content:
    """Return what was handed in, as text.

    ``media_type`` is exactly the one that the body signed, without parameters. ``max_bytes`` is for JSON alone, and
    larger only for what the register wrote itself (``settled``); a workbook and a CSV have limits of their own. Raises
    ``UnsupportedMediaType`` for any other than JSON, .xlsx and CSV, ``ContentUnreadable`` when the file as a whole
    can not be read. Faults of single cells are in the answer, for ``checking.check`` to tell together with
    its own.
    """
    if media_type == JSON_MEDIA_TYPE:
        return json_content(content, max_bytes=max_bytes)
    if media_type == WORKBOOK_MEDIA_TYPE:
        return workbook_content(content)
    if media_type == CSV_MEDIA_TYPE:
        return csv.csv_content(content)
    raise UnsupportedMediaType(media_type, MEDIA_TYPES)
