"""Handing in, broken off at any moment: one file is one submission or none, and its sender gets one receipt.

There is no key by which a body names its request: the file itself is the name. The same bytes from the same body are
the same submission for ever; other bytes are another one, and are held against what is there.
"""

import http.client
import json
import os
import signal
import socket

import pytest
from sqlalchemy import select

from keys.crash_points import CrashMode
from registry.assessment.errors import SubmissionRefused
from registry.assessment.tables import Result, Submission
from registry.intake.errors import SubmissionNotSigned
from registry.journal.tables import Event
from tests.faults.armed_site import served
from tests.faults.theatre import PATIENCE_SECONDS
from tests.instants import NOON
from tests.registry.signed_requests import signed_headers
from tests.registry.staff_site import (
    ADDRESS,
    BodySystem,
    access_key,
    everything_stored,
    let_in,
    require_problem,
    signature_over,
    staff_site,
)
from tests.registry.world import BODY, ENVIRONMENT

KILL, ERROR = CrashMode.KILL, CrashMode.ERROR


def headers_for(world, port, content):
    let_in(world)
    headers = {
        "Content-Type": "application/json",
        "Submission-Signature": signature_over(content, world.bodies[BODY].key),
    }
    url = f"http://127.0.0.1:{port}{ADDRESS}"
    return signed_headers(
        "POST", url, content, access_key(BODY), environment=ENVIRONMENT, now=NOON, headers=headers
    )


def hand_in(world, port, content):
    """Hand in over HTTP; return status and document."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("POST", ADDRESS, content, headers_for(world, port, content))
        answer = connection.getresponse()
        return answer.status, json.load(answer)
    finally:
        connection.close()


def killed_while_sending(world, port, content, sent):
    """Let a client process send head and ``sent`` bytes of the body, and be killed then."""
    lines = {"Host": f"127.0.0.1:{port}", **headers_for(world, port, content)}
    head = f"POST {ADDRESS} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    told, tell = os.pipe()
    client = os.fork()
    if client == 0:
        try:
            with socket.create_connection(("127.0.0.1", port)) as line:
                line.sendall(head.encode() + b"\r\n" + content[:sent])
                os.write(tell, b"!")
                signal.pause()
        finally:
            os._exit(1)
    assert os.read(told, 1) == b"!"
    os.kill(client, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(client, 0)[1]) == -signal.SIGKILL
    os.close(told)
    os.close(tell)


def test_a_body_killed_in_the_middle_of_an_upload_stores_nothing_and_hands_in_again(theatre, tmp_path):
    world = theatre.world
    content = world.file()
    let_in(world)
    before = everything_stored(world)
    with served(theatre.url, tmp_path) as site:
        port = site.port
        for sent in (0, 1, len(content) // 2, len(content) - 1):
            killed_while_sending(world, port, content, sent)
        # The one worker answers this after it has dealt with those.
        assert hand_in(world, port, b"{}")[0] == 422
        assert everything_stored(world) == before

        status, receipt = hand_in(world, port, content)
        assert status == 201
        # A body that dies when it has sent all of it, before it heard the answer, gets the same one.
        killed_while_sending(world, port, content, len(content))
        again, repeated = hand_in(world, port, content)

    assert again == 200
    assert repeated["submission_id"] == receipt["submission_id"]
    assert [str(found) for found in world.all(select(Submission.id))] == [receipt["submission_id"]]
    assert world.count(Result) == (3,)


def test_a_server_killed_before_and_after_the_commit_answers_the_third_time(theatre, tmp_path):
    world = theatre.world
    content = world.file()
    with served(theatre.url, tmp_path, crash="submit.before_commit:kill") as site:
        # For the worker that comes after the first one.
        site.arm_next("submit.committed:kill")
        for stored in (0, 1):
            with pytest.raises(http.client.RemoteDisconnected):
                hand_in(world, site.port, content)
            found = world.all(select(Submission.id))
            assert len(found) == stored
            assert world.count(Result) == (3 * stored,)

        status, receipt = hand_in(world, site.port, content)

    assert (status, receipt["repeated"]) == (200, True)
    assert [str(submission) for submission in found] == [receipt["submission_id"]]
    assert world.count(Submission, Result) == (1, 3)
    assert world.all(select(Event.act).where(Event.act == "submit")) == ["submit"]


@pytest.mark.parametrize("mode", [KILL, ERROR])
@pytest.mark.parametrize(("point", "stored"), [("submit.before_commit", 0), ("submit.committed", 1)])
def test_a_submission_is_there_whole_or_not_at_all(theatre, mode, point, stored):
    world = theatre.world
    handed_in = world.signed(world.file())
    before = everything_stored(world)

    theatre.trip(mode, point, lambda world: world.submit(handed_in))

    if not stored:
        assert everything_stored(world) == before
    assert world.count(Submission, Result) == (stored, 3 * stored)
    receipt = world.submit(handed_in)
    assert receipt.repeated is bool(stored)
    assert world.count(Submission, Result) == (1, 3)


# The same name, and something else


def test_another_file_about_the_same_people_changes_nothing(world):
    rows = world.rows(3)
    content = world.file(*rows)
    receipt = world.submit(world.signed(content))
    before = everything_stored(world)

    # The same words in other bytes.
    with pytest.raises(SubmissionRefused) as refusal:
        world.submit(world.signed(content + b"\n"))

    assert {(fault.row, fault.code) for fault in refusal.value.faults} == {
        (row, "already_passed") for row in (1, 2, 3)
    }
    assert everything_stored(world) == before
    assert world.submit(world.signed(content)).submission_id == receipt.submission_id


def test_the_signature_of_one_file_does_not_bring_in_another(world):
    content, other = world.file(), world.file()
    world.submit(world.signed(content))
    before = everything_stored(world)
    handed_in = world.signed(content)

    with pytest.raises(SubmissionNotSigned):
        world.submit(type(handed_in)(other, handed_in.media_type, handed_in.signature))

    assert everything_stored(world) == before


def test_a_file_with_bad_rows_is_refused_whole_and_every_bad_row_is_listed(world, tmp_path):
    rows = world.rows(40)
    bad = {1: {"level": "expert"}, 20: {"theory": "101"}, 21: {"name": ""}, 40: {"occupation": "9-99-99-99"}}
    content = world.file(*(row | bad.get(row["row"], {}) for row in rows))
    body = BodySystem(staff_site(world, tmp_path), world)
    before = everything_stored(world)

    problem = require_problem(body.hand_in(content), 422)

    assert {fault["row"] for fault in problem["faults"]} == set(bad)
    assert everything_stored(world) == before
    assert body.hand_in(world.file(*rows)).status_code == 201
