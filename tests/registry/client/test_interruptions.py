"""A register as it runs, and all that goes wrong on the way to it."""

import json
import os
import threading
from datetime import UTC, datetime, timedelta

import pytest

from registry.client import Client, Refused, Transport, open_key
from registry.client.command.main import tell_error
from registry.client.errors import Busy
from tests.registry.assessment.submissions import resident_id, row
from tests.registry.client.bureau import running
from tests.registry.client.scripted import says, scripted

PART_BYTES = 8 << 20


@pytest.fixture
def archive(tmp_path):
    """A file of three parts."""
    path = tmp_path / "photos.zip"
    path.write_bytes(os.urandom(2 * PART_BYTES + 1000))
    return path


def draft_in(office, bureau, serial):
    """Open a draft of somebody; return its id."""
    path = office.results(row(1, id_number=resident_id(serial)), name=f"{serial}.json")
    return bureau.client().drafts.open(path).id


def test_an_upload_that_was_stopped_goes_on_where_it_was(office, bureau, archive):
    draft, told = draft_in(office, bureau, 801), []

    def stop(done, total):
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bureau.client().drafts.put_photos(draft, archive, stop)
    done = bureau.client().drafts.put_photos(draft, archive, lambda *places: told.append(places))

    assert told == [(1, 3), (2, 3), (3, 3)]
    assert done.complete


def test_a_check_with_photos_that_was_stopped_goes_on_in_the_same_draft(office, bureau, archive):
    path, told = office.results(row(1, id_number=resident_id(804)), name="804.json"), []

    def stop(done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bureau.client().check(path, photos=archive, progress=stop)
    first = bureau.client().drafts.open(path)
    again = bureau.client().check(path, photos=archive, progress=lambda *places: told.append(places))

    assert again.id == first.id
    assert told == [(2, 3), (3, 3)]
    assert [each.complete for each in bureau.client().drafts.photos(again.id)] == [True]


def test_a_check_of_the_same_file_loses_no_corrections(office, bureau, tmp_path):
    wrong = row(1, id_number=resident_id(805), theory="101")
    path, mended = office.results(wrong, name="805.json"), tmp_path / "mended.json"
    mended.write_text(json.dumps({"rows": [{**wrong, "theory": "86.5"}]}, ensure_ascii=False), "utf-8")
    draft = bureau.told("check", path, code=1)["id"]
    bureau.run("correct", draft, mended)

    again = bureau.run("check", path)

    assert draft in again.stdout
    assert "检查通过" in again.stdout
    assert "先前提交的更正和照片仍然有效" in again.stderr


def test_a_register_that_is_started_anew_meanwhile_is_waited_for(office, register, bureau, archive):
    draft, restarts = draft_in(office, bureau, 802), []

    def come_back():
        register.start()
        register.work()

    def restart(done, total):
        if done == 1:
            register.stop()
            restarts.append(threading.Timer(1, come_back))
            restarts[0].start()

    done = bureau.client().drafts.put_photos(draft, archive, restart)
    restarts[0].join()

    assert done.complete
    assert bureau.client().drafts.wait(draft).status == "faulty"


def test_a_key_that_is_not_registered_opens_nothing(bureau, tmp_path):
    stranger = tmp_path / "keys" / "stranger.pem"
    bureau.run("key", "new", stranger)

    assert "unknown_key" in bureau.run("status", code=1, CERTREG_CLIENT_ACCESS_KEY=str(stranger)).output


def test_a_key_for_something_else_opens_nothing(bureau):
    key = bureau.environ["CERTREG_CLIENT_ADMINISTRATION_KEY"]
    told = bureau.told("status", code=1, CERTREG_CLIENT_ACCESS_KEY=key)

    assert (told["error"], told["code"]) == ("Refused", "wrong_purpose")


def test_a_submission_key_that_is_not_registered_signs_nothing(office, bureau, tmp_path):
    stranger = tmp_path / "keys" / "stranger.pem"
    bureau.run("key", "new", stranger)
    path = office.results(row(1, id_number=resident_id(803)), name="stranger.json")

    said = bureau.run("submit", path, "--yes", code=1, CERTREG_CLIENT_SUBMISSION_KEY=str(stranger)).output

    assert "unknown_submission_key" in said


def test_a_register_of_another_environment_is_not_entered(bureau):
    assert "wrong_tag" in bureau.run("status", code=1, CERTREG_CLIENT_ENVIRONMENT="production").output


@pytest.mark.parametrize(("minutes", "code"), [(-10, "too_old"), (10, "from_the_future")])
def test_a_clock_that_is_wrong_is_named(bureau, capsys, minutes, code):
    client = bureau.client(now=lambda: datetime.now(UTC) + timedelta(minutes=minutes))

    with pytest.raises(Refused) as refused:
        list(client.drafts.all())
    tell_error(refused.value, as_json=False)

    assert refused.value.code == code
    assert "校准时钟" in capsys.readouterr().err


def test_a_limit_that_is_used_up_is_told_with_the_time_to_wait(office, bureau):
    key = open_key(bureau.key_file("access.pem"), str)
    with running(office, worker=False, CERTREG_API_REQUESTS_PER_MINUTE="2") as strict:
        client = Client(Transport(strict.url, key, "test", patience_seconds=0))
        with pytest.raises(Busy) as busy:
            [client.listings() for _ in range(4)]

    assert busy.value.document["code"] == "too_many_requests"
    assert 0 < busy.value.wait_seconds <= 60


def test_a_key_that_is_revoked_is_shown_so_and_opens_nothing(bureau, tmp_path):
    other = tmp_path / "keys" / "other.pem"
    made = bureau.told("key", "new", other)
    bureau.run("key", "register", other, "--purpose", "access")
    bureau.run("status", CERTREG_CLIENT_ACCESS_KEY=str(other))

    bureau.run("key", "revoke", made["key_id"], "--yes")

    assert "key_revoked" in bureau.run("status", code=1, CERTREG_CLIENT_ACCESS_KEY=str(other)).output
    (line,) = [line for line in bureau.run("key", "list").stdout.splitlines() if made["key_id"] in line]
    assert "已吊销" in line


def test_the_last_administration_key_is_kept_unless_that_is_meant(bureau):
    (own,) = [key for key in bureau.told("key", "list")["keys"] if key["purpose"] == "administration"]

    assert "last_administration_key" in bureau.run("key", "revoke", own["key_id"], "--yes", code=1).output


def test_a_server_that_is_none_of_ours_is_told_apart(bureau):
    with scripted(says(302, {}, Location="https://elsewhere.example/")) as script:
        told = bureau.told("status", code=2, CERTREG_CLIENT_URL=script.url)

    assert told["error"] == "AnswerUnusable"
