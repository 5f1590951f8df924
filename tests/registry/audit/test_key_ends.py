"""Keys that came to their end: nothing is found in a register that did it lawfully, and every trick with it is."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert, select, update

from keys.honest_list import build_honest_list, journalled
from keys.trust_changes import distrust, retire
from registry.audit.check import Check, own_hands
from registry.audit.finding import Kind
from registry.certificate.abandonment import abandon
from registry.certificate.alarm import tokens_of_key
from registry.certificate.ceremonies import CeremonyKind, CeremonyRecord, TrustFile, record_ceremony
from registry.certificate.epochs import close_epoch
from registry.certificate.tables import Entry, Epoch
from registry.journal.tables import Event
from registry.publication.public_files import TRUST_KEYS
from tests.conftest import DATABASES
from tests.instants import NOON, NOON_UTC
from tests.registry.audit.audited import LATER, Audited, founded
from tests.registry.audit.proving import evidence_of, missed_mutations
from tests.registry.audit.test_found import findings_of, named

ALARM = NOON_UTC + timedelta(minutes=5)


def ended(engine, folder) -> Audited:
    """Return a world with an epoch closed, one passed over, and a key distrusted while numbers were on their way."""
    audited = founded(engine, folder)
    world = audited.world
    first, second = world.open_epoch(1, 10), world.open_epoch(11, 20)
    world.issued()
    world.sessions.run(lambda session: close_epoch(session, world.registrar, first, now=NOON))
    world.trust = retire(world.trust, first)
    world.issued(*world.rows(2))
    waiting = world.numbered(*world.rows(2))
    audited.publish(now=NOON)
    take_off(audited, second)
    world.open_epoch(15, 40)
    world.number(waiting)
    world.sign()
    world.release()
    audited.publish(now=LATER)
    for kind in TrustFile:
        for version in (1, 2):
            recorded(audited, kind, version)
    audited.chain()
    return audited


def take_off(audited, key_id):
    world = audited.world
    found = world.sessions.read(
        lambda session: tokens_of_key(session, key_id, alarm=ALARM, vouched=frozenset())
    )
    honest = build_honest_list(found.honest, journalled(world.journal.entries(), key_id), world.trust)
    assert not honest.left_out

    def act(session):
        abandon(session, world.registrar, key_id, honest=honest.digests, now=NOON)
        close_epoch(session, world.registrar, key_id, now=NOON)

    world.sessions.run(act)
    world.trust = distrust(world.trust, key_id, at=NOON, honest=honest.digests.values(), last_entry=14)


def recorded(audited, file, version):
    """Record a ceremony; of the newest version, what it really made."""
    name = "keys.cbor" if file is TrustFile.KEYS else "names.cbor"
    data = (audited.places.trust_folder / name).read_bytes() if version == 2 else b"an earlier one"
    made = CeremonyRecord.of(CeremonyKind.OPEN_EPOCH, file, version, data, ())
    world = audited.world
    world.sessions.run(lambda session: record_ceremony(session, world.registrar, made, now=NOON))


@pytest.fixture(params=DATABASES)
def fresh_ended(request, tmp_path, quick_id_checks):
    """The world on each database."""
    audited = ended(request.getfixturevalue(f"{request.param}_register")(), tmp_path)
    yield audited
    audited.engine.dispose()


@pytest.fixture
def audited(sqlite_register, tmp_path, quick_id_checks):
    """The world on SQLite alone."""
    audited = ended(sqlite_register(), tmp_path)
    yield audited
    audited.engine.dispose()


def test_nothing_is_found_in_a_register_whose_keys_ended_lawfully(fresh_ended):
    statuses = fresh_ended.world.statuses()

    assert statuses == ["released"] * 3 + ["void"] * 7 + ["released"] * 2 + ["void"] * 2 + ["released"] * 2
    assert [finding.text for finding in findings_of(fresh_ended)] == []


def test_every_single_mutation_of_it_is_found(audited):
    assert missed_mutations(audited, count=150) == []


def test_an_epoch_that_was_opened_again_by_hand_is_found(audited):
    first = audited.world.all(select(Epoch.key_id).order_by(Epoch.first_entry))[0]
    audited.world.tamper(update(Epoch).where(Epoch.key_id == first).values(closed_at=None))

    assert (Kind.STATE, "epoch", first.hex()) in named(findings_of(audited))


def test_an_epoch_that_was_closed_by_hand_is_found(audited):
    last = audited.world.all(select(Epoch.key_id).order_by(Epoch.first_entry))[-1]
    audited.world.tamper(update(Epoch).where(Epoch.key_id == last).values(closed_at=NOON))

    assert (Kind.STATE, "epoch", last.hex()) in named(findings_of(audited))


def test_a_closing_that_the_trust_bundle_does_not_know_of_is_an_unfinished_ceremony(audited):
    world = audited.world
    last = world.all(select(Epoch.key_id).order_by(Epoch.first_entry))[-1]
    world.sessions.run(lambda session: close_epoch(session, world.registrar, last, now=NOON))

    (finding,) = findings_of(audited)
    assert (finding.kind, finding.row) == (Kind.STATE, last.hex())
    assert "not finished" in finding.what


def test_a_released_certificate_outside_the_honest_list_is_found_until_it_is_gone(audited):
    (key_id,) = audited.world.trust.tombstones
    kept, left_out = sorted(audited.world.trust.honest[key_id])
    evidence = evidence_of(audited)
    narrower = replace(evidence, trust=replace(evidence.trust, honest={key_id: frozenset([kept])}))
    sessions = audited.world.sessions

    found = Check(sessions, narrower, own_hands(sessions, narrower), audited.places).run()[0].findings

    (finding,) = found
    assert (finding.kind, finding.row in ("11", "12")) == (Kind.SIGNATURE, True)
    assert "not in the honest list" in finding.what
    assert left_out != kept
    audited.world.tamper(update(Entry).where(Entry.entry == int(finding.row)).values(status="revoked"))
    gone = Check(sessions, narrower, own_hands(sessions, narrower), audited.places).run()[0].findings
    assert Kind.SIGNATURE not in {each.kind for each in gone}


def test_a_freed_result_that_is_put_back_by_hand_is_found(audited):
    world = audited.world
    (event,) = world.all(select(Event).where(Event.act == "free_result", Event.first_entry == 13))
    result = UUID(event.details["result"])
    world.tamper(
        update(Entry).where(Entry.result_id == result).values(result_id=None),
        update(Entry).where(Entry.entry == 13).values(result_id=result),
    )

    found = named(findings_of(audited))
    assert (Kind.STATE, "entry", "13") in found
    assert Kind.COVERAGE in {kind for kind, _, _ in found}


def test_an_entry_that_was_passed_over_and_given_after_all_is_found(audited):
    world = audited.world
    model = world.entry(1)
    world.tamper(
        update(Entry)
        .where(Entry.entry == 5)
        .values(status="released", to_be_signed=model.to_be_signed, token=model.token)
    )

    found = named(findings_of(audited))
    assert (Kind.STATE, "entry", "5") in found
    assert Kind.COVERAGE in {kind for kind, _, _ in found}


def ceremonies_of(audited, file):
    """Return the records of the ceremonies that made this file, oldest first."""
    events = audited.world.all(select(Event).where(Event.act == "key_ceremony").order_by(Event.id))
    return [event for event in events if event.details["file"] == file]


def trust_findings(audited):
    return [finding.what for finding in findings_of(audited) if TRUST_KEYS in finding.row]


def test_a_trust_bundle_that_no_ceremony_made_is_found(audited):
    audited.publish(now=LATER + timedelta(minutes=1))

    (what,) = trust_findings(audited)
    assert what == "no ceremony made version 3 of it, as far as the journal knows"


def test_a_ceremony_that_made_another_file_is_found(audited):
    world = audited.world
    made = ceremonies_of(audited, TrustFile.KEYS)[1]
    world.tamper(update(Event).where(Event.id == made.id).values(details={**made.details, "sha256": "00"}))

    assert "version 2 is not what its ceremony made" in trust_findings(audited)


def test_an_old_copy_of_the_keys_folder_is_found(audited):
    for version in (3, 4):
        recorded(audited, TrustFile.KEYS, version)

    assert "the journal knows version 4 of it: this is an old copy of the keys' folder" in trust_findings(
        audited
    )


def test_two_ceremonies_for_one_version_and_unknown_ones_are_found(audited):
    world = audited.world
    made = ceremonies_of(audited, TrustFile.KEYS)[0]
    twice = {name: getattr(made, name) for name in ("at", "actor_id", "act", "subject")}
    world.tamper(insert(Event).values(**twice, details={**made.details, "ceremony": "party"}))

    found = trust_findings(audited)
    assert "the journal has two ceremonies for one version of it" in found
    assert "the journal names a ceremony that there is not" in found


def test_a_closing_without_its_event_is_found(audited):
    audited.world.tamper(delete(Event).where(Event.act == "close_epoch"))

    found = named(findings_of(audited))
    assert sum(kind is Kind.STATE and table == "epoch" for kind, table, _ in found) == 2


def test_an_event_that_frees_another_result_vouches_for_nothing(audited):
    world = audited.world
    world.tamper(update(Event).where(Event.act == "free_result").values(details={"result": str(uuid4())}))

    assert Kind.COVERAGE in {kind for kind, _, _ in named(findings_of(audited))}
