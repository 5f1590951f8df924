"""Signing: the bytes that were stored, those alone, and the same token after every kind of crash."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from keys.errors import CorruptSignature, OtherContentForEntry
from registry.assessment.tables import Result
from registry.certificate.errors import NotAsConfirmed, SignerMissing
from registry.certificate.lifecycle import Reason, void
from registry.certificate.signature import sign_numbered
from registry.certificate.tables import Entry
from registry.directory.profiles import load_profiles
from registry.people.errors import NotPermitted
from registry.review.errors import NotConfirmed
from signing.cose import Envelope, Kind
from signing.signed_bytes import statement_of_signed_bytes
from signing.token import open_token, statement_to_be_signed
from tests.instants import NOON, NOON_UTC
from tests.registry.world import ENVIRONMENT


class PowerCut(Exception):
    """The machine stops."""


class BrokenSigner:
    """A signer none of whose signatures holds."""

    def __init__(self, signer):
        self.key_id = signer.key_id

    def sign_many(self, request):
        raise CorruptSignature(self.key_id)


class Watched:
    """A signer that remembers what it gave out, then lets something happen before the register has it."""

    def __init__(self, signer, happens=lambda: None):
        self.key_id = signer.key_id
        self._signer, self._happens = signer, happens
        self.asked = []
        self.given = []

    def sign_many(self, request):
        signatures = self._signer.sign_many(request)
        self.asked += [item.to_be_signed for item in request.items]
        self.given += signatures
        self._happens()
        return signatures


def cut():
    raise PowerCut


def sign_holding_back(world, held_back):
    signing = {"environment": ENVIRONMENT, "now": NOON, "held_back": held_back}
    return sign_numbered(world.sessions, world.registrar, world.signers, load_profiles(), **signing)


def watched(world, happens=lambda: None):
    return {key_id: Watched(signer, happens) for key_id, signer in world.signers.items()}


def tokens(world):
    return [entry.token for entry in world.entries()]


def test_the_token_is_made_of_the_stored_bytes_and_opens_with_the_trust_bundle(world):
    world.numbered()
    stored = [entry.to_be_signed for entry in world.entries()]
    signers = watched(world)

    assert world.sign(signers) == 3

    (signer,) = signers.values()
    assert signer.asked == stored
    for entry, bytes_, signature in zip(world.entries(), stored, signer.given, strict=True):
        envelope = Envelope.from_bytes(entry.token)
        assert entry.to_be_signed == bytes_ == envelope.signed_bytes(ENVIRONMENT, Kind.CERTIFICATE)
        assert envelope.signature == signature
        assert open_token(entry.token, world.trust) == statement_of_signed_bytes(bytes_)
        assert (entry.status, entry.changed_at) == ("signed", NOON_UTC)


def test_a_number_survives_a_signer_that_fails(world):
    submission = world.numbered()
    numbers, before = world.numbers(submission), [entry.to_be_signed for entry in world.entries()]
    broken = {key_id: BrokenSigner(signer) for key_id, signer in world.signers.items()}

    with pytest.raises(CorruptSignature):
        world.sign(broken)
    assert (world.statuses(), tokens(world)) == (["numbered"] * 3, [None] * 3)

    assert world.sign() == 3
    assert world.numbers(submission) == numbers
    assert [entry.to_be_signed for entry in world.entries()] == before


def test_a_crash_between_the_signer_and_the_register_gives_the_same_tokens(world):
    world.numbered()
    signers = watched(world, cut)
    with pytest.raises(PowerCut):
        world.sign(signers)
    assert world.statuses() == ["numbered"] * 3

    world.sign(now=NOON + timedelta(days=40))

    (signer,) = signers.values()
    assert [Envelope.from_bytes(token).signature for token in tokens(world)] == signer.given


def test_a_crash_before_the_release_releases_the_same_tokens(world):
    world.numbered()
    world.sign()
    before = tokens(world)

    assert world.sign() == 0
    assert world.release(now=NOON + timedelta(days=2)) == 3
    assert (world.release(), tokens(world)) == (0, before)


def told(to_be_signed):
    return statement_of_signed_bytes(to_be_signed).holder_name


def forge(world):
    """Give entry 1 another holder in the bytes to be signed."""
    forged = world.entry(1).to_be_signed.replace("李".encode(), "王".encode())
    world.tamper(update(Entry).where(Entry.entry == 1).values(to_be_signed=forged))


def redate(world):
    """Let entry 1 be numbered and issued a day later: a date that the decisions would allow as well."""
    entry, key_id = world.entry(1), next(iter(world.trust.keys))
    statement = statement_of_signed_bytes(entry.to_be_signed)
    later = replace(statement, issued_on=statement.issued_on + timedelta(days=1))
    bytes_ = statement_to_be_signed(later, key_id=key_id, environment=ENVIRONMENT)
    changed = {"to_be_signed": bytes_, "numbered_at": entry.numbered_at + timedelta(days=1)}
    world.tamper(update(Entry).where(Entry.entry == 1).values(**changed))


def test_bytes_that_do_not_say_what_was_confirmed_are_not_signed(world):
    world.numbered()
    forge(world)
    signers = watched(world)

    with pytest.raises(NotAsConfirmed) as refusal:
        world.sign(signers)

    assert refusal.value.entry == 1
    assert world.statuses() == ["numbered"] * 3


def test_other_bytes_for_an_entry_that_was_signed_are_refused_by_the_signer_itself(world):
    world.numbered()
    with pytest.raises(PowerCut):
        world.sign(watched(world, cut))
    redate(world)

    with pytest.raises(OtherContentForEntry):
        world.sign()

    assert world.statuses() == ["numbered"] * 3


@pytest.mark.parametrize(("change", "refusal"), [(forge, NotAsConfirmed), (redate, OtherContentForEntry)])
def test_one_entry_that_is_held_back_keeps_no_other_waiting(world, change, refusal):
    world.numbered()
    with pytest.raises(PowerCut):
        world.sign(watched(world, cut))
    change(world)
    held_back = {}

    def sign():
        return sign_numbered(
            world.sessions,
            world.registrar,
            world.signers,
            load_profiles(),
            environment=ENVIRONMENT,
            now=NOON,
            held_back=held_back,
        )

    assert (sign(), sign()) == (2, 0)
    assert list(held_back) == [1]
    assert isinstance(held_back[1], refusal)
    assert world.statuses() == ["numbered", "signed", "signed"]


def test_two_workers_that_sign_at_once_keep_one_token_each(world):
    world.numbered(*world.rows(6))

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: world.sign(), range(4)))

    assert sum(counts) == 6
    assert world.statuses() == ["signed"] * 6
    for entry in world.entries():
        assert open_token(entry.token, world.trust).entry == entry.entry


def test_an_entry_that_is_voided_while_it_is_being_signed_is_void_in_the_end(world):
    world.numbered()
    with ThreadPoolExecutor(1) as pool:
        voiding = []

        def voided():
            def act(session):
                return void(session, world.registrar, 2, Reason.ISSUED_IN_ERROR, now=NOON)

            voiding.append(pool.submit(world.sessions.run, act))
            if not world.sessions.locks_rows:
                voiding[0].result()

        signed = world.sign(watched(world, voided))
        voiding[0].result()

    # Where the signer's rows are locked, the voiding waited for the signature; else it was quicker and there is none.
    waited = world.sessions.locks_rows
    assert signed == (3 if waited else 2)
    assert world.statuses() == ["signed", "void", "signed"]
    assert [token is None for token in tokens(world)] == [False, not waited, False]
    assert world.release() == 2


def test_without_the_signer_of_a_key_nothing_is_signed(young_world):
    first, second = young_world.open_epoch(1, 2), young_world.open_epoch(3, 9)
    young_world.numbered()
    signers = young_world.signers

    for missing in (first, second):
        with pytest.raises(SignerMissing) as refusal:
            young_world.sign({key_id: signers[key_id] for key_id in signers if key_id != missing})
        assert refusal.value.key_id == missing
        assert young_world.statuses() == ["numbered"] * 3
    assert young_world.sign() == 3


def test_only_a_registrar_has_certificates_signed_and_released(world):
    world.numbered()

    for holder in (*world.reviewers.values(), *world.bodies.values()):
        signers = watched(world)
        with pytest.raises(NotPermitted):
            sign_numbered(
                world.sessions, holder.actor, signers, load_profiles(), environment=ENVIRONMENT, now=NOON
            )
        assert not next(iter(signers.values())).asked


def test_more_than_a_batch_is_signed_and_released_by_calling_again(world, monkeypatch):
    monkeypatch.setattr("registry.certificate.signature.BATCH", 2)
    monkeypatch.setattr("registry.certificate.release.BATCH", 2)
    world.numbered(*world.rows(5))

    assert [world.sign() for _ in range(4)] == [2, 2, 1, 0]
    assert [world.release() for _ in range(4)] == [2, 2, 1, 0]


def test_an_entry_that_is_refused_keeps_no_other_waiting(world):
    world.numbered(*world.rows(4))
    forged = world.entry(2).to_be_signed.replace(b"\x84", b"\x84", 1)[:-1] + b"\x00"
    world.tamper(update(Entry).where(Entry.entry == 2).values(to_be_signed=forged))
    held_back = {}

    signed = sign_numbered(
        world.sessions,
        world.registrar,
        world.signers,
        load_profiles(),
        environment=ENVIRONMENT,
        now=NOON,
        held_back=held_back,
    )

    assert signed == 3
    assert list(held_back) == [2]
    assert world.statuses() == ["signed", "numbered", "signed", "signed"]


@pytest.mark.parametrize("column", ["holder_name", "id_check", "edition", "direction", "level", "passed"])
def test_a_result_changed_after_it_was_numbered_is_not_signed(world, column):
    world.numbered()
    changed = {
        "holder_name": "王五",
        "id_check": 1,
        "edition": 2,
        "direction": 9,
        "level": 3,
        "passed": False,
    }
    result = world.entry(1).result_id
    before = world.sessions.read(lambda session: getattr(session.get_one(Result, result), column))
    assert before != changed[column]
    world.tamper(update(Result).where(Result.id == result).values({column: changed[column]}))
    another = world.numbered()
    held_back = {}

    # What three people signed is no longer there, so nothing of that submission is signed; others do not wait for it.
    assert sign_holding_back(world, held_back) == 3
    assert [type(refusal) for refusal in held_back.values()] == [NotConfirmed] * 3
    assert world.statuses() == ["numbered"] * 3 + ["signed"] * 3
    assert len(world.numbers(another)) == 3
