"""Numbers: in each series exactly 1..N, entries without a gap, and nothing used where numbering is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from registry.assessment.tables import Result
from registry.certificate.errors import ClockBehind, SeriesNotOpen
from registry.certificate.issuance import number_approved
from registry.certificate.tables import Certificate, Entry, EntryCounter, Series
from registry.directory.errors import SeriesExhausted
from registry.journal.tables import Event
from registry.people.errors import NotPermitted
from signing.signed_bytes import statement_of_signed_bytes
from signing.statement import Level
from tests.instants import NOON, THAT_DAY
from tests.registry.world import BODY, ENVIRONMENT, OTHER_BODY, PROFILE, serials

GIVEN = (Certificate, Entry, Event)


def issued(world):
    """Return the counters: of the series that gave numbers, and of the entries."""
    used = world.all(select(Series).where(Series.issued > 0))
    return {row.key: row.issued for row in used}, *world.all(select(EntryCounter.last))


def statements(world):
    return [statement_of_signed_bytes(entry.to_be_signed) for entry in world.entries()]


def test_numbers_and_entries_begin_at_one_and_follow_the_rows(world):
    rows = world.rows(4)
    submission = world.numbered(*reversed(rows))

    numbers = world.numbers(submission)

    assert serials(numbers) == [1, 2, 3, 4]
    assert [entry.entry for entry in world.entries()] == [1, 2, 3, 4]
    assert [statement.holder_name for statement in statements(world)] == [row["name"] for row in rows]
    assert issued(world) == ({"1:S:0002:21:000002:26:2": 4}, 4)


def test_a_number_says_body_site_year_and_level(world):
    submission = world.numbered(world.row(1, level="senior"), issuer=OTHER_BODY)

    assert world.numbers(submission) == ["S000321000003261000001"]


def test_the_next_submission_goes_on_where_the_last_one_ended(world):
    numbers = [number for count in (2, 1, 3) for number in world.numbers(world.numbered(*world.rows(count)))]

    assert serials(numbers) == [1, 2, 3, 4, 5, 6]
    assert [entry.entry for entry in world.entries()] == [1, 2, 3, 4, 5, 6]


def test_two_levels_are_two_series_but_one_run_of_entries(world):
    levels = ["junior", "senior", "junior", "intermediate", "senior"]
    submission = world.numbered(*(world.row(place, level=level) for place, level in enumerate(levels, 1)))

    assert serials(world.numbers(submission)) == [1, 1, 2, 1, 2]
    assert [statement.entry for statement in statements(world)] == [1, 2, 3, 4, 5]
    assert issued(world) == (
        {"1:S:0002:21:000002:26:1": 2, "1:S:0002:21:000002:26:2": 1, "1:S:0002:21:000002:26:3": 2},
        5,
    )


def test_two_bodies_are_two_series(world):
    mine, theirs = world.numbered(world.row(1)), world.numbered(world.row(1), issuer=OTHER_BODY)

    assert serials(world.numbers(mine) + world.numbers(theirs)) == [1, 1]
    assert [entry.entry for entry in world.entries()] == [1, 2]


def test_a_failed_result_gets_no_number_and_leaves_no_gap(world):
    rows = world.rows(4)
    rows[0]["theory"] = rows[2]["practice"] = "59.9"
    submission = world.numbered(*rows)

    assert serials(world.numbers(submission)) == [1, 2]
    assert [statement.holder_name for statement in statements(world)] == [rows[1]["name"], rows[3]["name"]]


def test_a_submission_of_failures_alone_is_finished_without_a_number(world):
    submission = world.reviewed(*world.rows(2, theory="1"))

    assert world.number(submission) == 0
    assert world.count(Certificate, Entry) == (0, 0)


def test_nothing_is_numbered_before_the_office_approved(world):
    submission = world.checked()
    for _ in range(3):
        assert world.number(submission) == 0
        world.decide(submission)

    assert world.number(submission) == 3
    assert world.number(submission) == 0


def test_a_statement_says_what_was_confirmed_and_nothing_else(world):
    row = world.row(1, name="买买提·艾山", direction="大数据处理", level="junior")
    world.numbered(row)

    (statement,) = statements(world)
    (result,) = world.all(select(Result))
    (number,) = world.all(select(Certificate.number))
    assert (statement.holder_name, statement.id_check) == ("买买提·艾山", result.id_check)
    assert (statement.occupation.text, statement.occupation.edition) == ("2-02-10-11", 1)
    assert (statement.direction, statement.level) == (result.direction, Level.JUNIOR)
    assert (statement.issued_on, statement.number) == (THAT_DAY, PROFILE.packed(number))


@pytest.mark.parametrize(
    ("now", "year"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), "26"),
        (datetime(2026, 12, 31, 16, 30, tzinfo=UTC), "27"),
    ],
)
def test_the_year_of_a_number_is_the_year_in_china(world, now, year):
    world.open_series(BODY, Level.INTERMEDIATE, year=2027)
    submission = world.reviewed()

    world.number(submission, now=now)

    fields = [PROFILE.layout.parse(number) for number in world.numbers(submission)]
    assert {field["year"] for field in fields} == {year}
    assert {statement.issued_on.year for statement in statements(world)} == {2000 + int(year)}


def test_nothing_is_numbered_before_the_day_of_the_offices_decision(world):
    submission = world.reviewed()
    before, yesterday = world.count(*GIVEN), NOON - timedelta(hours=13)

    with pytest.raises(ClockBehind) as refusal:
        world.number(submission, now=yesterday)

    assert (refusal.value.today, refusal.value.decided_on) == (THAT_DAY - timedelta(days=1), THAT_DAY)
    assert world.count(*GIVEN) == before


def test_from_the_first_moment_of_that_day_on_the_signer_takes_the_date(world):
    submission = world.reviewed()

    assert world.number(submission, now=NOON - timedelta(hours=12)) == 3
    assert world.sign() == 3
    assert {statement.issued_on for statement in statements(world)} == {THAT_DAY}


def test_the_date_that_the_body_chose_decides_the_series_of_each_row(world):
    now = datetime(2026, 12, 30, 4, 0, tzinfo=UTC)
    world.open_series(BODY, Level.INTERMEDIATE, year=2027)
    dates = ["2026-12-31", "2027-01-01", "2026-12-31", "2027-01-02"]
    rows = [world.row(place, issued_on=day) for place, day in enumerate(dates, 1)]
    content = world.file(*rows, exam_started_on="2026-12-12", exam_ended_on="2026-12-13")
    submission = world.submit(world.signed(content), now=now).submission_id
    world.compute_id_checks(submission)
    for _ in range(3):
        world.record(world.decision(submission, now=now), now=now)

    world.number(submission, now=now)

    numbers = world.numbers(submission)
    assert [PROFILE.layout.parse(number)["year"] for number in numbers] == ["26", "27", "26", "27"]
    assert serials(numbers) == [1, 1, 2, 2]
    assert [str(statement.issued_on) for statement in statements(world)] == dates


def test_a_series_that_is_not_open_uses_nothing_of_any_series(world):
    rows = [world.row(1), world.row(2, issued_on="2027-01-01"), world.row(3, level="junior")]
    now = datetime(2026, 12, 20, 4, 0, tzinfo=UTC)
    content = world.file(*rows, exam_started_on="2026-12-12", exam_ended_on="2026-12-13")
    submission = world.submit(world.signed(content), now=now).submission_id
    world.compute_id_checks(submission)
    for _ in range(3):
        world.record(world.decision(submission, now=now), now=now)
    before = world.count(*GIVEN)

    with pytest.raises(SeriesNotOpen) as refusal:
        world.number(submission, now=now)

    assert refusal.value.key == "1:S:0002:21:000002:27:2"
    assert (world.count(*GIVEN), issued(world)) == (before, ({}, 0))
    world.open_series(BODY, Level.INTERMEDIATE, year=2027)
    assert world.number(submission, now=now) == 3
    assert [entry.entry for entry in world.entries()] == [1, 2, 3]


def test_a_series_that_is_used_up_uses_nothing_and_never_begins_anew(world):
    submission = world.reviewed(*world.rows(3))
    (key,) = world.all(select(Series.key).where(Series.key == "1:S:0002:21:000002:26:2"))
    world.tamper(update(Series).where(Series.key == key).values(issued=999_997))

    with pytest.raises(SeriesExhausted):
        world.number(submission)

    assert issued(world) == ({key: 999_997}, 0)
    assert world.count(Certificate, Entry) == (0, 0)


def test_only_a_registrar_numbers(world):
    submission = world.reviewed()

    for holder in (*world.reviewers.values(), *world.bodies.values()):
        with pytest.raises(NotPermitted):
            number_approved(
                world.sessions, holder.actor, submission, PROFILE, environment=ENVIRONMENT, now=NOON
            )
    assert world.count(Entry) == (0,)


def test_a_submission_larger_than_a_batch_is_numbered_by_calling_again(world, monkeypatch):
    monkeypatch.setattr("registry.certificate.issuance.BATCH", 2)
    submission = world.reviewed(*world.rows(5))

    assert [
        number_approved(
            world.sessions, world.registrar, submission, PROFILE, environment=ENVIRONMENT, now=NOON
        )
        for _ in range(4)
    ] == [2, 2, 1, 0]
    assert serials(world.numbers(submission)) == [1, 2, 3, 4, 5]
