"""A submission that is right in everything, to be spoilt in one place at a time."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from registry.assessment.checking import check
from registry.assessment.content import Content
from registry.assessment.errors import SubmissionRefused
from registry.assessment.fault import Fault
from registry.assessment.form import SubmissionForm
from registry.assessment.identity import check_character
from registry.assessment.reading import JSON_MEDIA_TYPE, WORKBOOK_MEDIA_TYPE, read_content
from registry.assessment.template import write_workbook
from registry.directory.body_view import BodyView
from registry.directory.reading import shipped_directory
from registry.jurisdiction.rules import jurisdictions
from tests.instants import THAT_DAY

ISSUER = "S0002"
SITE = "000002"


def resident_id(serial: int) -> str:
    """Return an invented resident ID of 沈阳 with the right check character; a thousand for each birthday."""
    days, sequence = divmod(serial, 1000)
    body = f"210102{date(1970, 1, 1) + timedelta(days=days):%Y%m%d}{sequence:03d}"
    return body + check_character(body)


def row(number: int, **changes: Any) -> dict[str, Any]:
    """Return a row of the JSON form that is right, but for the changes."""
    return {
        "row": number,
        "name": f"张三{chr(0x4E00 + number)}",
        "id_type": "resident_id",
        "id_number": resident_id(number),
        "occupation": "2-02-10-11",
        "edition": 1,
        "direction": "大数据分析",
        "level": "intermediate",
        "theory": "86.5",
        "practice": "70.0",
        "commitment": True,
        "training_certificate": None,
        "training_hours": None,
        "issued_on": None,
        "corrects": None,
        "reason": None,
        "photo": None,
        **changes,
    }


def form(*rows: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a form that is right, but for the changes; three good rows if none are given."""
    return {
        "format": "certreg-submission/1",
        "issuer": ISSUER,
        "site": SITE,
        "province": "21",
        "exam_started_on": "2026-11-07",
        "exam_ended_on": "2026-11-08",
        "late_reason": None,
        "rows": list(rows) or [row(1), row(2), row(3)],
        **changes,
    }


def view(issuer: str = ISSUER) -> BodyView:
    """Return the snapshot of a body as the shipped directory has it."""
    data = shipped_directory()
    return BodyView(
        body=next(body for body in data.bodies if body.issuer == issuer),
        sites={(site.province, site.code): site for site in data.sites if site.issuer == issuer},
        listings=tuple(listing for listing in data.listings if listing.issuer == issuer),
        occupations={named.occupation: named for named in data.occupations},
        directions={direction.code: direction for direction in data.directions},
    )


def as_json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def read_as_json(document: Any) -> Content:
    return read_content(as_json(document), JSON_MEDIA_TYPE)


def read_as_workbook(document: Any) -> Content:
    return read_content(write_workbook(document), WORKBOOK_MEDIA_TYPE)


def checked(content: Content, *, today=THAT_DAY, body: BodyView | None = None) -> SubmissionForm:
    return check(content, body or view(), today=today, jurisdictions=jurisdictions())


def faults_of(content: Content, *, today=THAT_DAY, body: BodyView | None = None) -> tuple[Fault, ...]:
    """Return the faults for which the content is refused; () if it is accepted."""
    try:
        checked(content, today=today, body=body)
    except SubmissionRefused as refusal:
        return refusal.faults
    return ()


def places_and_codes(faults: tuple[Fault, ...]) -> list[tuple[int | None, str | None, str]]:
    return [(fault.row, fault.column, fault.code) for fault in faults]
