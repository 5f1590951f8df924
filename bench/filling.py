"""Certificates in bulk, of invented people.

Submissions and results are written straight into their tables: nothing was handed in, and what would be sealed is
random bytes of the usual length. From there on everything is the register's own: three signed decisions, numbering,
signing and release, by the functions that `certreg review` and `certreg issue` call.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.registers import Register
from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.civil_time import civil_date
from registry.operator.demo_cast import PROVINCE
from registry.operator.submission_commands import sign_and_decide
from registry.operator.work import Issued, issue
from signing.evidence import Step
from signing.id_check import IdType
from signing.statement import Level

ROWS = 1000
"""Results of one submission: as many as one transaction of the register takes."""

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红鑫宇浩然子涵梓轩一诺䶮𬭸"
FIRST_BIRTHDAY, DAYS = date(1950, 1, 1), 20_000
SEALED_BYTES = 47
SERIAL = count(1)


@dataclass(frozen=True, slots=True)
class Person:
    """An invented candidate."""

    name: str
    id_number: str


def person(serial: int) -> Person:
    """Return the candidate of this serial number; names repeat, ID numbers do not."""
    given, rest = serial % len(GIVEN), serial // len(GIVEN)
    name = SURNAMES[rest % len(SURNAMES)] + GIVEN[given] + GIVEN[rest % len(GIVEN)]
    born_on = FIRST_BIRTHDAY + timedelta(days=serial % DAYS)
    return Person(name, f"210102{born_on:%Y%m%d}{serial // DAYS:04d}")


def add_approved(register: Register, people: list[Person], *, now: datetime) -> UUID:
    """Store one submission with a passed result for each of these people, and let three reviewers approve it."""
    hand = register.cast.hands[0]
    submission_id = uuid4()
    submission = {
        "id": submission_id,
        "issuer": hand.issuer,
        "site_code": hand.site,
        "province": PROVINCE,
        "exam_started_on": civil_date(now),
        "exam_ended_on": civil_date(now),
        "received_at": now,
        "late": False,
        "media_type": "application/json",
        "content_digest": secrets.token_bytes(32),
        "sealed_content": secrets.token_bytes(SEALED_BYTES),
        "signature": bytes(64),
        "key_id": hand.office.key.key_id,
        "submitted_by": hand.office.account,
        "status": SubmissionStatus.PROVINCE,
    }
    results = [_result(register, submission_id, row, one) for row, one in enumerate(people, start=1)]

    def act(session: Session) -> None:
        session.execute(insert(Submission), [submission])
        session.execute(insert(Result), results)

    register.sessions.run(act)
    for step in Step:
        sign_and_decide(register.desk, submission_id, register.cast.reviewers[step].key, {})
    return submission_id


def fill(register: Register, people: list[Person], *, now: datetime) -> Iterator[Issued]:
    """Make a released certificate for each of these people; yield after each submission."""
    for start in range(0, len(people), ROWS):
        submission_id = add_approved(register, people[start : start + ROWS], now=now)
        yield issue_all(register, submission_id, now=now)


def issue_all(register: Register, submission_id: UUID, *, now: datetime) -> Issued:
    """Number, sign and release a submission."""
    desk = register.desk
    return issue(
        desk.installation,
        desk.custody,
        desk.actor,
        now=now,
        progress=lambda _: None,
        submissions=[submission_id],
    )


def _result(register: Register, submission_id: UUID, row: int, one: Person) -> dict[str, object]:
    serial = next(SERIAL)
    return {
        "id": uuid4(),
        "submission_id": submission_id,
        "row": row,
        "name_received": one.name,
        "holder_name": one.name,
        "id_type": IdType.RESIDENT_ID,
        "sealed_id_number": secrets.token_bytes(SEALED_BYTES),
        "id_match": register.desk.installation.matcher.match(IdType.RESIDENT_ID, one.id_number),
        "edition": 2,
        "occupation": 2021011,
        "direction": None,
        "level": Level.SENIOR,
        "theory": 800,
        "practice": 750,
        "passed": True,
        "issued_on": None,
        "corrects": None,
        "correction_reason": None,
        "blinding": secrets.token_bytes(16),
        "id_check": serial % 4096,
        "returned_at_step": None,
    }
