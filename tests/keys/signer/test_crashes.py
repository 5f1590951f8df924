"""A signer killed at each of its steps: what it signed before is what it signs again, and nothing else."""

import signal

import pytest

from keys.crash_points import CrashMode, arm, disarm
from keys.errors import BytesChanged, JournalUnavailable, OtherContentForEntry, SigningRefused
from keys.signer.certificate_signer import CertificateSigner
from keys.signer.journal import HEADER, SignerJournal
from keys.signer.recorded_signature import sign_recorded
from signing.signed_bytes import statement_of_signed_bytes
from signing.token import statement_to_be_signed
from tests.keys.small_register import ENVIRONMENT, certificate, ending_of

BEFORE_THE_RECORD = ["sign.before_journal", "journal.write"]
AFTER_THE_RECORD = ["journal.fsync", "sign.journalled", "sign.signed"]


@pytest.fixture(autouse=True)
def unarmed():
    yield
    disarm()


@pytest.fixture
def path(tmp_path, journal):
    return tmp_path / "journal" / "signer.txt"


@pytest.fixture
def expected(store, seal, trust, epoch_key, batch, tmp_path):
    """The signatures that a signer gives to whom nothing happens."""
    journal = SignerJournal.create(tmp_path / "calm" / "signer.txt")
    calm = CertificateSigner.open(store, epoch_key, seal, journal=journal, trust=trust)
    return calm.sign_many(batch)


@pytest.fixture(params=["alone", "pooled"])
def reopen(request, store, seal, trust, epoch_key, path, pool):
    """Return what opens the signer as a new process would, with or without a pool."""

    def open_anew():
        journal = SignerJournal.open(path)
        chosen = pool if request.param == "pooled" else None
        return CertificateSigner.open(store, epoch_key, seal, journal=journal, trust=trust, pool=chosen)

    return open_anew


def killed_at(point, act):
    def armed():
        arm(point, CrashMode.KILL, environment=ENVIRONMENT)
        act()

    return ending_of(armed) == -signal.SIGKILL


@pytest.mark.parametrize("point", BEFORE_THE_RECORD)
def test_killed_before_the_record_the_same_bytes_get_the_same_signatures(
    reopen, path, batch, expected, point
):
    assert killed_at(point, lambda: reopen().sign_many(batch))

    assert path.read_bytes() == HEADER
    assert reopen().sign_many(batch) == expected


@pytest.mark.parametrize("point", AFTER_THE_RECORD)
def test_killed_after_the_record_the_same_bytes_get_the_same_signatures_and_no_others_any(
    reopen, path, batch, epoch_key, expected, point
):
    assert killed_at(point, lambda: reopen().sign_many(batch))

    recorded = path.read_bytes()
    after = reopen()
    with pytest.raises(OtherContentForEntry):
        after.sign(certificate(epoch_key, entry=100, number="010100", name="李四"))
    assert after.sign_many(batch) == expected
    assert path.read_bytes() == recorded
    assert recorded.count(b"\n") == 1 + len(batch)


@pytest.mark.parametrize("point", ["journal.write", "journal.fsync"])
@pytest.mark.parametrize("mode", [CrashMode.ERROR, CrashMode.DONE])
def test_a_disk_that_fails_or_says_so_lets_nothing_be_signed_until_the_journal_is_opened_anew(
    reopen, batch, expected, point, mode
):
    signer = reopen()
    arm(point, mode, environment=ENVIRONMENT)

    for _ in range(2):
        with pytest.raises(JournalUnavailable):
            signer.sign_many(batch)

    assert reopen().sign_many(batch) == expected


@pytest.mark.parametrize("point", ["sign.before_journal", "sign.journalled", "sign.signed"])
def test_an_error_between_the_steps_costs_a_second_call(reopen, batch, expected, point):
    signer = reopen()
    arm(point, CrashMode.ERROR, environment=ENVIRONMENT)

    with pytest.raises(OSError, match="crash point"):
        signer.sign_many(batch)

    assert signer.sign_many(batch) == expected


@pytest.mark.parametrize("lost", [1, 60, 160, 5000])
def test_a_torn_record_is_completed_with_the_same_content(reopen, path, batch, expected, lost):
    reopen().sign_many(batch)
    whole = path.read_bytes()
    path.write_bytes(whole[:-lost])

    assert reopen().sign_many(batch) == expected
    assert path.read_bytes() == whole


def test_bits_that_flip_before_the_signature_are_found(signer, batch):
    """The bytes are read, then one bit of them flips in memory: what is signed is thrown away."""
    read = [signer.read(to_be_signed) for to_be_signed in batch[:20]]
    flipped = [each._replace(to_be_signed=flip(each.to_be_signed)) for each in read]

    with pytest.raises(BytesChanged):
        signer.sign_read(flipped, [None] * 20)

    assert len(signer.sign_many(batch[:20])) == 20


def flip(bytes_):
    return bytes_[:-1] + bytes([bytes_[-1] ^ 1])


def test_a_bit_that_flips_while_the_key_is_used_is_found(signer, batch):
    with pytest.raises(BytesChanged, match="00000000"):
        sign_recorded(signer, batch[0], bytes(32))


def test_whatever_bit_flips_in_a_request_it_is_refused_or_says_what_it_says(signer, epoch_key):
    """The signer reads each statement once and does not write it again: no bytes may pass that its encoder
    would not write."""
    to_be_signed = certificate(epoch_key, entry=7, name="王五")
    admitted = 0
    for bit in range(8 * len(to_be_signed)):
        flipped = bytearray(to_be_signed)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            statement = signer.read(bytes(flipped)).statement
        except SigningRefused:
            continue
        admitted += 1
        again = statement_to_be_signed(statement, key_id=epoch_key, environment=ENVIRONMENT)
        assert again == flipped
        assert statement_of_signed_bytes(again) == statement
    assert admitted > 50
