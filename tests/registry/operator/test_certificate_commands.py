"""Issuing, publishing and acting on certificates by command."""

import base64
import json
import re
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from registry.certificate.lifecycle import REASONS_FOR, Action, Reason
from registry.certificate.tables import Entry
from registry.operator.custody import Custody
from registry.operator.desk import Desk
from registry.operator.public_tree import publish
from registry.publication.public_files import STATUS
from registry.settings import load_settings
from signing.offline.command import main as certverify
from signing.status import open_status
from tests.instants import NOON
from tests.registry.assessment.submissions import resident_id, row
from tests.registry.operator.office import ISSUER, PROVINCE, SITE, today
from tests.registry.staff_site import everything_stored

FILES = ["certificate.json", "certificate.pdf", "certificate.tlog-proof", "qr.png", "qr.svg", "token.cbor"]


def numbers(office) -> list[str]:
    out = office.folder / "out"
    office.done("documents", "--out", out)
    return sorted(path.name for path in out.iterdir())


def verdict(office, number, capsys) -> str:
    token = office.folder / "out" / number / "token.cbor"
    capsys.readouterr()
    trusted = ["--public", str(office.folder / "public"), "--root", str(office.folder / "trusted-root.json")]
    certverify([str(token), *trusted, "--json"])
    return json.loads(capsys.readouterr().out)["verdict"]


def test_nothing_to_issue_is_said(office):
    office.submitted()

    assert "没有待颁发的证书" in office.done("issue")


def test_what_is_approved_is_issued_and_published(office):
    office.approved()

    said = office.done("issue")

    assert "已编号 3，已签名 3，已发布 3" in said
    assert "登记序号 1–3" in said
    assert (office.folder / "public" / "status" / "status.cbor").exists()
    assert "没有待颁发的证书" in office.done("issue")


def test_chosen_submissions_are_issued_and_others_wait(office):
    first = office.approved(row(1))
    second = office.approved(row(1, name="王五", id_number=resident_id(500)))

    assert "已编号 1" in office.done("issue", second)
    assert "已编号 1" in office.done("issue", first)


def test_a_submission_without_its_series_keeps_no_other_waiting(office):
    office.done("account", "create", "other", "--role", "submitter:S0003", "--key", office.key("other"))
    exam = {"by": "other", "issuer": "S0003", "site": "000003"}
    held_back = office.approved(row(1, occupation="2-02-10-15", direction=None), **exam)
    office.approved()

    said = office.refused("issue")

    assert f"submission {held_back} can not be numbered" in said
    assert "certreg series open" in said
    assert "已编号 3，已签名 3，已发布 3" in said
    assert f"submission {held_back} can not be numbered" in office.done("work", "--once")
    scope = ("--issuer", "S0003", "--province", PROVINCE, "--site", "000003", "--year", today().year)
    office.done("series", "open", *scope)
    assert "已编号 1，已签名 1，已发布 1" in office.done("issue")


def test_documents_are_written_for_all_or_for_those_named(office):
    office.approved()
    office.done("issue")
    everybody = numbers(office)

    (office.folder / "one").mkdir(mode=0o755)
    before = stat.S_IMODE((office.folder / "one").stat().st_mode)

    said = office.done("documents", everybody[1], "--out", office.folder / "one")
    assert "未制作" not in said

    assert "1 份" in said
    assert [path.name for path in (office.folder / "one").iterdir()] == [everybody[1]]
    assert stat.S_IMODE((office.folder / "one" / everybody[1]).stat().st_mode) == 0o700
    assert stat.S_IMODE((office.folder / "one").stat().st_mode) == before
    assert sorted(path.name for path in (office.folder / "one" / everybody[1]).iterdir()) == FILES


def test_every_certificate_has_its_proof_of_the_public_log_with_it(office, capsys):
    office.approved()
    office.done("issue")
    office.done("documents", "--out", office.folder / "all")

    trusted = ["--public", str(office.folder / "public"), "--root", str(office.folder / "trusted-root.json")]
    for number in numbers(office):
        folder = office.folder / "all" / number
        told = json.loads((folder / "certificate.json").read_text("utf-8"))
        (attached,) = PdfReader(folder / "certificate.pdf").attachments["certificate.tlog-proof"]
        code = certverify(
            [
                str(folder / "token.cbor"),
                *trusted,
                "--proof",
                str(folder / "certificate.tlog-proof"),
                "--json",
            ]
        )
        said = json.loads(capsys.readouterr().out)

        assert code == 0
        assert said["proof"]["witnesses"] == ["dte.example/witness"]
        assert told["number"] == number
        assert told["proof"].encode() == attached == (folder / "certificate.tlog-proof").read_bytes()
        assert base64.b64decode(told["token"]) == (folder / "token.cbor").read_bytes()


def test_a_certificate_that_the_public_log_does_not_show_gets_no_files(office):
    office.approved()
    office.done("issue")
    shutil.rmtree(office.folder / "public" / "log" / "tile" / "entries")

    said = office.refused("documents", "--out", office.folder / "all")

    assert said.count("公开日志不能证明它") == 3
    assert not (office.folder / "all").exists()


def test_a_row_that_somebody_changed_keeps_no_other_certificate_from_its_files(office):
    office.approved()
    office.done("issue")
    changed, *others = numbers(office)
    tokens = [(office.folder / "out" / number / "token.cbor").read_bytes() for number in (changed, others[0])]
    office.installation.sessions.run(
        lambda session: session.execute(update(Entry).where(Entry.token == tokens[0]).values(token=tokens[1]))
    )

    said = office.refused("documents", "--out", office.folder / "all")

    assert f"{changed} 未制作：登记的证书内容不能通过验证" in said
    assert sorted(path.name for path in (office.folder / "all").iterdir()) == others


def test_documents_need_a_place_and_a_number_that_there_is(office):
    assert "--out" in office.refused("documents", code=2)
    assert "is a file" in office.refused("documents", "--out", office.folder / "register.sqlite3", code=2)
    assert "no certificate" in office.refused(
        "documents", "S000221000002269000001", "--out", office.folder / "out"
    )


def test_a_certificate_is_suspended_reinstated_and_revoked_for_ever(office, capsys):
    office.approved()
    office.done("issue")
    number = numbers(office)[0]
    assert verdict(office, number, capsys) == "valid"

    assert "有效 → 已暂停" in office.done("suspend", number, "--reason", "under_investigation", "--yes")
    assert verdict(office, number, capsys) == "suspended"
    said = office.done("reinstate", number, "--reason", "investigation_closed", "--yes")
    assert "已暂停 → 已恢复，待公开" in said
    assert "已恢复，待公开 → 有效" in said
    assert verdict(office, number, capsys) == "valid"
    assert "有效 → 已撤销" in office.done("revoke", number, "--reason", "exam_fraud", "--yes")
    assert verdict(office, number, capsys) == "revoked"
    assert "cannot reinstate" in office.refused(
        "reinstate", number, "--reason", "investigation_closed", "--yes"
    )
    assert verdict(office, number, capsys) == "revoked"


@pytest.mark.parametrize("act", [Action.SUSPEND, Action.REINSTATE, Action.REVOKE])
def test_an_act_needs_a_certificate_a_reason_and_a_yes(office, act):
    lawful = REASONS_FOR[act]
    office.approved(row(1))
    office.done("issue")
    (number,) = numbers(office)
    stored = everything_stored(office.installation)
    unknown = number[:-1] + "9"

    assert "no certificate" in office.refused(act, unknown, "--reason", lawful[0], "--yes")
    assert "--reason" in office.refused(act, number, "--yes", code=2)
    said = office.refused(act, number, "--reason", "because", "--yes", code=2)
    assert all((reason.value in said) is (reason in lawful) for reason in Reason)
    assert "Aborted" in office.refused(act, number, "--reason", lawful[0], input="n\n")
    assert everything_stored(office.installation) == stored


def version_in(said: str) -> int:
    found = re.search(r"status file (\d+):", said)
    assert found
    return int(found[1])


def test_publishing_again_makes_a_newer_status(office):
    first = office.done("publish")

    second = office.done("publish")

    assert version_in(second) > version_in(first)


def test_who_publishes_at_once_waits_and_nobody_is_refused(office):
    office.approved()
    office.done("issue")
    desk = Desk(load_settings(office.environ))

    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(publish, desk.installation, Custody(desk.settings), now=NOON) for _ in range(12)]
        versions = [each.result().version for each in made]

    assert len(set(versions)) == 12
    assert Custody(desk.settings).status_memory.last().version == max(versions)
    public = open_status((office.folder / "public" / STATUS).read_bytes(), desk.custody.trust)
    desk.close()
    assert public.version == max(versions)


def test_publishing_before_the_keys_are_founded_says_what_to_do(empty_office):
    empty_office.done("init")

    assert "certreg key found" in empty_office.refused("publish")
    assert "certreg key found" in empty_office.refused("work", "--once")
    scope = ("--issuer", ISSUER, "--province", PROVINCE, "--site", SITE, "--year", today().year)
    assert "opened" in empty_office.done("series", "open", *scope)
