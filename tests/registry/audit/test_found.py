"""What somebody could do who knows the register well: each fault is found, and named with its row."""

from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import undefer

from registry.assessment.coverage import submission_digest
from registry.assessment.tables import Result, Submission
from registry.audit.check import Check, own_hands
from registry.audit.evidence import open_evidence
from registry.audit.finding import Kind
from registry.certificate.coverage import numbered_digest
from registry.certificate.tables import Certificate, Entry, EntryCounter, Epoch
from registry.civil_time import civil_date
from registry.foundation.charter import read_charter
from registry.journal.chain import FIRST_HASH, WRITTEN, Written, event_hash
from registry.journal.record import record, record_entries
from registry.journal.sequencer import chain_events
from registry.journal.tables import Event, JournalHead
from registry.people.tables import EnrolledKey
from registry.publication.public_files import STATUS
from registry.review.tables import SignedDecision
from tests.instants import NOON
from tests.registry.world import OTHER_BODY


def findings_of(audited):
    sessions = audited.world.sessions
    evidence = open_evidence(audited.places, sessions.read(read_charter))
    return Check(sessions, evidence, own_hands(sessions, evidence), audited.places).run()[0].findings


def named(findings):
    return {(finding.kind, finding.table, finding.row) for finding in findings}


def chain_again(session):
    """Give all events their places anew, as whoever rewrites the journal would."""
    before, place = FIRST_HASH, 0
    for row in session.execute(select(*WRITTEN).order_by(Event.place)).all():
        place += 1
        before = event_hash(before, place, Written._make(row))
        session.execute(update(Event).where(Event.id == row.id).values(place=place, hash=before))
    session.execute(update(JournalHead).values(place=place, hash=before))


def vouch_again(session, entry):
    """Let the event that numbered an entry vouch for what is there now."""
    event = session.scalars(
        select(Event).where(Event.act == "number", Event.first_entry <= entry, Event.last_entry >= entry)
    ).one()
    rows = session.scalars(
        select(Entry).where(Entry.entry.between(event.first_entry, event.last_entry)).order_by(Entry.entry)
    ).all()
    firsts = [session.get(Certificate, row.certificate_id) for row in rows if row.version == 1]
    event.digest = numbered_digest(firsts, rows)
    session.flush()


def test_a_name_rewritten_with_digests_and_chain_breaks_the_signatures(audited):
    entry = audited.world.entries()[0]

    def forge(session):
        result = session.get(Result, entry.result_id)
        result.holder_name = "王五"
        session.flush()
        whole = [undefer(Submission.sealed_content)]
        submission = session.get_one(Submission, result.submission_id, options=whole)
        rows = session.scalars(
            select(Result).where(Result.submission_id == submission.id).order_by(Result.row)
        ).all()
        told = select(Event).where(Event.act == "submit", Event.subject == f"submission:{submission.id}")
        session.scalars(told).one().digest = submission_digest(submission, rows)
        session.flush()
        chain_again(session)

    audited.world.sessions.run(forge)

    found = named(findings_of(audited))
    assert (Kind.SIGNATURE, "entry", "1") in found
    assert Kind.REVIEW in {kind for kind, _, _ in found}
    assert Kind.SEALED in {kind for kind, _, _ in found}
    assert {Kind.JOURNAL, Kind.COVERAGE}.isdisjoint({kind for kind, _, _ in found})


def test_bytes_rewritten_with_digests_and_chain_are_not_the_signers(audited):
    second = audited.world.entry(2)

    def forge(session):
        session.get(Entry, 1).to_be_signed = second.to_be_signed
        session.get(Entry, 1).token = second.token
        session.flush()
        vouch_again(session, 1)
        chain_again(session)

    audited.world.sessions.run(forge)

    found = named(findings_of(audited))
    assert (Kind.SIGNER, "entry", "1") in found
    assert (Kind.SIGNATURE, "entry", "1") in found


def test_a_certificate_that_was_never_revoked_is_named_by_its_entry(audited):
    audited.world.tamper(update(Entry).where(Entry.entry == 3).values(status="released"))

    found = named(findings_of(audited))
    assert (Kind.STATE, "entry", "3") in found
    assert (Kind.PUBLIC, "entry", "3") in found


def test_an_old_copy_of_the_register_is_behind_its_signer_and_its_status(audited):
    last = max(entry.entry for entry in audited.world.entries() if entry.token)
    audited.world.tamper(
        delete(Event).where(Event.last_entry >= last),
        delete(Entry).where(Entry.entry >= last),
        update(EntryCounter).values(last=last - 1),
    )

    findings = findings_of(audited)
    assert (Kind.SIGNER, "entry", str(last)) in named(findings)
    assert any("a stale copy" in finding.what for finding in findings if finding.table == "file")


def test_a_reviewer_who_submitted_too_is_found(audited):
    decision = audited.world.all(select(SignedDecision))[0]
    of_it = Submission.id == decision.submission_id
    (submitter,) = audited.world.all(select(Submission.submitted_by).where(of_it))
    audited.world.tamper(
        update(EnrolledKey).where(EnrolledKey.key_id == decision.key_id).values(account_id=submitter)
    )

    assert (Kind.REVIEW, "submission", str(decision.submission_id)) in named(findings_of(audited))


def revocations(audited) -> set[str]:
    return {
        finding.what.partition(" (event")[0]
        for finding in findings_of(audited)
        if finding.table == "enrolled_key"
    }


def test_a_key_that_somebody_revived_or_revoked_behind_the_registers_back_is_found(audited):
    revoked = EnrolledKey.revoked_at.is_not(None)
    audited.world.tamper(update(EnrolledKey).where(revoked).values(revoked_at=None))
    assert revocations(audited) == {"it is not revoked, and its events say otherwise"}

    audited.world.tamper(update(EnrolledKey).where(EnrolledKey.purpose == "series").values(revoked_at=NOON))
    assert "it is revoked, and no event says so" in revocations(audited)


def test_a_key_that_was_revoked_at_another_time_is_found(audited):
    revoked = EnrolledKey.revoked_at.is_not(None)
    audited.world.tamper(
        update(EnrolledKey).where(revoked).values(revoked_at=NOON - timedelta(microseconds=1))
    )

    assert revocations(audited) == {"it is revoked, and its events say otherwise"}


def test_a_key_that_was_revoked_by_somebody_who_may_not_is_found(audited):
    world = audited.world
    audited.world.tamper(
        update(Event)
        .where(Event.act == "revoke_key")
        .values(actor_id=world.bodies[OTHER_BODY].actor.account_id)
    )

    assert revocations(audited) == {"whoever revoked it"}


def test_a_signature_of_a_key_beyond_its_block_is_found(audited):
    audited.world.tamper(update(Epoch).where(Epoch.first_entry == 1).values(last_entry=6))

    found = named(findings_of(audited))
    assert (Kind.NUMBER, "entry", "7") in found
    assert Kind.COVERAGE in {kind for kind, table, _ in found if table == "epoch"}


def test_a_changed_line_of_the_signers_journal_is_named_by_its_place(audited):
    path = audited.places.signer_journal
    lines = path.read_bytes().split(b"\n")
    lines[3] = lines[3].replace(lines[3][:1], b"9", 1)
    path.write_bytes(b"\n".join(lines))

    found = [finding for finding in findings_of(audited) if finding.kind is Kind.SIGNER]
    assert any(finding.row.startswith(f"{path}+") for finding in found)


def test_a_line_cut_off_the_signers_journal_leaves_a_token_without_one(audited):
    path = audited.places.signer_journal
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    entry = lines[-1].split(b" ")[0].decode()

    assert (Kind.SIGNER, "entry", entry) in named(findings_of(audited))


def test_a_torn_last_line_of_the_signers_journal_is_nobodys_fault(audited):
    with audited.places.signer_journal.open("ab") as file:
        file.write(b"24 01")

    assert findings_of(audited) == ()


def test_a_status_that_says_other_than_the_register_is_told_by_entry(audited):
    audited.world.tamper(update(Entry).where(Entry.entry == 2).values(status="suspended"))

    found = named(findings_of(audited))
    # Something happened to this entry shortly before the status was made, so only its events tell.
    assert (Kind.STATE, "entry", "2") in found


@pytest.mark.parametrize("data", [b"", b"\xd2\x84", bytes(200)])
def test_a_status_that_is_none_is_named_by_its_path(audited, data):
    path = audited.places.public_dir / STATUS
    path.write_bytes(data)

    assert (Kind.PUBLIC, "file", str(path)) in named(findings_of(audited))


def test_a_delta_is_nobodys_fault_and_anything_else_beside_it_is(audited):
    since = audited.places.public_dir / "status" / "since"
    since.mkdir()
    (since / "2026-11-20T04.cbor").write_bytes(b"spoilt")
    (since / "2026-11-20.cbor").write_bytes(b"")
    stray = [since / "2026-11-20.cbor.old", since / "20261120.cbor", since / "2026-11-20T4.cbor"]
    for path in stray:
        path.write_bytes(b"")

    assert named(findings_of(audited)) == {(Kind.PUBLIC, "file", str(path)) for path in stray}


def test_a_trust_bundle_of_the_keys_that_does_not_verify_is_a_finding(audited):
    path = audited.places.trust_folder / "keys.cbor"
    path.write_bytes(path.read_bytes()[:-1])

    assert (Kind.PUBLIC, "file", str(path)) in named(findings_of(audited))


def test_another_secret_than_the_founding_one_opens_nothing(audited):
    audited.places.data_key_file.write_text(sha256(b"another").hexdigest() + "\n")

    found = named(findings_of(audited))
    assert (Kind.SEALED, "charter", "1") in found
    assert len({row for kind, _, row in found if kind is Kind.SEALED}) > 10


def test_no_name_and_no_id_number_is_ever_in_a_finding(audited):
    audited.world.tamper(
        update(Result).values(holder_name="某某", name_received="某某", sealed_id_number=b"\x01" + bytes(40))
    )

    findings = findings_of(audited)
    names = {row.holder_name for row in audited.world.all(select(Result))} | {"李四", "王五"}
    assert findings
    for finding in findings:
        assert not any(name in finding.text for name in names)
        assert "210102" not in finding.text


def _hold(session, world):
    record(session, "hold_numbering", "register", at=NOON, by=world.registrar.account_id)


def test_numbering_that_was_held_and_set_free_by_hand_is_found(audited):
    world = audited.world
    world.sessions.run(lambda session: _hold(session, world))
    why = f"restored on {civil_date(NOON)} without the signer's journal"

    world.tamper(update(EntryCounter).values(held_because=why))
    assert findings_of(audited) == ()
    world.tamper(update(EntryCounter).values(held_because="because"))
    changed = findings_of(audited)
    world.tamper(update(EntryCounter).values(held_because=None))
    freed = findings_of(audited)

    counter = {(Kind.STATE, "entry_counter", "1")}
    assert named(changed) == named(freed) == counter


def test_a_published_revocation_that_is_undone_with_forged_events_is_found(audited):
    world = audited.world
    revoked = world.all(select(Entry.entry).where(Entry.status == "revoked"))[0]
    later = NOON + timedelta(days=400)

    def revive(session):
        session.execute(delete(Event).where(Event.act == "revoke", Event.first_entry == revoked))
        for act, before, after in (
            ("suspend", "released", "suspended"),
            ("reinstate", "suspended", "reinstated"),
            ("release", "reinstated", "released"),
        ):
            by, told = world.registrar.account_id, {"before": before, "after": after, "reason": "exam_fraud"}
            record_entries(session, act, [revoked], at=later, by=by, **told)
        session.execute(
            update(Entry).where(Entry.entry == revoked).values(status="released", changed_at=later)
        )
        session.execute(update(Event).values(place=None, hash=None))
        session.execute(update(JournalHead).values(place=0, hash=FIRST_HASH))

    world.sessions.run(revive)
    chain_events(world.sessions)

    assert (Kind.PUBLIC, "entry", str(revoked)) in named(findings_of(audited))
