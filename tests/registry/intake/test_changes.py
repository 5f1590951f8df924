"""What happened to a body's own, in the journal's order: nothing is missed, nothing comes twice."""

import pytest
from sqlalchemy import event as sql

from registry.certificate.abandonment import abandon
from registry.certificate.lifecycle import Reason, revoke
from registry.directory.profiles import load_profiles
from registry.intake import changes
from registry.intake.changes import START, changes_after
from registry.intake.withdrawal import withdraw
from registry.journal.sequencer import chain_events
from registry.request.asking import withdraw_request
from tests.instants import NOON
from tests.registry.request_world import asked, representative
from tests.registry.world import BODY, OTHER_BODY

PROFILES = load_profiles()


def after(world, cursor=START, *, issuer=BODY, limit=500):
    return world.sessions.read(lambda session: changes_after(session, issuer, PROFILES, cursor, limit=limit))


def all_changes(world, *, issuer=BODY, limit=500, cursor=START):
    """Go on until there is no more; return everything that was told."""
    found = []
    while True:
        told, cursor, more = after(world, cursor, issuer=issuer, limit=limit)
        assert len(told) <= limit
        found += told
        if not more:
            return found, cursor


def chain(world):
    while chain_events(world.sessions):
        pass


@pytest.fixture
def lived(world):
    """Two bodies whose acts lie between each other's, in one run too."""
    mine, theirs = world.reviewed(*world.rows(3)), world.reviewed(*world.rows(2), issuer=OTHER_BODY)
    world.number(mine)
    world.number(theirs)
    world.sign()
    world.release()
    returned = world.checked(*world.rows(3))
    world.decide(returned, {2: "照片不符"})
    taken_back = world.submitted()
    withdraw(world.sessions, representative(world), taken_back, "有误", now=NOON)
    number = world.numbers(mine)[1]
    world.sessions.run(lambda session: revoke(session, world.registrar, number, Reason.EXAM_FRAUD, now=NOON))
    request = asked(world, world.numbers(mine)[0])
    withdraw_request(world.sessions, representative(world), request.id, now=NOON)
    chain(world)
    return world, mine, theirs, returned, taken_back


def test_everything_that_happened_is_told_in_order(lived):
    world, mine, _, returned, taken_back = lived

    told, _ = all_changes(world)

    kinds = [
        (change.kind, change.status)
        for change in told
        if change.submission_id == mine and change.entry is None
    ]
    assert kinds == [
        ("submit", "received"), ("check_ids", "province"), ("decide_province", "centre"),
        ("decide_centre", "office"), ("decide_office", "approved"),
    ]  # fmt: skip
    of_entries = [
        (change.kind, change.entry, change.row, change.status)
        for change in told
        if change.entry and not change.request_id
    ]
    assert of_entries == [
        *[("number", entry, entry, "numbered") for entry in (1, 2, 3)],
        *[("sign", entry, entry, "signed") for entry in (1, 2, 3)],
        *[("release", entry, entry, "released") for entry in (1, 2, 3)],
        ("revoke", 2, 2, "revoked"),
    ]
    assert [(change.kind, change.row) for change in told if change.submission_id == returned][-2:] == [
        ("decide_province", None), ("return", 2),
    ]  # fmt: skip
    assert [change.kind for change in told if change.submission_id == taken_back] == ["submit", "withdraw"]
    assert [(change.kind, change.status) for change in told if change.request_id] == [
        ("ask_request", "open"), ("withdraw_request", "withdrawn"),
    ]  # fmt: skip
    assert [change.place for change in told] == sorted(change.place for change in told)


def test_what_is_told_is_the_bodys_own_alone(lived):
    world, mine, theirs, *_ = lived

    own, _ = all_changes(world)
    others, _ = all_changes(world, issuer=OTHER_BODY)

    assert theirs not in {change.submission_id for change in own}
    assert {change.submission_id for change in others} == {theirs}
    assert {change.entry for change in others} - {None} == {4, 5}
    assert mine in {change.submission_id for change in own}


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_small_steps_tell_the_same_as_one_large_one(lived, limit):
    world, *_ = lived
    whole, end = all_changes(world)

    assert all_changes(world, limit=limit) == (whole, end)


@pytest.mark.parametrize(("events", "entries"), [(1, 1), (2, 4), (3, 20_000)])
def test_a_small_piece_of_the_journal_at_a_time_tells_the_same(lived, events, entries, monkeypatch):
    world, *_ = lived
    whole, end = all_changes(world)
    monkeypatch.setattr(changes, "EVENTS", events)
    monkeypatch.setattr(changes, "ENTRIES", entries)

    assert all_changes(world, limit=2) == (whole, end)


def test_what_happens_later_is_told_behind_the_cursor(lived):
    world, *_ = lived
    _, cursor = all_changes(world)
    assert after(world, cursor) == ([], cursor, False)

    later = world.submitted()
    # An act without a place in the chain is told when it has one.
    assert after(world, cursor) == ([], cursor, False)
    chain(world)

    told, _ = all_changes(world, cursor=cursor)
    assert [(change.kind, change.submission_id) for change in told] == [("submit", later)]


def test_what_became_of_a_number_is_told_though_its_result_was_set_free(world):
    submission = world.numbered(*world.rows(2))
    numbers = world.numbers(submission)
    key = world.entries()[0].key_id
    world.sessions.run(lambda session: abandon(session, world.registrar, key, honest=(), now=NOON))
    chain(world)

    told, _ = all_changes(world)

    voided = [
        (change.number, change.status, change.submission_id) for change in told if change.kind == "void"
    ]
    assert voided == [(number, "void", None) for number in numbers]


def test_an_empty_journal_tells_nothing(world):
    assert after(world) == ([], START, False)


def test_nothing_personal_is_told(lived):
    world, *_ = lived

    told = repr(all_changes(world)[0])

    assert "李四" not in told
    assert "210102" not in told
    assert "照片不符" not in told


def test_a_call_asks_few_questions_however_much_there_is(lived, engine):
    world, *_ = lived
    asked_for = []

    def note(_connection, _cursor, statement, *_rest):
        asked_for.append(statement)

    sql.listen(engine, "before_cursor_execute", note)
    after(world)
    sql.remove(engine, "before_cursor_execute", note)

    assert sum(statement.lstrip().startswith("SELECT") for statement in asked_for) <= 5


def test_neither_journal_nor_entries_are_looked_through(lived, engine):
    world, *_ = lived
    plans = []

    def explain(connection, _cursor, statement, parameters, *_rest):
        if not (statement.startswith("SELECT event.") and "JOIN entry" in statement):
            return
        raw = connection.connection.cursor()
        if engine.dialect.name == "sqlite":
            raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append("\n".join(row[3] for row in raw.fetchall()))
        else:
            # So small a table is read whole by any planner that may.
            raw.execute("SET LOCAL enable_seqscan = off")
            raw.execute(f"EXPLAIN {statement}", parameters)
            plans.append("\n".join(row[0] for row in raw.fetchall()))

    sql.listen(engine, "before_cursor_execute", explain)
    after(world)
    sql.remove(engine, "before_cursor_execute", explain)

    (plan,) = plans
    assert "event" in plan
    assert "SCAN " not in plan, plan
    assert "Seq Scan" not in plan, plan
