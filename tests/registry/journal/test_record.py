"""The journal: one event for each act, in its transaction, and never a person in it."""

import json
from collections import Counter

import pytest
from sqlalchemy import select

from registry.assessment.errors import SubmissionRefused
from registry.certificate.lifecycle import Reason, reinstate, revoke, suspend, void
from registry.journal.record import record, record_entries, runs_of
from registry.journal.tables import Event
from tests.instants import NOON, NOON_UTC
from tests.registry.world import BODY

NAME = "赫连金丝雀"


def events(world, after=0):
    return world.all(select(Event).where(Event.id > after).order_by(Event.id))


def acts_of(world, act):
    """Run an act; return the events that it wrote, as (act, subject)."""
    last = max((event.id for event in events(world)), default=0)
    act()
    return [(event.act, event.subject) for event in events(world, last)]


def changed(world, what, subject):
    world.sessions.run(lambda session: what(session, world.registrar, subject, Reason.EXAM_FRAUD, now=NOON))


def test_founding_a_register_is_in_the_journal(world):
    assert Counter(event.act for event in events(world)) == {
        "load_directory": 1,
        "create_account": 6,
        "enrol_key": 6,
        "open_series": 6,
        "open_epoch": 1,
    }


def test_each_act_of_the_road_writes_its_events_and_no_other(world):
    rows = world.rows(2)
    handed_in = world.signed(world.file(*rows))
    assert [act for act, _ in acts_of(world, lambda: world.submit(handed_in))] == ["submit"]
    assert acts_of(world, lambda: world.submit(handed_in)) == []
    (submission,) = {event.subject for event in events(world) if event.act == "submit"}
    identifier = world.submit(handed_in).submission_id
    assert submission == f"submission:{identifier}"
    assert acts_of(world, lambda: world.compute_id_checks(identifier)) == [("check_ids", submission)]

    for step in ("province", "centre", "office"):
        assert acts_of(world, lambda: world.decide(identifier)) == [(f"decide_{step}", submission)]
    assert acts_of(world, lambda: world.number(identifier)) == [("number", "entries:1-2")]
    assert acts_of(world, world.sign) == [("sign", "entries:1-2")]
    assert acts_of(world, world.release) == [("release", "entries:1-2")]
    assert acts_of(world, lambda: (world.number(identifier), world.sign(), world.release())) == []

    first, second = world.numbers(identifier)
    assert acts_of(world, lambda: changed(world, suspend, first)) == [("suspend", "entry:1")]
    assert acts_of(world, lambda: changed(world, reinstate, first)) == [("reinstate", "entry:1")]
    assert acts_of(world, lambda: changed(world, revoke, first)) == [("revoke", "entry:1")]
    world.numbered({**rows[1], "name": "李肆", "corrects": second, "reason": "姓名有误"})
    world.sign()
    assert acts_of(world, world.release) == [("supersede", "entry:2"), ("release", "entry:3")]
    world.numbered(world.row(1))
    assert acts_of(world, lambda: changed(world, void, 4)) == [("void", "entry:4")]


def test_an_event_says_who_and_when_and_the_facts_of_the_act(world):
    submission = world.checked()
    world.decide(submission, {2: "照片不清"})

    submitted, _, decided = (event for event in events(world) if event.subject == f"submission:{submission}")

    assert (submitted.actor_id, submitted.at) == (world.bodies[BODY].actor.account_id, NOON_UTC)
    assert (submitted.details["entered"], submitted.details["passed"]) == (3, 3)
    assert (decided.details["rows"], decided.details["returned"]) == (2, [2])
    assert len(bytes.fromhex(decided.details["confirmed"])) == 32
    assert (decided.place, decided.hash) == (None, None)


def test_a_refused_act_leaves_no_event(world):
    row = world.row(1)
    world.submitted(row)

    def again():
        with pytest.raises(SubmissionRefused):
            world.submitted({**row, "theory": "99"})

    assert acts_of(world, again) == []


def test_an_event_is_gone_with_the_act_that_fails(world):
    def act(session):
        record(session, "test", "nothing:1", at=NOON)
        session.flush()
        raise ArithmeticError

    def failing():
        with pytest.raises(ArithmeticError):
            world.sessions.run(act)

    assert acts_of(world, failing) == []


def test_no_name_no_id_number_and_no_reason_in_words_is_ever_in_an_event(world):
    rows = [world.row(place, name=NAME + "甲乙丙丁"[place]) for place in (1, 2, 3)]
    submission = world.checked(*rows)
    world.decide(submission, {3: f"{NAME}的照片"})
    world.decide(submission)
    world.decide(submission)
    world.number(submission)
    world.sign()
    world.release()
    numbers = world.numbers(submission)
    changed(world, suspend, numbers[0])
    changed(world, revoke, numbers[0])
    world.issued({**rows[1], "name": f"{NAME}四", "corrects": numbers[1], "reason": f"{NAME}改名"})

    text = "".join(
        json.dumps([event.act, event.subject, event.details], ensure_ascii=False) for event in events(world)
    )

    assert "李" not in text
    assert NAME[:2] not in text
    for row in rows:
        assert row["id_number"] not in text
    for number in numbers:
        assert number not in text


@pytest.mark.parametrize(
    ("entries", "runs"),
    [
        ([], []),
        ([7], [(7, 7)]),
        ([1, 2, 3], [(1, 3)]),
        ([1, 3, 4, 9], [(1, 1), (3, 4), (9, 9)]),
    ],
)
def test_consecutive_entries_are_one_run(entries, runs):
    assert runs_of(entries) == runs


def test_entries_moved_on_together_take_one_event_for_each_run(sessions):
    def act(session):
        record_entries(session, "test", [1, 2, 3, 7], at=NOON, after="signed")
        record_entries(session, "test", [], at=NOON)

    sessions.run(act)

    found = sessions.read(lambda session: list(session.scalars(select(Event).order_by(Event.id))))
    assert [(event.subject, event.first_entry, event.last_entry) for event in found] == [
        ("entries:1-3", 1, 3),
        ("entry:7", 7, 7),
    ]
    assert {(event.at, event.details["after"]) for event in found} == {(NOON_UTC, "signed")}
