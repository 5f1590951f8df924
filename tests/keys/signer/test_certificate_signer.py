from datetime import timedelta

import pytest

from keys.errors import (
    CorruptSignature,
    NotForThisSigner,
    NumberTaken,
    OtherContentForEntry,
    OutsideEpoch,
    WrongCorrection,
)
from keys.key_file import KeyKind
from keys.signer.certificate_signer import CertificateSigner
from keys.signer.file_signer import FileSigner
from keys.signer.journal import SignerJournal
from keys.trust_changes import distrust, retire
from signing import cbor, cose
from signing.cose import Kind
from signing.token import open_token
from tests.instants import NOON
from tests.keys.small_register import ENVIRONMENT, LAST_ON, certificate


class BrokenSigner:
    """A signer whose every signature comes out corrupt."""

    def __init__(self, signer):
        self.key_id, self.public = signer.key_id, signer.public

    def sign(self, to_be_signed):
        raise CorruptSignature(self.key_id)


def token_of(to_be_signed, signature, key_id):
    payload = certificate_payload(to_be_signed)
    return cose.assemble(key_id=key_id, payload=payload, signature=signature)


def certificate_payload(to_be_signed):
    return cbor.decode(to_be_signed)[3]


def test_what_it_signs_is_a_token_that_verifies(signer, trust, epoch_key):
    to_be_signed = certificate(epoch_key, entry=3, name="王五")

    token = token_of(to_be_signed, signer.sign(to_be_signed), epoch_key)

    assert open_token(token, trust).holder_name == "王五"


def test_a_batch_comes_back_in_its_order_and_the_same_every_time(
    signer, epoch_key, tmp_path, trust, store, seal
):
    batch = [certificate(epoch_key, entry=entry, number=f"01{entry:04d}") for entry in (5, 2, 9)]

    signatures = signer.sign_many(batch)

    assert signatures == [signer.sign(to_be_signed) for to_be_signed in batch]
    reopened = SignerJournal.open(tmp_path / "journal" / "signer.txt")
    again = CertificateSigner.open(store, epoch_key, seal, journal=reopened, trust=trust)
    assert again.sign_many(batch) == signatures
    assert signer.sign_many([]) == []


def not_a_statement(key_id):
    return cose.to_be_signed(
        key_id=key_id, payload=b"\x81\x02", environment=ENVIRONMENT, kind=Kind.CERTIFICATE
    )


def of_kind(kind):
    def to_be_signed(key_id):
        payload = certificate_payload(certificate(key_id))
        return cose.to_be_signed(key_id=key_id, payload=payload, environment=ENVIRONMENT, kind=kind)

    return to_be_signed


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda key_id: b"", NotForThisSigner),
        (lambda key_id: b"any bytes", NotForThisSigner),
        (lambda key_id: b"\x80", NotForThisSigner),
        (lambda key_id: certificate(key_id) + b"\x00", NotForThisSigner),
        (lambda key_id: certificate(key_id, environment="production"), NotForThisSigner),
        (lambda key_id: certificate(bytes(4)), NotForThisSigner),
        (of_kind(Kind.STATUS), NotForThisSigner),
        (of_kind(Kind.TRUST_KEYS), NotForThisSigner),
        (of_kind(Kind.DECISION), NotForThisSigner),
        (not_a_statement, NotForThisSigner),
        (lambda key_id: certificate(key_id, entry=101), OutsideEpoch),
        (lambda key_id: certificate(key_id, issued_on=LAST_ON + timedelta(days=1)), OutsideEpoch),
        (lambda key_id: certificate(key_id, entry=50, name="李四"), OtherContentForEntry),
        (lambda key_id: certificate(key_id, entry=51, number="010050"), NumberTaken),
    ],
)
def test_it_refuses_what_is_not_its_own_to_sign_and_signs_nothing_of_the_batch(
    signer, epoch_key, wrong, error, tmp_path
):
    signer.sign(certificate(epoch_key, entry=50, number="010050"))
    journal = tmp_path / "journal" / "signer.txt"
    before = journal.read_bytes()

    with pytest.raises(error):
        signer.sign_many([certificate(epoch_key, entry=7, number="010007"), wrong(epoch_key)])

    assert journal.read_bytes() == before


def test_the_last_day_and_the_ends_of_the_block_are_inside(signer, epoch_key):
    signer.sign(certificate(epoch_key, entry=1, number="010001", issued_on=LAST_ON))
    signer.sign(certificate(epoch_key, entry=100, number="010100"))


def test_a_correction_is_signed_if_it_names_the_entry_it_corrects(signer, epoch_key):
    signer.sign(certificate(epoch_key, entry=1, name="张三"))
    corrected = certificate(epoch_key, entry=2, name="张叁")

    with pytest.raises(NumberTaken):
        signer.sign(corrected)
    with pytest.raises(WrongCorrection):
        signer.sign(corrected, corrects=9)
    signature = signer.sign(corrected, corrects=1)

    other = certificate(epoch_key, entry=3, number="010003")
    third = certificate(epoch_key, entry=4, name="章三")
    assert len(signer.sign_many([other, third], corrects={4: 2})) == 2
    assert signer.sign(corrected, corrects=1) == signature


def test_a_corrupt_signature_costs_nothing_but_a_second_try(signer, epoch_key, journal, trust):
    to_be_signed = certificate(epoch_key)
    broken = CertificateSigner(BrokenSigner(signer), journal, trust)

    with pytest.raises(CorruptSignature):
        broken.sign(to_be_signed)

    assert len(signer.sign(to_be_signed)) == 64


@pytest.mark.parametrize(
    "change",
    [
        lambda trust, key_id: retire(trust, key_id),
        lambda trust, key_id: distrust(trust, key_id, at=NOON, honest=[]),
    ],
)
def test_a_retired_or_distrusted_key_gets_no_signer(store, seal, trust, epoch_key, journal, change):
    with pytest.raises(NotForThisSigner, match="retired or distrusted"):
        CertificateSigner.open(store, epoch_key, seal, journal=journal, trust=change(trust, epoch_key))


def test_a_status_key_or_an_unknown_key_signs_no_certificate(store, seal, trust, status_key, journal):
    unknown = store.create(KeyKind.CERTIFICATE, seal, now=NOON)

    for kind, key_id in ((KeyKind.STATUS, status_key), (KeyKind.CERTIFICATE, unknown.key_id)):
        with pytest.raises(NotForThisSigner, match="no certificate key"):
            CertificateSigner(FileSigner.open(store, kind, key_id, seal), journal, trust)


def test_its_repr_is_its_key_id(signer, epoch_key):
    assert repr(signer) == f"<CertificateSigner {epoch_key.hex()}>"
    assert (signer.key_id, len(signer.public)) == (epoch_key, 32)
