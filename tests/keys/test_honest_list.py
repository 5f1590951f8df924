"""Nothing gets into the honest list on one party's word."""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.honest_list import ClaimedToken, LeftOut, build_honest_list, journalled
from keys.key_file import KeyKind
from keys.signer.history import SignedEntry
from keys.trust_changes import distrust, retire
from signing.errors import KeyDistrusted
from signing.signed_bytes import token_of_signed_bytes
from signing.token import honest_digest, open_token
from tests.instants import NOON
from tests.keys.small_register import certificate


@pytest.fixture
def claim(store, seal, epoch_key):
    """Return a signed certificate of an entry, as the register stores it."""
    private = store.open(KeyKind.CERTIFICATE, epoch_key, seal)

    def make(entry=1, *, key=private, **changes):
        bytes_ = certificate(epoch_key, entry=entry, number=f"01{entry:04}", **changes)
        return ClaimedToken(entry, bytes_, token_of_signed_bytes(bytes_, key.sign(bytes_)))

    return make


def recorded(*claims):
    return {claim.entry: sha256(claim.to_be_signed).digest() for claim in claims}


def test_what_register_and_journal_agree_on_is_honest_and_stays_good(claim, trust, epoch_key):
    claims = [claim(entry) for entry in (1, 2, 100)]

    made = build_honest_list(claims, recorded(*claims), trust)

    assert made.left_out == {}
    assert made.digests == {one.entry: honest_digest(one.token) for one in claims}
    dead = distrust(trust, epoch_key, at=NOON, honest=made.digests.values())
    for one in claims:
        assert open_token(one.token, dead).entry == one.entry
    with pytest.raises(KeyDistrusted):
        open_token(claim(3).token, dead)


def test_tokens_of_a_retired_key_can_be_proved_too(claim, trust, epoch_key):
    one = claim()

    assert build_honest_list([one], recorded(one), retire(trust, epoch_key)).left_out == {}


def test_what_does_not_agree_is_left_out_and_told(claim, trust):
    good, other = claim(1), claim(2)
    stranger = Ed25519PrivateKey.generate()
    altered = claim(3, name="李四")
    cases = {
        LeftOut.NO_TOKEN: (ClaimedToken(3, good.to_be_signed, None), recorded(claim(3))),
        LeftOut.NOT_ITS_BYTES: (ClaimedToken(2, good.to_be_signed, other.token), recorded(other)),
        LeftOut.NOT_VERIFIED: (claim(3, key=stranger), recorded(claim(3))),
        LeftOut.NOT_JOURNALLED: (claim(3), {}),
        LeftOut.OTHER_BYTES_JOURNALLED: (altered, recorded(claim(3))),
    }
    for why, (claimed, journal) in cases.items():
        made = build_honest_list([good, claimed], recorded(good) | journal, trust)

        assert made.left_out == {claimed.entry: why}, why
        assert set(made.digests) == {1}, why


def test_a_token_that_stands_for_another_entry_is_left_out(claim, trust):
    one = claim(1)
    moved = ClaimedToken(2, one.to_be_signed, one.token)

    made = build_honest_list([moved], {2: sha256(one.to_be_signed).digest()}, trust)

    assert made.left_out == {2: LeftOut.NOT_VERIFIED}


@pytest.mark.parametrize("entry", [101, 5000])
def test_a_token_outside_the_keys_block_is_left_out(claim, trust, entry):
    one = claim(entry)

    assert build_honest_list([one], recorded(one), trust).left_out == {entry: LeftOut.NOT_VERIFIED}


def test_the_journal_is_asked_for_one_key_alone():
    lines = [SignedEntry(entry, b"\x01\x02", bytes([entry] * 4), bytes(32), None) for entry in (1, 2)]

    assert journalled(lines, bytes([2] * 4)) == {2: bytes(32)}
