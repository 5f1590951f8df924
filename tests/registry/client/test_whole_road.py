"""The whole road of a clerk, against a register as it runs: template, faults, mended, signed, certificates."""

import json
import time
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from tests.registry.assessment.submissions import resident_id, row
from tests.registry.client.bureau import PASSPHRASE
from tests.registry.operator.office import PROVINCE, SITE, today

PATIENCE_SECONDS = 120
OCCUPATION = "2-02-10-11"


@pytest.fixture
def filled(bureau):
    """The template, fetched and filled in, with one score that is none."""
    path = bureau.folder / "11月成绩.xlsx"
    bureau.run("template", path, "--occupation", OCCUPATION, "--level", "intermediate")
    workbook = load_workbook(path)
    _fill_exam(workbook["考核信息"])
    sheet = workbook["成绩"]
    headings = {cell.value: cell.column for cell in sheet[1]}
    for number, (name, theory) in enumerate([("张三", "86.5"), ("李四", "一百"), ("王五", "60")], start=1):
        _fill_row(sheet, headings, number, name, theory)
    workbook.save(path)
    return path


def _fill_exam(sheet):
    ended = today() - timedelta(days=7)
    days = {"考核开始日期": ended - timedelta(days=1), "考核结束日期": ended}
    known = {**days, "考核省份代码": PROVINCE, "站点代码": SITE}
    for label, value, *_ in sheet.iter_rows():
        if label.value in known and value.value is None:
            value.value = str(known[label.value])


def _fill_row(sheet, headings, number, name, theory):
    said = {
        "序号": number,
        "姓名": name,
        "证件类型": "居民身份证",
        "证件号码": resident_id(900 + number),
        "理论成绩": theory,
        "专业能力成绩": "70",
        "告知承诺": "是",
    }
    for heading, value in said.items():
        if heading in headings:
            sheet.cell(number + 1, headings[heading]).value = value


def until(bureau, submission, member, count):
    """Wait until so many rows of a submission have come so far."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (progress := bureau.told("status", submission)["progress"])[member] < count:
        assert time.monotonic() < end, progress
        time.sleep(1)


def test_the_whole_road(office, bureau, filled, tmp_path):
    # 1. A faulty file is told, cell by cell, and nothing is handed in.
    found = bureau.told("check", filled, code=1)
    assert (found["status"], found["faults"]) == ("faulty", 1)
    assert found["found"][0]["value"] == "一百"
    draft = found["id"]
    table = bureau.run("check", filled, code=1).stdout
    assert "有错误，待改正" in table
    assert "一百" in table

    # 2. The mended row alone makes it right.
    mended = {"rows": [_mended_row()]}
    correction = bureau.folder / "mended.json"
    correction.write_text(json.dumps(mended, ensure_ascii=False), "utf-8")
    ready = bureau.told("correct", draft, correction)
    assert (ready["status"], ready["statistics"]["passed"]) == ("ready", 3)

    # 3. People look at it, then the body signs.
    page = tmp_path / "preview.html"
    bureau.run("preview", draft, "--to", page, "--no-open")
    assert "王五" in page.read_text("utf-8")
    assert page.stat().st_mode & 0o077 == 0
    declined = bureau.run("sign", draft, said="n\n", code=1)
    assert "合格人数：3" in declined.output
    assert ready["settled_sha256"] in declined.output
    assert bureau.told("status", draft)["status"] == "ready"
    submitted = bureau.told("sign", draft, "--yes", said=f"{PASSPHRASE}\n")
    assert submitted["status"] == "submitted"
    submission = submitted["submission_id"]

    # 4. The review confirms it, and the worker makes certificates of it.
    until(bureau, submission, "id_checked", 3)
    for name in ("province", "centre", "office"):
        office.done("review", submission, "--key", office.key(name), "--yes")
    until(bureau, submission, "released", 3)
    assert "已发布 3" in bureau.run("status", submission).stdout

    # 5. The certificates, all of them, then what is missing, then nothing.
    folder = tmp_path / "certificates"
    assert bureau.told("certificates", submission, "--to", folder)["fetched"] == 3
    numbers = sorted(place.name for place in folder.iterdir())
    assert len(numbers) == 3
    for number in numbers:
        files = {file.name: file.read_bytes() for file in (folder / number).iterdir()}
        assert set(files) == {"token.cbor", "qr.png", "certificate.pdf"}
        assert files["token.cbor"][:1] == b"\xd2"
        assert files["qr.png"].startswith(b"\x89PNG")
        assert files["certificate.pdf"].startswith(b"%PDF")
    (folder / numbers[0] / "certificate.pdf").unlink()
    (folder / numbers[1] / "token.cbor").write_bytes(b"an older one")
    assert bureau.told("certificates", submission, "--to", folder)["fetched"] == 2
    assert bureau.told("certificates", submission, "--to", folder)["fetched"] == 0

    # 6. After-life, and what happened, each thing once.
    asked = bureau.told("request", "revoke", numbers[0], "--reason", "培训证书无效")
    assert (asked["kind"], asked["status"]) == ("revoke", "open")
    again = bureau.run("request", "revoke", numbers[0], "--reason", "培训证书无效", code=1)
    assert "asked_already" in again.output
    assert numbers[0] in bureau.run("request", "list").stdout
    bureau.run("request", "withdraw", asked["id"])
    kept = tmp_path / "cursor"
    first, second = (
        [
            json.loads(line)
            for line in bureau.run("changes", "--json", "--cursor-file", kept).stdout.splitlines()
        ]
        for _ in range(2)
    )
    assert submission in {change["submission_id"] for change in first}
    told = [json.dumps(change) for change in first + second]
    assert len(told) == len(set(told))

    # 7. It is too late to take it back.
    assert "too_late" in bureau.run("withdraw", submission, "--reason", "重复", "--yes", code=1).output


def _mended_row():
    return row(
        2,
        name="李四",
        id_number=resident_id(902),
        direction=None,
        theory="90",
    )


def test_a_file_in_json_goes_the_road_in_one_command(office, bureau):
    rows = [row(number, id_number=resident_id(950 + number)) for number in (1, 2)]
    path = office.results(*rows, name="json.json")

    first = bureau.told("submit", path, "--yes", said=f"{PASSPHRASE}\n")
    again = bureau.told("submit", path, "--yes", code=1)

    assert first["status"] == "submitted"
    assert {fault["code"] for fault in again["found"]} == {"already_passed"}
    assert (
        bureau.told("withdraw", first["submission_id"], "--reason", "重复报送", "--yes")["reason"]
        == "重复报送"
    )


def test_rows_that_were_corrected_before_are_signed_by_a_step_of_their_own(office, bureau):
    mine = row(1, id_number=resident_id(980))
    path = office.results(mine, name="corrected.json")
    foreign = bureau.folder / "foreign.json"
    foreign.write_text(json.dumps({"rows": [{**mine, "theory": "100"}]}, ensure_ascii=False), "utf-8")
    # The access key is enough for this.
    draft = bureau.told("check", path)["id"]
    bureau.told("correct", draft, foreign)

    refused = bureau.told("submit", path, "--yes", code=1)

    assert refused["error"] == "SettledDiffers"
    assert "序号 1 的 theory 不同" in refused["detail"]
    assert bureau.told("status", draft)["status"] == "ready"
    assert bureau.told("sign", draft, "--yes", said=f"{PASSPHRASE}\n")["status"] == "submitted"


def test_a_draft_is_signed_on_another_machine(office, bureau, tmp_path):
    path = office.results(row(1, id_number=resident_id(970)), name="offline.json")
    draft = bureau.told("check", path)["id"]
    content, signature = tmp_path / "settled.json", tmp_path / "signature.txt"

    bureau.run("settled", draft, content)
    no_network = {
        "CERTREG_CLIENT_URL": "https://register.invalid",
        "CERTREG_CLIENT_ACCESS_KEY": "/nowhere.pem",
    }
    bureau.run("sign-file", content, signature, "--yes", said=f"{PASSPHRASE}\n", **no_network)

    assert bureau.told("sign", draft, "--signature", signature)["status"] == "submitted"
