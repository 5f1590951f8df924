"""Handing in and reviewing by command."""

import json
import shutil
from datetime import timedelta

import click
import pyrage
import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, update

from keys.holder_key import HolderKey
from registry.assessment.template import write_template, write_workbook
from registry.operator.desk import present
from registry.people.accounts import Purpose
from registry.people.tables import EnrolledKey
from signing.evidence import Decision, Step
from tests.registry.assessment.submissions import resident_id, row
from tests.registry.operator.office import ISSUER, today
from tests.registry.staff_site import everything_stored
from tests.registry.statements import counted, require_unread

SIGN_CLAIM = HolderKey.sign_claim
NOWHERE = "00000000-0000-0000-0000-000000000000"


def submit(office, path, key="body"):
    return ("submit", path, "--issuer", ISSUER, "--key", office.key(key))


def test_results_are_handed_in_and_are_ready_for_review(office):
    said = office.done(*submit(office, office.results()))

    assert "参加 3，合格 3，不合格 0" in said
    assert office.done("submissions").rstrip().endswith("待省级审核")


def test_the_list_does_not_read_what_was_handed_in(office):
    made = office.submitted()

    with counted(Engine) as statements:
        assert made in office.done("submissions")

    require_unread(statements)


def test_the_same_file_again_is_answered_with_the_first_receipt(office):
    first = office.done(*submit(office, office.results()))

    again = office.done(*submit(office, office.results()))

    assert again.split()[1].startswith(first.split()[1])
    assert "此前已接收" in again


def test_a_workbook_is_handed_in_as_well(office):
    path = office.folder / "结果.XLSX"
    path.write_bytes(write_workbook(json.loads(office.results().read_bytes())))

    assert "参加 3" in office.done(*submit(office, path))


def test_every_fault_is_told_and_nothing_is_stored(office):
    stored = everything_stored(office.installation)
    path = office.results(row(1, theory="160.0"), row(2), row(3, id_number=resident_id(3)[:-1] + "?"))

    said = office.refused(*submit(office, path))

    assert "未接收：2 处错误" in said
    assert "第 1 行“theory”" in said
    assert "第 3 行“id_number”" in said
    assert everything_stored(office.installation) == stored


def test_the_empty_template_is_refused_with_what_is_missing(office):
    path = office.folder / "template.xlsx"
    path.write_bytes(write_template())

    assert "未接收" in office.refused(*submit(office, path))


@pytest.mark.parametrize("name", ["results.ods", "results", "results.xls", "results.json.txt"])
def test_a_file_of_another_kind_is_wrong_use(office, name):
    path = office.folder / name
    path.write_bytes(b"{}")

    assert ".xlsx workbook, a .csv or a .json file" in office.refused(*submit(office, path), code=2)


def test_a_folder_or_nothing_is_wrong_use(office):
    assert "is a directory" in office.refused(*submit(office, office.folder), code=2)
    assert "does not exist" in office.refused(*submit(office, office.folder / "none.json"), code=2)


WRONG_KEYS = [
    ("province", "does not count"),
    ("damaged", "not a whole age file"),
    ("somebody's", "not sealed to this identity"),
]


@pytest.mark.parametrize(("name", "why"), WRONG_KEYS)
def test_a_wrong_key_is_refused_in_words(office, name, why):
    stored = everything_stored(office.installation)
    if name == "damaged":
        office.key(name).write_bytes(b"age-encryption.org/v1\n")
        office.key(name).chmod(0o600)
        office.key(name).with_suffix(".pub").write_bytes(office.key("body").with_suffix(".pub").read_bytes())
    if name == "somebody's":
        other = pyrage.x25519.Identity.generate()
        office.key(name).write_bytes(pyrage.encrypt(b"x", [other.to_public()]))
        office.key(name).chmod(0o600)
        shutil.copy(office.key("body").with_suffix(".pub"), office.key(name).with_suffix(".pub"))

    said = office.refused(*submit(office, office.results(), key=name))

    assert why in said
    assert everything_stored(office.installation) == stored


def test_a_key_file_that_is_not_there_or_is_no_key_file_is_wrong_use(office):
    path = office.results()

    office.refused(*submit(office, path, key="nobody"), code=2)
    assert ".age" in office.refused("submit", path, "--issuer", ISSUER, "--key", path, code=2)


def test_a_key_that_others_can_read_is_refused(office):
    office.key("body").chmod(0o644)

    assert "chmod go-rwx" in office.refused(*submit(office, office.results()))


def test_another_bodys_name_is_not_signed_for(office):
    said = office.refused("submit", office.results(), "--issuer", "S0003", "--key", office.key("body"))

    assert "not signed" in said


def test_three_reviewers_confirm_and_it_is_approved(office):
    submission = office.submitted()

    for name, status in (("province", "待中心初核"), ("centre", "待办公室审核"), ("office", "已通过")):
        said = office.done("review", submission, "--key", office.key(name), "--yes")
        assert "确认 3 行，退回 0 行" in said
        assert f"报送状态：{status}" in said


def test_a_reviewer_is_asked_before_he_signs(office):
    submission = office.submitted()

    said = office.refused("review", submission, "--key", office.key("province"), input="n\n")

    assert "签署后不能撤回" in said
    assert office.done("submissions").rstrip().endswith("待省级审核")


def test_rows_are_returned_with_their_reason(office):
    submission = office.submitted()

    said = office.done(
        "review", submission, "--key", office.key("province"), "--return", "2=照片不符", "--yes"
    )

    assert "确认 2 行，退回 1 行" in said


@pytest.mark.parametrize("text", ["2", "2=", "=x", "二=x", "-1=x", "2= ", "９=x"])
def test_a_row_is_returned_with_number_and_reason_or_not_at_all(office, text):
    submission = office.submitted()

    said = office.refused(
        "review", submission, "--key", office.key("province"), "--return", text, "--yes", code=2
    )

    assert "ROW=REASON" in said


def test_a_row_that_is_not_there_is_not_returned(office):
    submission = office.submitted()

    assert "not among the rows" in office.refused(
        "review", submission, "--key", office.key("province"), "--return", "9=x", "--yes"
    )


@pytest.mark.parametrize(("name", "why"), [("centre", "may not review_province"), ("body", "does not count")])
def test_without_the_right_to_it_nobody_decides(office, name, why):
    submission = office.submitted()

    said = office.refused("review", submission, "--key", office.key(name), "--yes")

    assert why in said
    assert office.done("submissions").rstrip().endswith("待省级审核")


def test_a_decided_submission_waits_for_nobody(office):
    submission = office.approved()

    assert "does not wait" in office.refused("review", submission, "--key", office.key("office"), "--yes")


def test_an_unknown_submission_is_refused_in_words(office):
    assert "certreg submissions" in office.refused("review", NOWHERE, "--key", office.key("office"), "--yes")
    assert "certreg submissions" in office.refused("issue", NOWHERE)
    assert "UUID" in office.refused("review", "17", "--key", office.key("office"), code=2)


def test_a_template_is_written_once_and_can_be_read(office):
    file = office.folder / "template.xlsx"

    assert "成绩" in office.done("template", file)

    assert "至少填写一行" in office.refused(*submit(office, file))
    assert "there already" in office.refused("template", file, code=2)
    assert ".xlsx" in office.refused("template", office.folder / "template.csv", code=2)


def test_a_template_is_made_for_a_body_an_occupation_and_a_level(office):
    file = office.folder / "S0002.xlsx"

    office.done(
        *("template", file, "--issuer", ISSUER, "--occupation", "2-02-10-11", "--level", "senior"),
    )

    sheet = load_workbook(file)["考核信息"]
    said = {line[0].value: line[1].value for line in sheet}
    assert (said["评价机构代码"], said["职业编码"], said["等级"]) == (ISSUER, "2-02-10-11", "高级")


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        (("--issuer", ISSUER, "--occupation", "2-02-10-15"), 2, "not listed for 2-02-10-15"),
        (("--issuer", ISSUER, "--occupation", "big data"), 2, "it is for 2-02-10-10, 2-02-10-11"),
        (("--occupation", "2-02-10-11"), 2, "needs --issuer"),
        (("--issuer", ISSUER, "--level", "senior"), 2, "needs --occupation"),
        (("--issuer", ISSUER, "--occupation", "2-02-10-11", "--level", "高"), 2, "senior"),
        (("--issuer", "S9999"), 1, "S9999"),
    ],
)
def test_a_template_for_what_there_is_not_is_not_written(office, options, code, why):
    file = office.folder / "none.xlsx"

    assert why in office.refused("template", file, *options, code=code)
    assert not file.exists()


def test_a_reviewer_sees_why_it_is_late_and_who_was_absent(office):
    long_ago = str(today() - timedelta(days=90))
    days = {"exam_started_on": long_ago, "exam_ended_on": long_ago}
    assert "没有说明逾期原因" in office.refused(*submit(office, office.results(row(1), **days)))
    late = office.results(row(1, theory="absent"), row(2), late_reason="系统故障", **days)

    assert "参加 2，合格 1，不合格 1（其中缺考 1）" in office.done(*submit(office, late))

    submission = office.done("submissions").split()[0]
    said = office.refused("review", submission, "--key", office.key("province"), input="n\n")
    assert "逾期报送：系统故障" in said
    assert " 缺考  70.0  不合格" in said


def test_a_reviewer_sees_what_he_is_about_to_sign(office):
    office.done(*submit(office, office.results()))
    submission = office.done("submissions").split()[0]

    said = office.refused(
        "review", submission, "--key", office.key("province"), "--return", "2=照片不符", input="n\n"
    )

    assert f"（{ISSUER}）" in said
    assert said.count("合格") >= 2
    assert "退回：照片不符" in said


def test_who_may_not_decide_is_shown_nothing(office):
    office.done(*submit(office, office.results()))
    submission = office.done("submissions").split()[0]

    said = office.refused("review", submission, "--key", office.key("office"), "--yes")

    assert "may not review_province" in said
    assert "确认" not in said


def test_a_reviewer_signs_what_was_shown_or_nothing(office, monkeypatch):
    submission = office.submitted()
    signed = []

    def meanwhile(*_, **__):
        office.done("review", submission, "--key", office.key("province"), "--yes")

    def sign_claim(self, payload, **more):
        signed.append(Decision.from_bytes(payload).step)
        return SIGN_CLAIM(self, payload, **more)

    monkeypatch.setattr(HolderKey, "sign_claim", sign_claim)
    monkeypatch.setattr(click, "confirm", meanwhile)

    office.refused("review", submission, "--key", office.key("province"))

    assert signed == [Step.PROVINCE, Step.PROVINCE]
    assert office.done("submissions").rstrip().endswith("待中心初核")


def withdraw(office, submission, *more, key="body"):
    return ("withdraw", submission, "--key", office.key(key), "--reason", "成绩有误", *more)


def handed_in(office):
    return office.done(*submit(office, office.results())).split()[1]


def test_what_was_handed_in_is_taken_back_once(office):
    submission = handed_in(office)

    first = office.done(*withdraw(office, submission, "--yes"))
    again = office.done(*withdraw(office, submission, "--yes"))

    assert first.startswith("已撤回")
    assert again.startswith("此前已撤回")
    assert office.done("submissions").rstrip().endswith("已由评价机构撤回")


def test_nothing_is_taken_back_unless_it_is_said_twice(office):
    submission = handed_in(office)

    assert "不能恢复" in office.refused(*withdraw(office, submission), input="n\n")
    assert "待省级审核" in office.done("submissions")


def test_a_key_that_was_revoked_while_the_body_was_asked_takes_nothing_back(office, monkeypatch):
    submission = handed_in(office)

    def meanwhile(*_args, **_more):
        its = update(EnrolledKey).where(EnrolledKey.purpose == Purpose.SUBMISSION)
        revoked = its.values(revoked_at=present())
        office.installation.sessions.run(lambda session: session.execute(revoked) and None)

    monkeypatch.setattr(click, "confirm", meanwhile)

    assert "revoked" in office.refused(*withdraw(office, submission))
    assert "待省级审核" in office.done("submissions")


def test_what_is_decided_on_is_not_taken_back(office):
    submission = handed_in(office)
    office.done("review", submission, "--key", office.key("province"), "--yes")

    assert "省级审核已作出决定" in office.refused(*withdraw(office, submission, "--yes"))


def test_nobody_but_the_body_takes_it_back(office):
    submission = handed_in(office)

    assert "another purpose" in office.refused(*withdraw(office, submission, "--yes", key="province"))
    assert "待省级审核" in office.done("submissions")


def test_what_is_not_there_is_not_taken_back(office):
    assert NOWHERE in office.refused(*withdraw(office, NOWHERE, "--yes"))
