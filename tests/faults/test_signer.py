"""The signer killed, hung or wrong: the same bytes get the same token, and no others any."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from keys.crash_points import CrashMode, arm
from keys.errors import CorruptSignature, OtherContentForEntry
from keys.signer.certificate_signer import CertificateSigner
from keys.signer.evidenced_signer import EvidencedSigner
from keys.signer.file_signer import FileSigner
from registry.certificate.signature import sign_numbered
from registry.certificate.tables import Entry
from registry.directory.profiles import load_profiles
from registry.journal.tables import Event
from signing.signed_bytes import statement_of_signed_bytes
from signing.token import statement_to_be_signed
from tests.faults.judging import fixed, require_kept, require_whole
from tests.faults.theatre import PATIENCE_SECONDS
from tests.instants import NOON
from tests.registry.world import ENVIRONMENT, private_key

KILL = CrashMode.KILL
A_DAY = timedelta(days=1)


def other_content(world, entry):
    """Let an entry be of the day after, as the decisions allow too: only who signed the first day can refuse it."""
    row = world.entry(entry)
    statement = statement_of_signed_bytes(row.to_be_signed)
    other = replace(statement, issued_on=statement.issued_on + A_DAY)
    bytes_ = statement_to_be_signed(other, key_id=row.key_id, environment=ENVIRONMENT)
    put(world, entry, to_be_signed=bytes_, numbered_at=row.numbered_at + A_DAY)
    return row


def put(world, entry, **values):
    """Write into the row of an entry."""
    world.tamper(update(Entry).where(Entry.entry == entry).values(**values))


def test_after_a_kill_behind_the_record_no_other_content_is_signed_for_the_entry(theatre):
    world = theatre.world
    world.numbered()
    theatre.trip(KILL, "sign.journalled", lambda world: world.sign())
    honest = other_content(world, 2)
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

    assert signed == 2
    assert {entry: type(refusal) for entry, refusal in held_back.items()} == {2: OtherContentForEntry}
    assert world.entry(2).token is None
    put(world, 2, to_be_signed=honest.to_be_signed, numbered_at=honest.numbered_at)
    assert world.sign() == 1
    require_whole(world)


class Flipping:
    """A private key in a faulty processor: the signature at one call comes out with a flipped bit."""

    def __init__(self, private, *, at_call):
        self._private, self._left = private, at_call

    def sign(self, data):
        """Return the signature, or the spoilt one."""
        signature = self._private.sign(data)
        self._left -= 1
        return signature if self._left else bytes([signature[0] ^ 1]) + signature[1:]


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_corrupt_signature_never_gets_into_the_register_and_the_next_round_is_right(theatre, call):
    world = theatre.world
    world.numbered()
    before = fixed(world)
    ((key_id, key),) = world.trust.keys.items()
    hand = CertificateSigner(
        FileSigner(Flipping(private_key("epoch 1"), at_call=call), key.public), world.journal, world.trust
    )
    faulty = EvidencedSigner(hand, world.trust, world.roster, now=lambda: NOON)

    with pytest.raises(CorruptSignature):
        world.sign({key_id: faulty})

    assert world.statuses() == ["numbered"] * 3
    assert [token for _, _, token in fixed(world).values()] == [None] * 3
    require_whole(world)
    # The very same signer: a second call makes the same signature, this time without the flip.
    assert world.sign({key_id: faulty}) == 3
    require_whole(world)
    require_kept(world, before)


@pytest.mark.parametrize("point", ["sign.before_journal", "sign.journalled", "sign.signed"])
def test_while_a_signer_hangs_reading_goes_on_and_nobody_signs_twice(theatre, hang, point):
    world = theatre.world
    world.issued(world.row(1))
    world.numbered()
    arm(point, CrashMode.HANG, environment=ENVIRONMENT)
    with ThreadPoolExecutor(1) as pool:
        hung = pool.submit(world.sign)
        hang.await_begun()

        assert world.statuses() == ["released"] + ["numbered"] * 3
        # A second worker passes the rows by that the first one holds; where rows are not held, it does the work.
        others = world.sign()
        hang.let_go()
        assert hung.result(PATIENCE_SECONDS) + others == 3

    assert world.statuses() == ["released"] + ["signed"] * 3
    signed = world.all(select(Event).where(Event.act == "sign"))
    assert [(event.first_entry, event.last_entry) for event in signed] == [(1, 1), (2, 4)]
    require_whole(world)
    assert world.release() == 3
