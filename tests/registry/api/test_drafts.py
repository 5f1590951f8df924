"""Drafts over HTTP: from the clerk's file to the receipt, and nothing of anybody else's."""

import base64
import io
import json
import re
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from openpyxl import load_workbook

from registry.api.drafts import preview
from registry.api.drafts.door import UPLOAD_BYTES
from registry.api.drafts.preview import LEFT_OUT
from registry.assessment.content import ROW_COLUMNS
from registry.assessment.csv_template import write_csv
from registry.assessment.reading import CSV_MEDIA_TYPE, JSON_MEDIA_TYPE, WORKBOOK_MEDIA_TYPE
from registry.assessment.template import write_workbook
from registry.draft.pages import DraftRow, Preview
from registry.draft.uploading import SENT_BYTES
from registry.work.drafting import Drafting
from signing.cose import Kind
from tests.instants import NOON
from tests.registry.assessment import submissions
from tests.registry.photo.pictures import TWO_INCH, jpeg
from tests.registry.photo.zips import zipped
from tests.registry.staff_site import BodySystem, everything_stored, installation_of, require_problem
from tests.registry.world import BODY, ENVIRONMENT, OTHER_BODY, PROVINCE, SITES

DRAFTS = "/v1/drafts"
BOUNDARY = "photos-and-results"
AS_JSON = {"Content-Type": JSON_MEDIA_TYPE}


@pytest.fixture
def world(young_world):
    return young_world


@pytest.fixture
def work(world, tmp_path):
    """Let a worker do all there is."""
    worker = Drafting(installation_of(world, tmp_path, world.personal), worker="worker", now=lambda: NOON)

    def until_done():
        while list(worker.batches()):
            pass

    return until_done


@pytest.fixture
def other(app, world):
    return BodySystem(app, world, OTHER_BODY)


def opened(body, *rows, **changes):
    """Open a draft; return its address."""
    answer = body.send("POST", DRAFTS, body.world.file(*rows, **changes), headers=AS_JSON)
    assert answer.status_code == 202, answer.text
    return answer.headers["Location"]


def state(body, address):
    answer = body.send("GET", address)
    assert answer.status_code == 200, answer.text
    return answer.json


def form(**files):
    """Return a form with these files, each as (name, media type, bytes), and its headers."""
    lines = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        f"Content-Type: {media_type}\r\n\r\n".encode()
        + content
        + b"\r\n"
        for field, (name, media_type, content) in files.items()
    ]
    content = b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()
    return content, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def test_the_whole_way_of_a_draft(body, work):
    answer = body.send("POST", f"{DRAFTS}?name=11%E6%9C%88", body.world.file(), headers=AS_JSON)
    address = answer.headers["Location"]
    assert (answer.status_code, answer.json["status"], answer.json["name"]) == (202, "received", "11月")
    work()
    found = state(body, address)
    assert (found["status"], found["rows"], found["statistics"]["passed"]) == ("ready", 3, 3)
    assert (found["deadline_on"], found["days_left"], found["late"]) == ("2026-12-08", 18, False)

    settled = body.send("GET", f"{address}/settled")
    digest = sha256(settled.data).digest()
    assert found["settled_sha256"] == digest.hex()
    assert settled.headers["Content-Digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    claim = base64.urlsafe_b64decode(settled.headers["Submission-Claim"] + "==")
    key = body.world.bodies[BODY].key
    signed = key.sign_claim(claim, kind=Kind.SUBMISSION, environment=ENVIRONMENT, detached=True)
    text = base64.urlsafe_b64encode(signed).decode().rstrip("=")
    answer = body.send(
        "PUT", f"{address}/signature", json.dumps({"signature": text}).encode(), headers=AS_JSON
    )
    assert (answer.status_code, answer.json["status"]) == (202, "signed")
    work()

    found = state(body, address)
    assert found["status"] == "submitted"
    assert UUID(found["submission_id"])


def test_the_same_file_again_is_the_same_draft(body):
    content = body.world.file()

    first, again = (body.send("POST", DRAFTS, content, headers=AS_JSON) for _ in range(2))

    assert (first.status_code, again.status_code) == (202, 200)
    assert first.headers["Location"] == again.headers["Location"]


def test_the_same_idempotency_key_is_the_same_draft_even_when_its_answer_was_lost(body):
    content, key = body.world.file(), {"Idempotency-Key": '"draft-of-november"', **AS_JSON}

    first, again = (body.send("POST", DRAFTS, content, headers=key) for _ in range(2))

    assert first.status_code == again.status_code == 202
    assert first.json == again.json


def test_faults_are_listed_by_the_page(body, work):
    rows = body.world.rows(3, name="")
    address = opened(body, *rows)
    work()

    first = body.send("GET", f"{address}/faults?limit=2").json
    rest = body.send("GET", f"{address}/faults?cursor={first['next']}").json

    assert [fault["row"] for fault in first["items"] + rest["items"]] == [1, 2, 3]
    assert rest["next"] is None
    assert {fault["column"] for fault in first["items"]} == {"name"}


def test_corrected_rows_alone_make_it_right(body, work):
    row = body.world.row(1)
    address = opened(body, {**row, "name": ""}, body.world.row(2))
    work()
    mended = json.dumps({"rows": [row], "remove": [2]}).encode()

    answer = body.send("POST", f"{address}/corrections", mended, headers=AS_JSON)
    assert (answer.status_code, answer.json["revision"]) == (202, 2)
    work()

    assert (state(body, address)["status"], state(body, address)["rows"]) == ("ready", 1)
    assert [each["name"] for each in body.send("GET", f"{address}/rows").json["items"]] == [row["name"]]


def mended(workbook, **values):
    """Return the workbook with these values in the first row of results, by heading."""
    book = load_workbook(io.BytesIO(workbook))
    sheet = book["成绩"]
    headings = {cell.value: cell.column for cell in sheet[1]}
    for heading, value in values.items():
        sheet.cell(2, headings[heading]).value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize("media_type", [JSON_MEDIA_TYPE, WORKBOOK_MEDIA_TYPE, CSV_MEDIA_TYPE])
def test_the_workbook_of_faults_mended_makes_it_right(body, work, media_type):
    rows = [body.world.row(1, name=""), body.world.row(2)]
    content = body.world.file(*rows)
    written = {WORKBOOK_MEDIA_TYPE: write_workbook, CSV_MEDIA_TYPE: write_csv}
    if media_type in written:
        content = written[media_type](json.loads(content))
    answer = body.send("POST", DRAFTS, content, headers={"Content-Type": media_type})
    address = answer.headers["Location"]
    work()
    assert state(body, address)["faults"] == 1

    sheet = body.send("GET", f"{address}/faults.xlsx?rows=faulty")
    assert (sheet.status_code, sheet.content_type) == (200, WORKBOOK_MEDIA_TYPE)
    assert load_workbook(io.BytesIO(sheet.data))["成绩"].max_row == 2
    sent = body.send(
        "POST",
        f"{address}/corrections",
        mended(sheet.data, 姓名="赵六"),
        headers={"Content-Type": WORKBOOK_MEDIA_TYPE},
    )
    assert sent.status_code == 202, sent.text
    work()

    assert state(body, address)["status"] == "ready", body.send("GET", f"{address}/faults").json
    names = [each["name"] for each in body.send("GET", f"{address}/rows").json["items"]]
    assert names == ["赵六", rows[1]["name"]]


def test_all_rows_of_the_workbook_of_faults_are_results_again(body, work):
    address = opened(body, body.world.row(1, name=""), body.world.row(2))
    work()

    sheet = body.send("GET", f"{address}/faults.xlsx").data
    sent = {"Content-Type": WORKBOOK_MEDIA_TYPE}
    answer = body.send("PUT", f"{address}/results", mended(sheet, 姓名="赵六"), headers=sent)
    work()

    assert answer.status_code == 202
    assert (state(body, address)["status"], state(body, address)["rows"]) == ("ready", 2)


def test_what_is_wrong_with_a_photo_stands_in_the_workbook_beside_its_row(body, work):
    content, headers = form(
        results=("a.json", JSON_MEDIA_TYPE, body.world.file(*body.world.rows(2))),
        photos=("a.zip", "application/zip", zipped({"1.jpg": jpeg(TWO_INCH)})),
    )
    address = body.send("POST", DRAFTS, content, headers=headers).headers["Location"]
    work()

    sheet = load_workbook(io.BytesIO(body.send("GET", f"{address}/faults.xlsx").data))["成绩"]

    told = {row[1].value: row[-1].value or "" for row in sheet.iter_rows(min_row=2) if row[0].value}
    assert "没有照片" in next(filter(None, told.values()))
    assert sum(bool(text) for text in told.values()) == 1


def test_a_new_draft_leads_on(body):
    responses = body.http.get("/v1/openapi.json").json["paths"][DRAFTS]["post"]["responses"]

    assert {link["operationId"] for link in responses["202"]["links"].values()} >= {"getDraft"}


def test_there_is_no_workbook_of_faults_before_the_check(body):
    require_problem(body.send("GET", f"{opened(body)}/faults.xlsx"), 409)


def test_corrections_that_can_not_be_merged_are_told_with_their_faults(body):
    answer = body.send("POST", f"{opened(body)}/corrections", b'{"rows": [{}]}', headers=AS_JSON)

    assert require_problem(answer, 422)["faults"][0]["code"] == "not_a_row_number"


def test_other_results_take_the_place_of_the_first(body, work):
    address = opened(body, body.world.row(1, name=""))
    sheet = write_workbook(
        submissions.form(body.world.row(4), issuer=BODY, site=SITES[BODY], province=PROVINCE)
    )

    answer = body.send("PUT", f"{address}/results", sheet, headers={"Content-Type": WORKBOOK_MEDIA_TYPE})
    work()

    assert answer.status_code == 202
    assert state(body, address)["status"] == "ready"


def test_results_and_photos_come_in_one_form(body, work):
    row = body.world.row(1)
    archive = zipped({"1.jpg": jpeg(TWO_INCH)})
    content, headers = form(
        results=("成绩.json", JSON_MEDIA_TYPE, body.world.file(row)),
        photos=("a.zip", "application/zip", archive),
    )

    answer = body.send("POST", DRAFTS, content, headers=headers)
    assert answer.status_code == 202, answer.text
    work()

    address = answer.headers["Location"]
    assert state(body, address)["status"] == "ready"
    assert body.send("GET", f"{address}/settled").json["rows"][0]["photo"]
    (archive,) = body.send("GET", f"{address}/photos").json["items"]
    assert (archive["name"], archive["complete"], archive["missing"]) == ("a.zip", True, [])


WRONG_FORMS = {
    "no results": {"photos": ("a.zip", "application/zip", b"x")},
    "something else": {
        "results": ("a.json", JSON_MEDIA_TYPE, b"{}"),
        "status": ("s", "text/plain", b"ready"),
    },
}


@pytest.mark.parametrize("files", WRONG_FORMS.values(), ids=WRONG_FORMS)
def test_a_form_with_anything_else_in_it_is_refused(body, files):
    content, headers = form(**files)

    require_problem(body.send("POST", DRAFTS, content, headers=headers), 400)


def test_a_form_may_be_as_large_as_it_says_and_no_larger(body):
    large = bytes(17 << 20)
    content, headers = form(
        results=("a.json", JSON_MEDIA_TYPE, body.world.file()), photos=("a.zip", "application/zip", large)
    )
    assert body.send("POST", DRAFTS, content, headers=headers).status_code == 202

    above = require_problem(body.send("POST", DRAFTS, bytes(UPLOAD_BYTES + 1), headers=headers), 413)
    other = require_problem(body.send("PUT", f"{opened(body)}/results", large, headers=AS_JSON), 413)
    alone = require_problem(body.send("POST", DRAFTS, large, headers=AS_JSON), 413)

    assert "larger than 32 MiB" in above["detail"]
    assert "larger than 16 MiB" in other["detail"]
    assert alone["code"] == "file_too_large"


def test_a_form_counts_as_much_as_it_has(body):
    content, headers = form(
        results=("a.json", JSON_MEDIA_TYPE, body.world.file()),
        photos=("a.zip", "application/zip", bytes(20 << 20)),
    )

    answer = body.send("POST", DRAFTS, content, headers=headers)

    assert answer.headers["RateLimit"] == '"requests";r=579;t=60'


def test_an_empty_file_is_told_as_such(body):
    answers = [
        body.send("POST", DRAFTS, headers=AS_JSON),
        body.send("PUT", f"{opened(body)}/results", headers=AS_JSON),
        body.send("POST", f"{opened(body)}/corrections", headers=AS_JSON),
    ]

    for answer in answers:
        assert require_problem(answer, 422)["code"] == "file_empty"


def test_photos_come_in_parts_and_go_on_where_they_stopped(body, work):
    address = opened(body, body.world.row(1))
    archive = zipped({"1.jpg": jpeg(TWO_INCH), "9.png": bytes(SENT_BYTES)})
    announced = json.dumps({"size": len(archive), "sha256": sha256(archive).hexdigest()}).encode()
    upload = body.send("POST", f"{address}/photos", announced, headers=AS_JSON).json
    assert (upload["parts"], upload["missing"], upload["part_bytes"]) == (2, [0, 1], SENT_BYTES)
    octets = {"Content-Type": "application/octet-stream"}

    def put(number):
        place = f"{address}/photos/{upload['id']}/parts/{number}"
        part = archive[number * SENT_BYTES : (number + 1) * SENT_BYTES]
        return body.send("PUT", place, part, headers=octets)

    assert put(0).json["missing"] == [1]
    assert body.send("POST", f"{address}/photos", announced, headers=AS_JSON).json["missing"] == [1]
    require_problem(body.send("PUT", f"{address}/photos/{upload['id']}/parts/1", b"x", headers=octets), 422)
    assert put(1).json["complete"]
    assert state(body, address)["revision"] == 2

    answer = body.send("DELETE", f"{address}/photos")
    assert (answer.status_code, answer.json["revision"]) == (202, 3)
    assert body.send("GET", f"{address}/photos").json == {"items": []}


def test_drafts_are_listed_by_the_page(body):
    addresses = [opened(body) for _ in range(3)]

    first = body.send("GET", f"{DRAFTS}?limit=2").json
    rest = body.send("GET", f"{DRAFTS}?limit=2&cursor={first['next']}").json

    listed = [f"{DRAFTS}/{each['id']}" for each in first["items"] + rest["items"]]
    assert sorted(listed) == sorted(addresses)
    assert rest["next"] is None


@pytest.mark.parametrize("listing", ["", "/{}/rows", "/{}/faults"])
def test_a_cursor_of_another_listing_is_refused(body, listing):
    address = opened(body).rpartition("/")[2]
    cursor = base64.urlsafe_b64encode(b'[1,"changes",1,1]').decode().rstrip("=")

    answer = body.send("GET", f"{DRAFTS}{listing.format(address)}?cursor={cursor}")

    assert require_problem(answer, 400)["code"] == "bad_cursor"


def test_a_discarded_draft_is_told_as_such(body):
    address = opened(body)

    assert body.send("DELETE", address).status_code == 204

    assert state(body, address)["status"] == "discarded"
    answer = body.send("POST", f"{address}/corrections", b'{"remove": [1]}', headers=AS_JSON)
    assert require_problem(answer, 409)["code"] == "not_now"


ROUTES = [
    ("GET", ""), ("DELETE", ""), ("PUT", "/results"), ("POST", "/corrections"), ("POST", "/photos"),
    ("GET", "/photos"), ("DELETE", "/photos"), ("PUT", "/photos/{file}/parts/0"), ("GET", "/rows"),
    ("GET", "/faults"), ("GET", "/faults.xlsx"), ("GET", "/settled"), ("GET", "/preview"), ("PUT", "/signature"),
]  # fmt: skip
CONTENTS = {
    "/results": b"{}",
    "/corrections": b"{}",
    "/photos": json.dumps({"size": 1, "sha256": "00" * 32}).encode(),
    "/signature": b'{"signature": "AA"}',
}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_another_bodys_draft_looks_exactly_like_none(body, other, work, method, path):
    address = opened(body)
    work()
    archive = json.dumps({"size": 1, "sha256": "00" * 32}).encode()
    file = body.send("POST", f"{address}/photos", archive, headers=AS_JSON).json["id"]
    before = everything_stored(body.world)

    def ask(place):
        content = CONTENTS.get(path, b"x") if method in ("PUT", "POST") else b""
        headers = AS_JSON if content else {}
        return other.send(method, place + path.format(file=file), content, headers=headers)

    theirs, nobodys = ask(address), ask(f"{DRAFTS}/{uuid4()}")

    assert require_problem(theirs, 404)["code"] == "not_there"
    assert theirs.data == nobodys.data
    assert everything_stored(body.world) == before


WRITES = [
    ("POST", "/photos", {"size": 1, "sha256": "00" * 32}),
    ("PUT", "/signature", {"signature": "AA"}),
]
COLUMNS = [
    "status",
    "revision",
    "issuer",
    "submission_id",
    "complete",
    "digest",
    "row",
    "result_id",
    "faults",
]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize(("method", "path", "content"), WRITES)
def test_no_column_can_be_set_from_outside(body, method, path, content, column):
    address = opened(body)
    sent = json.dumps({**content, column: "ready"}).encode()

    answer = body.send(method, address + path, sent, headers=AS_JSON)

    assert column in str(require_problem(answer, 422)["errors"])
    answer = body.send("POST", f"{DRAFTS}?{column}=ready", body.world.file(), headers=AS_JSON)
    require_problem(answer, 422)


def test_an_unsigned_request_opens_nothing(body, app):
    answer = app.test_client().post(DRAFTS, data=body.world.file(), content_type=JSON_MEDIA_TYPE)

    assert require_problem(answer, 401)["code"] == "signature_missing"


def test_a_wrong_signature_is_told_with_what_it_was_held_against(body, work):
    address = opened(body)
    work()

    answer = body.send("PUT", f"{address}/signature", b'{"signature": "AAAA"}', headers=AS_JSON)

    assert require_problem(answer, 401)["code"] == "submission_not_signed"
    assert state(body, address)["status"] == "ready"


def test_the_preview_shows_what_will_be_signed_and_runs_nothing(body, work):
    names = ["张三", "李䶮", "O'Neill Shea"]
    address = opened(body, *(body.world.row(place, name=name) for place, name in enumerate(names, start=1)))
    work()

    answer = body.send("GET", f"{address}/preview")

    text = answer.get_data(as_text=True)
    assert answer.content_type == "text/html; charset=utf-8"
    assert "张三" in text
    assert "<b>䶮</b><small>U+4DAE</small>" in text
    assert "O&#39;Neill Shea" in text
    assert state(body, address)["settled_sha256"] in text
    assert f"<dt>评价机构代码</dt><dd>{BODY}</dd>" in text
    assert "<dt>考核结束日期</dt><dd>2026-" in text
    assert "script" not in text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)[1]
    assert base64.b64encode(sha256(style.encode()).digest()).decode() in policy
    assert not re.search(r"(?:src|href)=", text)


HOSTILE = "</td><script>alert(1)</script>"


def test_what_is_not_fit_to_be_signed_is_shown_as_text(body, work):
    turned = "\u202e三张"
    rows = (
        body.world.row(1, name=HOSTILE, direction=HOSTILE),
        body.world.row(2, name=turned, direction=turned),
    )
    address = opened(body, *rows)
    work()

    text = body.send("GET", f"{address}/preview").get_data(as_text=True)

    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "\u202e" not in text
    assert text.count("[U+202E]") == 2
    assert "处错误，改正之前不能签名" in text


def test_the_preview_shows_all_that_is_signed_of_a_row_and_none_of_it_shortened(body, work):
    why = "考核组织工作延误，" * 15
    row = body.world.row(1, training_certificate="培字（2026）第7号", training_hours=128)
    address = opened(body, row, late_reason=why)
    work()

    text = body.send("GET", f"{address}/preview").get_data(as_text=True)

    assert f"<dd>{why}</dd>" in text
    assert "<th>培训合格证书编号</th>" in text
    assert "<td>培字（2026）第7号</td>" in text
    assert "<th>大典版本</th>" in text
    assert "<th>更正原因</th>" not in text


def test_every_column_of_a_row_is_shown_or_left_out_by_name():
    seldom = dict.fromkeys(ROW_COLUMNS, "1")
    rows = (DraftRow(1, seldom, "张三", ()),)

    assert LEFT_OUT | set(preview._columns(Preview(None, {}, rows))) == set(ROW_COLUMNS)


def test_a_template_has_the_body_and_the_occupation_in_it(body):
    answer = body.send("GET", "/v1/templates/1/2-02-10-11/intermediate.xlsx")

    assert (answer.status_code, answer.content_type) == (200, WORKBOOK_MEDIA_TYPE)
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert BODY in {cell.value for row in sheet.iter_rows() for cell in row}


@pytest.mark.parametrize("path", ["1/9-99-99-99/junior", "2/2-02-10-11/master", "7/2-02-10-11/junior"])
def test_there_is_no_template_of_what_there_is_not(body, path):
    require_problem(body.send("GET", f"/v1/templates/{path}.xlsx"), 404)


def test_the_description_has_every_route(body):
    paths = body.http.get("/v1/openapi.json").json["paths"]

    described = {(method.upper(), path) for path in paths for method in paths[path]}
    for method, path in [
        ("POST", ""),
        ("GET", ""),
        *[(method, f"/{{draft_id}}{path}") for method, path in ROUTES],
    ]:
        place = f"{DRAFTS}{path}".replace("{file}", "{file_id}").replace("parts/0", "parts/{number}")
        assert (method, place) in described
