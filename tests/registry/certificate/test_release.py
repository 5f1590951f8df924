"""Release and correction: nobody ever sees two versions as valid, or none, and no correction revives anything."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import event, select, update

from registry.assessment.tables import Result
from registry.certificate import release
from registry.certificate.errors import NotACorrection, TokenNotGenuine, UnlawfulTransition
from registry.certificate.issuance import number_approved
from registry.certificate.lifecycle import Reason, reinstate, revoke, suspend
from registry.certificate.release import release_signed
from registry.certificate.tables import Certificate, Entry
from registry.people.errors import NotPermitted
from registry.review.errors import NotConfirmed
from signing.signed_bytes import statement_of_signed_bytes
from signing.token import open_token
from tests.instants import NOON, NOON_UTC, THAT_DAY
from tests.registry.world import ENVIRONMENT, PROFILE


@pytest.fixture
def row(world):
    return world.row(1)


@pytest.fixture
def number(world, row):
    """The number of a released certificate, which is entry 1."""
    return world.issued(row)[0]


def correction(row, number, name="李肆"):
    return {**row, "name": name, "corrects": number, "reason": "姓名有误"}


def act(world, what, number):
    world.sessions.run(
        lambda session: what(session, world.registrar, number, Reason.UNDER_INVESTIGATION, now=NOON)
    )


def test_only_a_registrar_releases(world):
    world.numbered()
    world.sign()

    for holder in (*world.reviewers.values(), *world.bodies.values()):
        with pytest.raises(NotPermitted):
            release_signed(world.sessions, holder.actor, world.trust, now=NOON)
    assert world.statuses() == ["signed"] * 3


def test_what_is_only_numbered_is_not_released(world):
    world.numbered()

    assert world.release() == 0
    assert world.statuses() == ["numbered"] * 3


def test_a_correction_keeps_number_and_date_and_takes_the_next_entry_and_version(world, row, number):
    later = NOON + timedelta(days=45)
    submission = world.submitted(correction(row, number), now=NOON)
    world.compute_id_checks(submission)
    for _ in range(3):
        world.decide(submission)

    world.number(submission, now=later)
    world.sign(now=later)
    world.release(now=later)

    assert world.numbers(submission) == [number]
    assert world.count(Certificate) == (1,)
    first, second = world.entries()
    assert (second.entry, second.version, second.certificate_id) == (2, 2, first.certificate_id)
    before, after = (statement_of_signed_bytes(entry.to_be_signed) for entry in (first, second))
    assert (after.number, after.issued_on, after.level) == (before.number, THAT_DAY, before.level)
    assert (before.holder_name, after.holder_name) == (row["name"], "李肆")
    assert open_token(second.token, world.trust) == after


def test_the_old_version_is_superseded_in_the_moment_the_new_one_is_released(world, row, number):
    world.numbered(correction(row, number))
    assert world.statuses() == ["released", "numbered"]
    world.sign()
    assert world.statuses() == ["released", "signed"]

    assert world.release(now=NOON + timedelta(hours=1)) == 1

    assert world.statuses() == ["superseded", "released"]
    assert {entry.changed_at for entry in world.entries()} == {NOON_UTC + timedelta(hours=1)}


def test_a_release_that_fails_half_way_releases_nothing(world, engine, row, number):
    world.numbered(correction(row, number))
    world.sign()

    def fail(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith("INSERT INTO event") and "release" in str(parameters):
            raise ConnectionError("the power goes")

    event.listen(engine, "before_cursor_execute", fail)
    with pytest.raises(ConnectionError):
        world.release()
    event.remove(engine, "before_cursor_execute", fail)

    assert world.statuses() == ["released", "signed"]
    world.release()
    assert world.statuses() == ["superseded", "released"]


def test_a_correction_waits_while_its_predecessor_is_suspended(world, row, number):
    world.numbered(correction(row, number))
    world.sign()
    act(world, suspend, number)

    assert world.release() == 0
    assert world.statuses() == ["suspended", "signed"]
    act(world, reinstate, number)
    assert world.release() == 1
    assert world.statuses() == ["released", "signed"]
    assert world.release() == 1
    assert world.statuses() == ["superseded", "released"]


def test_a_reinstated_certificate_is_released_beside_what_is_signed(world, number):
    act(world, suspend, number)
    act(world, reinstate, number)
    world.numbered(world.row(1))
    world.sign()

    assert world.release() == 2
    assert world.statuses() == ["released", "released"]


def test_a_reinstated_row_with_a_token_of_nobodys_is_refused_and_in_nobodys_way(world, number):
    world.issued(world.row(1))
    world.numbered(world.row(1))
    world.sign()
    world.tamper(update(Entry).where(Entry.entry < 3).values(status="reinstated"))
    world.tamper(update(Entry).where(Entry.entry == 1).values(token=b"\xd2\x84"))
    refused = {}

    released = release_signed(world.sessions, world.registrar, world.trust, now=NOON, held_back=refused)

    assert released == 2
    assert {entry: type(why) for entry, why in refused.items()} == {1: TokenNotGenuine}
    assert world.statuses() == ["reinstated", "released", "released"]
    with pytest.raises(TokenNotGenuine):
        world.release()


def test_a_refused_reinstated_entry_hides_nothing_that_is_signed_below_it(world, monkeypatch):
    monkeypatch.setattr(release, "BATCH", 1)
    world.numbered(*world.rows(3))
    world.sign()
    world.tamper(update(Entry).where(Entry.entry == 3).values(status="reinstated", token=b"\xd2\x84"))
    refused = {}

    released = [
        release_signed(world.sessions, world.registrar, world.trust, now=NOON, held_back=refused)
        for _ in range(3)
    ]

    assert released == [1, 1, 0]
    assert (world.statuses(), list(refused)) == (["released", "released", "reinstated"], [3])


def test_a_batch_of_nothing_but_refused_entries_keeps_no_other_waiting(world, monkeypatch):
    monkeypatch.setattr(release, "BATCH", 1)
    world.numbered(*world.rows(3))
    world.sign()
    world.tamper(update(Entry).where(Entry.entry < 3).values(token=b"\xd2\x84"))
    refused = {}

    assert release_signed(world.sessions, world.registrar, world.trust, now=NOON, held_back=refused) == 1
    assert (world.statuses(), sorted(refused)) == (["signed", "signed", "released"], [1, 2])


class LostOnce:
    """Sessions of which the first run is lost with its transaction, and repeated."""

    def __init__(self, sessions):
        self.sessions = sessions
        self.runs = 0

    def run(self, act, *, idempotent):
        def lost(session):
            act(session)
            raise ConnectionError("lost")

        self.runs += 1
        with pytest.raises(ConnectionError):
            self.sessions.run(lost)
        self.runs += 1
        return self.sessions.run(act, idempotent=idempotent)


def test_a_repeated_run_passes_by_nothing_that_a_lost_one_refused(world, monkeypatch):
    world.numbered(*world.rows(2))
    world.sign()
    sessions, genuine, refused = LostOnce(world.sessions), release.is_genuine, {}
    monkeypatch.setattr(release, "is_genuine", lambda *asked: sessions.runs > 1 and genuine(*asked))

    assert release_signed(sessions, world.registrar, world.trust, now=NOON, held_back=refused) == 2
    assert (world.statuses(), refused) == (["released", "released"], {})


def test_what_came_back_without_its_token_can_be_reinstated(world, number):
    world.tamper(update(Entry).values(token=None))
    act(world, suspend, number)
    act(world, reinstate, number)

    assert world.release() == 1
    assert world.statuses() == ["released"]


@pytest.mark.parametrize("when", ["before numbering", "before signing", "before release"])
def test_a_correction_never_revives_what_was_revoked(world, row, number, when):
    submission = world.reviewed(correction(row, number))
    steps = {"before numbering": lambda: world.number(submission), "before signing": world.sign}
    for name, step in steps.items():
        if when == name:
            act(world, revoke, number)
        step()
    if when == "before release":
        act(world, revoke, number)

    assert world.release() == 0
    assert world.statuses() == ["revoked", "signed"]
    world.issued(world.row(1))
    assert world.statuses() == ["revoked", "signed", "released"]


def test_a_certificate_is_corrected_again_and_again(world, row, number):
    for name in ("李肆", "李泗", "李寺"):
        world.issued(correction(row, number, name))

    assert world.statuses() == ["superseded"] * 3 + ["released"]
    assert [entry.version for entry in world.entries()] == [1, 2, 3, 4]
    assert world.count(Certificate) == (1,)


def test_first_versions_and_corrections_are_released_together(world, row, number):
    world.numbered(correction({**row, "row": 2}, number), world.row(1), world.row(3))
    world.sign()

    assert world.release() == 3
    assert world.statuses() == ["superseded", "released", "released", "released"]


def test_a_second_correction_that_slipped_in_is_refused_and_uses_nothing(world, row, number):
    first = world.reviewed(correction(row, number))
    # Two corrections of one version can not come through intake: somebody wrote into the database.
    world.tamper(update(Result).where(Result.submission_id == first).values(corrects=None))
    with pytest.raises(NotConfirmed, match="confirms other rows"):
        world.number(first)
    world.tamper(update(Result).where(Result.submission_id == first).values(returned_at_step="office"))
    second = world.reviewed(correction(row, number, "李泗"))
    world.tamper(
        update(Result).where(Result.submission_id == first).values(returned_at_step=None, corrects=1)
    )

    def outcome(submission):
        try:
            return number_approved(
                world.sessions, world.registrar, submission, PROFILE, environment=ENVIRONMENT, now=NOON
            )
        except NotACorrection as refusal:
            return refusal

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(outcome, (first, second)))

    assert sorted(map(str, outcomes))[0] == "1"
    (refused,) = (found for found in outcomes if isinstance(found, NotACorrection))
    assert (refused.entry, "later version" in str(refused)) == (1, True)
    assert [entry.version for entry in world.entries()] == [1, 2]


def test_a_correction_of_an_entry_that_is_not_there_is_refused(world, row):
    submission = world.checked(row)
    world.tamper(update(Result).values(corrects=77))
    for _ in range(3):
        world.decide(submission)

    with pytest.raises(NotACorrection, match="no such entry"):
        world.number(submission)


def test_a_correction_of_another_level_is_refused_even_when_it_was_confirmed(world, row, number):
    submission = world.checked(correction(row, number))
    world.tamper(update(Result).where(Result.submission_id == submission).values(level=3))
    for _ in range(3):
        world.decide(submission)

    with pytest.raises(NotACorrection, match="level"):
        world.number(submission)
    assert len(world.all(select(Entry))) == 1


def test_a_date_chosen_for_a_correction_does_not_change_the_date_of_the_certificate(world, row, number):
    world.issued({**correction(row, number), "issued_on": "2026-11-21"})

    dates = {statement_of_signed_bytes(entry.to_be_signed).issued_on for entry in world.entries()}
    assert dates == {THAT_DAY, date(2026, 11, 20)}


def test_a_revocation_that_meets_a_release_is_never_undone(world, row, number):
    """However they interleave, a revoked version stays revoked, and its correction is not released beside it."""
    world.numbered(correction(row, number))
    world.sign()

    def revoked():
        try:
            act(world, revoke, number)
        except UnlawfulTransition as refusal:
            return refusal
        return None

    with ThreadPoolExecutor(2) as pool:
        revocation, release = pool.submit(revoked), pool.submit(world.release)
        refusal, released = revocation.result(), release.result()

    if refusal is None and released == 0:
        assert world.statuses() == ["revoked", "signed"]
    elif refusal is None:
        assert world.statuses() == ["superseded", "revoked"]
    else:
        assert (world.statuses(), released) == (["superseded", "released"], 1)


def test_a_version_that_is_revoked_after_the_release_chose_it_is_not_superseded(world, engine, row, number):
    world.numbered(correction(row, number))
    world.sign()
    if engine.dialect.name == "sqlite":
        # There is one writer at a time: nothing can come between.
        act(world, revoke, number)
        assert world.release() == 0
        return
    met = []

    def between(connection, cursor, statement, parameters, context, executemany):
        if "SKIP LOCKED" in statement and "entry.version" in statement and not met:
            met.append(statement)
            with ThreadPoolExecutor(1) as pool:
                pool.submit(act, world, revoke, number).result()

    event.listen(engine, "after_cursor_execute", between)
    released = world.release()
    event.remove(engine, "after_cursor_execute", between)

    assert (len(met), released) == (1, 0)
    assert world.statuses() == ["revoked", "signed"]
