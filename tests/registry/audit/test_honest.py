"""A register that did nothing wrong: nothing is found, whatever was done in it, and what is missing is said."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from registry.audit.check import Check, own_hands
from registry.audit.evidence import open_evidence
from registry.audit.finding import Part
from registry.certificate.lifecycle import Reason, reinstate
from registry.certificate.tables import Certificate, Entry
from registry.foundation.charter import read_charter
from signing.verdict import CLOCK_TOLERANCE
from tests.registry.audit.audited import AFTERWARDS


def checked(audited, places=None, **options):
    sessions, places = audited.world.sessions, places or audited.places
    evidence = open_evidence(places, sessions.read(read_charter))
    return Check(sessions, evidence, own_hands(sessions, evidence), places, **options).run()


def test_nothing_is_found_in_a_register_that_did_everything(fresh_audited):
    report, remembered = checked(fresh_audited)

    assert [finding.text for finding in report.findings] == []
    assert report.skipped == ()
    assert remembered is not None
    assert report.counts["entries"] == len(fresh_audited.world.entries())
    assert report.counts["waiting"] == 0


def test_nothing_is_found_in_a_register_that_did_nothing(young_audited):
    report, _ = checked(young_audited)

    assert report.findings == ()
    assert [skipped.part for skipped in report.skipped] == [Part.SIGNATURES]


def test_events_that_wait_for_their_place_are_counted_and_no_fault(audited):
    audited.go_on()

    report, _ = checked(audited)

    assert report.findings == ()
    assert report.counts["waiting"] > 0


def test_what_happened_since_the_last_status_may_differ_from_it(audited):
    audited.go_on()
    audited.chain()

    assert checked(audited)[0].findings == ()


def test_a_lifted_suspension_is_public_as_one_and_then_released(fresh_audited):
    world = fresh_audited.world
    number = world.all(
        select(Certificate.number).join(Entry).where(Entry.status == "suspended").order_by(Entry.entry)
    )[0]
    world.sessions.run(
        lambda session: reinstate(
            session, world.registrar, number, Reason.INVESTIGATION_CLOSED, now=AFTERWARDS
        )
    )
    fresh_audited.publish(now=AFTERWARDS + 2 * CLOCK_TOLERANCE)
    pending = checked(fresh_audited)[0].findings, world.statuses().count("reinstated")

    fresh_audited.grow(at=AFTERWARDS + 3 * CLOCK_TOLERANCE)
    world.release(now=AFTERWARDS + 3 * CLOCK_TOLERANCE)

    assert pending == ((), 1)
    assert checked(fresh_audited)[0].findings == ()
    assert "reinstated" not in world.statuses()


def test_the_progress_ends_at_what_there_is_to_do(audited):
    told = []
    checked(audited, progress=lambda done, of: told.append((done, of)))

    assert told[-1][0] == told[-1][1] == len(audited.world.entries()) + checked(audited)[0].counts["results"]


@pytest.mark.parametrize(
    ("place", "part"),
    [
        ("data_key_file", Part.SEALED),
        ("lookup_key_file", Part.SEALED),
        ("root_file", Part.SIGNATURES),
        ("trust_folder", Part.SIGNATURES),
        ("signer_journal", Part.SIGNER),
    ],
)
def test_what_is_missing_is_a_part_that_was_skipped(audited, tmp_path, place, part):
    report, remembered = checked(audited, replace(audited.places, **{place: tmp_path / "elsewhere"}))

    assert part in {skipped.part for skipped in report.skipped}
    assert remembered is None


def test_a_register_that_goes_on_working_meanwhile_is_not_at_fault(fresh_audited):
    sessions, places = fresh_audited.world.sessions, fresh_audited.places
    evidence = open_evidence(places, sessions.read(read_charter))
    honest = own_hands(sessions, evidence)

    def hands(scope, tasks):
        for outcome in honest(scope, tasks):
            fresh_audited.go_on()
            yield outcome

    class Busy:
        """Between any two looks at the register, something happens."""

        def read(self, query):
            fresh_audited.world.reviewed(now=AFTERWARDS)
            fresh_audited.go_on()
            return sessions.read(query)

    report, _ = Check(Busy(), evidence, hands, places).run()

    assert [finding.text for finding in report.findings] == []
