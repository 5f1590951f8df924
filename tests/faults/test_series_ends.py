"""The year turns in the middle of a batch, or a series has no number left: every series stays 1..N and never wraps."""

import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from sqlalchemy import select

from registry.assessment.tables import Result
from registry.certificate.errors import SeriesNotOpen
from registry.certificate.issuance import Memory, number_approved
from registry.certificate.numbering import Scope
from registry.certificate.tables import Certificate, Entry, Series
from registry.directory.errors import SeriesExhausted
from registry.directory.profiles import read_profiles
from signing.signed_bytes import statement_of_signed_bytes
from signing.statement import Level
from tests.faults.judging import require_whole
from tests.instants import NOON, SHANGHAI
from tests.registry.world import BODY, ENVIRONMENT, OTHER_BODY, PROFILE, PROVINCE, SITES

BEFORE_MIDNIGHT = datetime(2026, 12, 31, 23, 59, 59, 900_000, tzinfo=SHANGHAI)
AFTER_MIDNIGHT = BEFORE_MIDNIGHT + timedelta(milliseconds=200)


@pytest.fixture
def small_batches(monkeypatch):
    """Let a batch be four rows, so that a submission of ten takes three."""
    monkeypatch.setattr("registry.certificate.issuance.BATCH", 4)


def batch(world, submission, now, *, profile=PROFILE, memory=None):
    return number_approved(
        world.sessions,
        world.registrar,
        submission,
        profile,
        environment=ENVIRONMENT,
        now=now,
        memory=memory,
    )


def years(world):
    """Return (year of 发证日期, year in the number) of all entries, in their order."""
    found = world.all(select(Entry).order_by(Entry.entry))
    dates = [statement_of_signed_bytes(entry.to_be_signed).issued_on for entry in found]
    numbers = world.all(
        select(Certificate.number).join(Entry, Entry.certificate_id == Certificate.id).order_by(Entry.entry)
    )
    return [
        (day.year, PROFILE.layout.parse(number)["year"]) for day, number in zip(dates, numbers, strict=True)
    ]


@pytest.mark.parametrize("zone", [SHANGHAI, UTC])
@pytest.mark.parametrize("remembers", [True, False])
def test_the_new_year_between_two_batches_goes_by_the_clock_of_shanghai(
    world, small_batches, zone, remembers
):
    world.open_series(BODY, Level.INTERMEDIATE, year=2027)
    submission = world.reviewed(*world.rows(10))
    memory = Memory() if remembers else None
    clock = [BEFORE_MIDNIGHT, AFTER_MIDNIGHT, AFTER_MIDNIGHT, AFTER_MIDNIGHT]

    numbered = [batch(world, submission, now.astimezone(zone), memory=memory) for now in clock]

    assert numbered == [4, 4, 2, 0]
    assert years(world) == [(2026, "26")] * 4 + [(2027, "27")] * 6
    assert world.sign(now=AFTER_MIDNIGHT) == world.release(now=AFTER_MIDNIGHT) == 10
    require_whole(world)


def test_dates_that_the_body_chose_decide_for_themselves_in_one_batch(world):
    world.open_series(BODY, Level.INTERMEDIATE, year=2027)
    chosen = ["2026-12-31", "2027-01-01", None, "2027-01-01", "2026-12-31", None]
    rows = [world.row(place, issued_on=day) for place, day in enumerate(chosen, start=1)]
    submission = world.reviewed(
        *rows, now=BEFORE_MIDNIGHT, exam_started_on="2026-12-30", exam_ended_on="2026-12-30"
    )

    assert batch(world, submission, AFTER_MIDNIGHT) == 6

    assert [year for year, _ in years(world)] == [2026, 2027, 2027, 2027, 2026, 2027]
    assert all(str(year)[2:] == said for year, said in years(world))
    # Signed in the new year: what was numbered is signed as it was written down.
    assert world.sign(now=AFTER_MIDNIGHT) == 6
    require_whole(world)


def test_a_year_whose_series_nobody_opened_leaves_what_was_numbered_before(world, small_batches):
    submission = world.reviewed(*world.rows(10))
    assert batch(world, submission, BEFORE_MIDNIGHT) == 4

    with pytest.raises(SeriesNotOpen):
        batch(world, submission, AFTER_MIDNIGHT)

    require_whole(world)
    world.open_series(BODY, Level.INTERMEDIATE, year=2027)
    assert [batch(world, submission, AFTER_MIDNIGHT) for _ in range(3)] == [4, 2, 0]
    require_whole(world)


# The end of a series


@pytest.fixture
def narrow(tmp_path):
    """The issuing profile with serials of two digits."""
    folder = tmp_path / "profiles"
    folder.mkdir()
    name = f"{PROFILE.id}.json"
    profile = json.loads(files("registry").joinpath("data", "profiles", name).read_text("utf-8"))
    (serial,) = (field for field in profile["fields"] if field["name"] == "serial")
    serial["width"] = 2
    (folder / name).write_text(json.dumps(profile, ensure_ascii=False), "utf-8")
    return read_profiles(folder).issuing


def issued_in(world, issuer, level):
    key = Scope(issuer, PROVINCE, SITES[issuer], 2026, level).key(PROFILE)
    return world.sessions.read(lambda session: session.get_one(Series, key)).issued


def test_a_series_without_a_number_left_refuses_cleanly_and_the_others_go_on(world, narrow):
    assert batch(world, world.reviewed(*world.rows(97)), NOON, profile=narrow) == 97
    three_more = world.reviewed(*world.rows(2), world.row(3, level="senior"), world.row(4))
    stored = world.count(Entry, Certificate)

    for _ in range(2):
        with pytest.raises(SeriesExhausted):
            batch(world, three_more, NOON, profile=narrow)

    # Nothing of the refused batch was given, neither in the full series nor in the other one.
    assert world.count(Entry, Certificate) == stored
    assert issued_in(world, BODY, Level.INTERMEDIATE) == 97
    assert issued_in(world, BODY, Level.SENIOR) == 0
    assert batch(world, world.reviewed(*world.rows(2)), NOON, profile=narrow) == 2
    assert issued_in(world, BODY, Level.INTERMEDIATE) == 99

    with pytest.raises(SeriesExhausted):
        batch(world, world.reviewed(world.row(1)), NOON, profile=narrow)
    assert batch(world, world.reviewed(*world.rows(3, level="senior")), NOON, profile=narrow) == 3
    assert batch(world, world.reviewed(*world.rows(3), issuer=OTHER_BODY), NOON, profile=narrow) == 3

    numbers = world.all(select(Certificate.number).order_by(Certificate.serial))
    assert len(set(numbers)) == 105
    assert sorted(int(number[-2:]) for number in numbers) == sorted([*range(1, 100), 1, 2, 3, 1, 2, 3])
    assert len(world.all(select(Result))) == 97 + 4 + 2 + 1 + 3 + 3
    assert [entry.entry for entry in world.entries()] == list(range(1, 106))
