"""Certificates in bulk, of invented people.

Submissions are handed in by the register's own intake, as JSON files that their body signed. The ID checks alone are
made up: each honest one takes 20 ms on purpose. From there on everything is the register's own again: three signed
decisions, numbering, signing and release, by the functions that `certreg review` and `certreg issue` call.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.registers import Register
from registry.assessment.coverage import id_checks_digest
from registry.assessment.identity import check_character
from registry.assessment.reading import JSON_MEDIA_TYPE
from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Result, Submission
from registry.civil_time import civil_date
from registry.intake.submission import HandedIn, claim_for, submit
from registry.journal.record import record
from registry.operator.demo_cast import PROVINCE
from registry.operator.submission_commands import sign_and_decide
from registry.operator.work import Issued, issue
from signing.cose import Kind
from signing.evidence import Step
from signing.id_check import IdType

ROWS = 1000
"""Results of one submission: as many as one transaction of the register takes."""

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红鑫宇浩然子涵梓轩一诺䶮𬭸"
FIRST_BIRTHDAY, DAYS = date(1950, 1, 1), 20_000


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
    number = f"210102{born_on:%Y%m%d}{serial // DAYS:03d}"
    return Person(name, number + check_character(number))


def add_approved(register: Register, people: list[Person], *, now: datetime) -> UUID:
    """Hand in one submission with a passed result for each of these people; let three reviewers approve it."""
    desk, hand = register.desk, register.cast.hands[0]
    content = _file(register, people, now=now)
    claim = claim_for(content, JSON_MEDIA_TYPE, issuer=hand.issuer)
    environment, installation = desk.settings.environment, desk.installation
    signature = hand.office.key.sign_claim(
        claim.to_bytes(), kind=Kind.SUBMISSION, environment=environment, detached=True
    )
    receipt = submit(
        register.sessions,
        HandedIn(content, JSON_MEDIA_TYPE, signature),
        installation.personal,
        installation.jurisdictions,
        environment=environment,
        now=now,
    )
    register.sessions.run(lambda session: _make_up_id_checks(session, receipt.submission_id, now=now))
    for step in Step:
        sign_and_decide(desk, receipt.submission_id, register.cast.reviewers[step].key, {})
    return receipt.submission_id


def _file(register: Register, people: Sequence[Person], *, now: datetime) -> bytes:
    hand, day = register.cast.hands[0], str(civil_date(now))
    rows = [_row(row, one) for row, one in enumerate(people, start=1)]
    form = {"format": "certreg-submission/1", "issuer": hand.issuer, "site": hand.site, "province": PROVINCE}
    days = {"exam_started_on": day, "exam_ended_on": day}
    return json.dumps({**form, **days, "rows": rows}, ensure_ascii=False).encode()


def _row(row: int, one: Person) -> dict[str, object]:
    return {
        "row": row,
        "name": one.name,
        "id_type": IdType.RESIDENT_ID,
        "id_number": one.id_number,
        "occupation": "2-02-10-11",
        "edition": 1,
        "direction": "大数据分析",
        "level": "senior",
        "theory": "80.0",
        "practice": "75.0",
        "commitment": True,
        "issued_on": None,
        "corrects": None,
        "reason": None,
    }


def _make_up_id_checks(session: Session, submission_id: UUID, *, now: datetime) -> None:
    """Write what ``compute_id_checks`` would, without the work that it is for."""
    rows = list(
        session.scalars(select(Result).where(Result.submission_id == submission_id).order_by(Result.row))
    )
    for result in rows:
        result.id_check = result.row % 4096
    session.get_one(Submission, submission_id).status = SubmissionStatus.PROVINCE
    digest = id_checks_digest([(result.row, result.id_check) for result in rows])
    record(session, "check_ids", f"submission:{submission_id}", at=now, digest=digest)


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
        now=lambda: now,
        progress=lambda _: None,
        submissions=[submission_id],
    )
