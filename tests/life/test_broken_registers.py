"""Registers that are broken on purpose: a few lives find each of them, or the many lives prove nothing."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date
from itertools import islice

import pytest

from keys.signer.journal import SignerJournal
from registry.certificate import approved, batch, issuance, lifecycle, release
from registry.certificate.lifecycle import Action, Status
from registry.database import sessions
from registry.intake import submission, withdrawal
from registry.journal import sequencer
from registry.review import decision
from tests.life.living import live

LIVES = 40


def skip_a_number(monkeypatch):
    """Every batch leaves out one number of each series."""
    take = batch.take_serials

    def take_one_more(session, wanted):
        taken = take(session, Counter({key: count + 1 for key, count in wanted.items()}))
        return {key: serials._replace(next=islice(serials.next, 1, None)) for key, serials in taken.items()}

    monkeypatch.setattr(batch, "take_serials", take_one_more)


def take_numbers_beforehand(monkeypatch):
    """Numbers are taken in a transaction of their own, so a crash between the two loses them."""
    take = batch.take_serials

    def take_and_commit(session, wanted):
        taken = take(session, wanted)
        session.connection().exec_driver_sql("COMMIT")
        session.connection().exec_driver_sql("BEGIN IMMEDIATE")
        return taken

    monkeypatch.setattr(batch, "take_serials", take_and_commit)


def forget_to_supersede(monkeypatch):
    """A correction is released beside what it corrects."""
    move_all = release.move_all

    def move_all_others(session, actor, entries, before, action, *, now):
        if action is not Action.SUPERSEDE:
            move_all(session, actor, entries, before, action, now=now)

    monkeypatch.setattr(release, "move_all", move_all_others)


def repeat_blindly(monkeypatch):
    """What may have been committed is done once more, whatever it was."""
    monkeypatch.setattr(sessions, "_may_be_stored", lambda error: False)


def forget_what_was_signed(monkeypatch):
    """The signer keeps no journal."""
    monkeypatch.setattr(SignerJournal, "admit", lambda journal, wanted: None)


def live_by_greenwich(monkeypatch):
    """Certificates are dated by UTC."""
    monkeypatch.setattr(approved, "civil_date", lambda instant: instant.astimezone(UTC).date())


def tell_less_than_was_done(monkeypatch):
    """The journal leaves out the last entry of a release, if there are several."""
    record = lifecycle.record_entries

    def record_less(session, act, entries, **told):
        record(session, act, entries[: max(1, len(entries) - 1)], **told)

    monkeypatch.setattr(lifecycle, "record_entries", record_less)


def certify_twice(monkeypatch):
    """Nobody looks whether a person has passed the same before."""
    monkeypatch.setattr(submission, "faults_of_duplicates", lambda *asked: ())


def let_one_person_decide_twice(monkeypatch):
    """Nobody looks who acted before."""
    monkeypatch.setattr(decision, "_acted_before", lambda *asked: set())


def lift_suspensions_at_once(monkeypatch):
    """What is reinstated is in force before anybody could see why."""
    monkeypatch.setitem(lifecycle.TRANSITIONS, (Status.SUSPENDED, Action.REINSTATE), Status.RELEASED)


def follow_a_clock_that_was_set_back(monkeypatch):
    """Certificates are dated before their own decision."""
    plan = issuance.plan
    monkeypatch.setattr(
        issuance,
        "plan",
        lambda session, submission, results, confirmed, *, now: plan(
            session, submission, results, replace(confirmed, decided_on=date.min), now=now
        ),
    )


def forget_the_chain(monkeypatch):
    """Each event is hashed by itself."""
    hash_of = sequencer.event_hash
    monkeypatch.setattr(
        sequencer, "event_hash", lambda before, place, event: hash_of(bytes(32), place, event)
    )


def tell_of_a_withdrawal_and_not_do_it(monkeypatch):
    """What its body took back goes on to the reviewers."""
    monkeypatch.setattr(withdrawal, "take_back", lambda *asked: True)


BREAKS = [
    skip_a_number,
    take_numbers_beforehand,
    forget_to_supersede,
    repeat_blindly,
    forget_what_was_signed,
    live_by_greenwich,
    tell_less_than_was_done,
    certify_twice,
    let_one_person_decide_twice,
    lift_suspensions_at_once,
    follow_a_clock_that_was_set_back,
    forget_the_chain,
    tell_of_a_withdrawal_and_not_do_it,
]


@pytest.mark.usefixtures("quick_id_checks")
@pytest.mark.parametrize("break_it", BREAKS, ids=lambda found: found.__name__)
def test_a_broken_register_is_found(break_it, sqlite_place, new_folder, monkeypatch):
    break_it(monkeypatch)

    with pytest.raises(AssertionError):
        live(sqlite_place, new_folder, lives=LIVES)
