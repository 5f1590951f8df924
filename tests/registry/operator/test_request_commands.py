"""What bodies ask of their certificates, decided by command."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from registry.journal.tables import LogHead
from registry.people.accounts import load_actor
from registry.people.representative import Representative
from registry.people.tables import EnrolledKey
from registry.request.asking import ask
from registry.request.kinds import RequestKind
from registry.request.reading import any_request
from tests.instants import NOON
from tests.registry.operator.office import ISSUER
from tests.registry.operator.test_certificate_commands import numbers


@pytest.fixture
def issued(office) -> list[str]:
    office.approved()
    office.done("issue")
    return numbers(office)


def asked(office, number: str, kind: RequestKind = RequestKind.REVOKE) -> UUID:
    installation = office.installation

    def body(session) -> Representative:
        key = session.scalars(select(EnrolledKey).where(EnrolledKey.purpose == "submission")).one()
        return Representative(load_actor(session, key.account_id), ISSUER, key.key_id)

    by = installation.sessions.read(body)
    request = ask(installation.sessions, by, installation.profiles, number, kind, "站点有误", now=NOON)
    return request.id


def status_of(office, request: UUID) -> str:
    return office.installation.sessions.read(lambda session: any_request(session, request)).status


def test_nothing_that_waits_is_said(office):
    assert "没有待处理的申请" in office.done("requests", "list")


def test_a_request_is_listed_shown_and_granted(office, issued):
    request = asked(office, issued[0])

    assert f"撤销 {issued[0]}" in office.done("requests", "list")
    assert "站点有误" in office.done("requests", "show", request)
    said = office.done("requests", "grant", request, "--ground", "issued_in_error", "--yes")

    assert f"{issued[0]}：有效 → 已撤销" in said
    assert "状态文件" in said
    assert status_of(office, request) == "granted"
    assert "没有待处理的申请" in office.done("requests", "list")
    office.done("check")


def test_a_lifted_suspension_is_told_as_far_as_it_comes(office, issued):
    office.done("suspend", issued[0], "--reason", "under_investigation", "--yes")
    request = asked(office, issued[0], RequestKind.REINSTATE)

    said = office.done("requests", "grant", request, "--ground", "investigation_closed", "--yes")

    assert "已恢复，待公开" in said


def test_a_request_is_declined_with_an_answer(office, issued):
    request = asked(office, issued[0])

    office.done("requests", "decline", request, "--answer", "证书无误")

    assert "证书无误" in office.done("requests", "show", request)
    assert status_of(office, request) == "declined"


def test_a_grant_needs_its_ground(office, issued):
    request = asked(office, issued[0])

    assert "--ground" in office.refused("requests", "grant", request, "--yes", code=2)
    assert "原因" in office.refused("requests", "grant", request, "--ground", "investigation_closed", "--yes")

    assert status_of(office, request) == "open"


def test_a_correction_needs_its_submission(office, issued):
    request = asked(office, issued[0], RequestKind.CORRECT)

    office.refused("requests", "grant", request, "--ground", "issued_in_error", "--yes", code=2)
    office.refused("requests", "grant", request, "--correction", uuid4(), "--yes")

    assert status_of(office, request) == "open"


def test_the_question_shows_what_is_decided(office, issued):
    office.done("suspend", issued[0], "--reason", "under_investigation", "--yes")
    request = asked(office, issued[0])

    said = office.refused("requests", "grant", request, "--ground", "exam_fraud", input="n\n")

    for shown in ("站点有误", "证书当前状态：已暂停", f"撤销 {issued[0]}", "考核作弊", "不能撤回"):
        assert shown in said
    assert status_of(office, request) == "open"


def test_nobody_is_asked_about_what_can_not_be_granted(office, issued):
    revocation, suspension = asked(office, issued[0]), asked(office, issued[0], RequestKind.SUSPEND)
    correction = asked(office, issued[1], RequestKind.CORRECT)
    office.done("suspend", issued[0], "--reason", "under_investigation", "--yes")
    ground, either = ("--ground", "exam_fraud"), ("--correction", uuid4())

    for code, *arguments in (
        (2, revocation, *ground, *either),
        (2, correction, *ground, *either),
        (2, revocation, *either),
        (2, correction, *ground),
        (1, revocation, "--ground", "investigation_closed"),
        (1, revocation, *ground, "--answer", "证件 11010519491231002X 已核对"),
        (1, suspension, *ground),
        (1, correction, *either),
    ):
        said = office.refused("requests", "grant", *arguments, code=code, input="y\n")
        assert "不能撤回" not in said

    for request in (revocation, suspension, correction):
        assert status_of(office, request) == "open"


@pytest.mark.parametrize("kind", [RequestKind.REINSTATE, RequestKind.REVOKE])
def test_a_register_that_only_reads_asks_about_what_takes_out_of_force_alone(office, issued, kind):
    office.done("suspend", issued[0], "--reason", "under_investigation", "--yes")
    request = asked(office, issued[0], kind)
    behind = update(LogHead).values(behind="a witness knows more")
    office.installation.sessions.run(lambda session: session.execute(behind) and None)
    ground = {RequestKind.REINSTATE: "investigation_closed", RequestKind.REVOKE: "exam_fraud"}[kind]

    said = office.refused("requests", "grant", request, "--ground", ground, input="n\n")

    assert ("不能撤回" in said) is (kind is RequestKind.REVOKE)
    assert ("only reads" in said) is (kind is RequestKind.REINSTATE)
    assert status_of(office, request) == "open"


def test_a_request_that_is_not_there_is_said(office):
    assert "没有编号为" in office.refused("requests", "show", uuid4())
