"""The data files come into the register once, and a code keeps its meaning for ever."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from registry.directory.errors import CodeRenamed, NameTaken
from registry.directory.loading import Tally, load_directory
from registry.directory.overview import overview
from registry.directory.provenance import Status
from registry.directory.reading import shipped_directory
from registry.directory.tables import BodyRow, ListingRow, OccupationRow
from registry.directory.values import DirectoryData
from registry.journal.tables import Event
from signing.statement import Occupation
from tests.instants import NOON, NOON_UTC

SHIPPED = shipped_directory()


def load(sessions, data=SHIPPED, now=NOON):
    return sessions.run(lambda session: load_directory(session, now=now, data=data))


def count(sessions, table):
    return sessions.read(lambda session: session.scalar(select(func.count()).select_from(table)))


def test_a_first_load_takes_everything(sessions):
    report = load(sessions)

    assert {kind: (tally.new, tally.changed, tally.unchanged) for kind, tally in report.kinds.items()} == {
        "occupations": (24, 0, 0),
        "directions": (11, 0, 0),
        "bodies": (6, 0, 0),
        "sites": (24, 0, 0),
        "listings": (8, 0, 0),
        "training_institutions": (31, 0, 0),
    }
    added = sessions.read(lambda session: session.scalars(select(BodyRow.added_at)).all())
    assert set(added) == {NOON_UTC}


def test_the_register_says_what_the_files_say(sessions):
    load(sessions)

    held = sessions.read(overview)

    assert set(held.occupations) == set(SHIPPED.occupations)
    assert set(held.directions) == set(SHIPPED.directions)
    assert {body.body for body in held.bodies} == set(SHIPPED.bodies)
    assert {site for body in held.bodies for site in body.sites} == set(SHIPPED.sites)
    assert {listing for body in held.bodies for listing in body.listings} == set(SHIPPED.listings)
    assert set(held.institutions) == set(SHIPPED.institutions)


def test_a_second_load_changes_nothing_and_leaves_no_event(sessions):
    load(sessions)

    report = load(sessions, now=NOON + timedelta(days=1))

    assert report.changed_nothing
    assert report.kinds["listings"] == Tally(unchanged=8)
    assert count(sessions, Event) == 1


def test_a_load_is_recorded_with_its_counts(sessions):
    load(sessions)

    event = sessions.read(lambda session: session.scalars(select(Event)).one())

    assert (event.act, event.subject, event.at) == ("load_directory", "directory", NOON_UTC)
    assert event.details["bodies"] == {"new": 6, "changed": 0}


def test_what_stands_beside_a_code_follows_the_files(sessions):
    load(sessions)
    confirmed = replace(SHIPPED.bodies[0], status=Status.CONFIRMED, source="目录", why=None)
    longer = replace(SHIPPED.listings[0], expires_on=date(2028, 12, 31))

    report = load(sessions, DirectoryData(bodies=(confirmed,), listings=(longer,)))

    assert report.kinds["bodies"] == Tally(changed=1)
    assert report.kinds["listings"] == Tally(changed=1)
    held = sessions.read(overview).bodies[0]
    assert held.body == confirmed
    assert not held.body.assumed
    assert held.listings == (longer,)


def test_a_line_that_left_the_files_stays(sessions):
    load(sessions)

    load(sessions, DirectoryData())

    assert count(sessions, BodyRow) == 6


def test_a_removal_survives_a_load(sessions):
    load(sessions)

    def remove(session):
        session.scalars(select(ListingRow)).first().removed_on = date(2026, 6, 1)

    sessions.run(remove)

    assert load(sessions).changed_nothing
    removed = select(func.count()).select_from(ListingRow).where(ListingRow.removed_on.is_not(None))
    assert sessions.read(lambda session: session.scalar(removed)) == 1


RENAMED = [
    ("occupation", DirectoryData(occupations=(replace(SHIPPED.occupations[0], name="大数据分析师"),))),
    ("direction", DirectoryData(directions=(replace(SHIPPED.directions[0], name="语音"),))),
    (
        "direction",
        DirectoryData(directions=(replace(SHIPPED.directions[0], occupation=Occupation(1, 2021011)),)),
    ),
    ("body", DirectoryData(bodies=(replace(SHIPPED.bodies[0], name="中国机械协会"),))),
    ("site", DirectoryData(sites=(replace(SHIPPED.sites[0], name="大连（示例）"),))),
]


@pytest.mark.parametrize(("kind", "data"), RENAMED)
def test_a_code_never_changes_its_name(sessions, kind, data):
    load(sessions)

    with pytest.raises(CodeRenamed) as refused:
        load(sessions, data)

    assert refused.value.kind == kind
    assert load(sessions).changed_nothing


def test_a_name_is_not_given_to_a_second_body(sessions):
    load(sessions)
    double = replace(SHIPPED.bodies[0], issuer="S0099")

    with pytest.raises(NameTaken) as refused:
        load(sessions, DirectoryData(bodies=(double,)))

    assert (refused.value.held_by, refused.value.offered_to) == ("S0001", "S0099")
    assert count(sessions, BodyRow) == 6


def test_a_refused_load_keeps_nothing_of_it(sessions):
    load(sessions)
    new = replace(SHIPPED.occupations[0], occupation=Occupation(2, 2029999), name="新职业")
    renamed = replace(SHIPPED.sites[0], name="大连（示例）")

    with pytest.raises(CodeRenamed):
        load(sessions, DirectoryData(occupations=(new,), sites=(renamed,)))

    assert count(sessions, OccupationRow) == len(SHIPPED.occupations)


def test_the_shipped_files_are_loaded_by_default(sessions):
    report = sessions.run(lambda session: load_directory(session, now=NOON))

    assert report.kinds["bodies"].new == 6
