"""Logging in, losing the token, and getting it back."""

import _ssl
import os
import threading
from pathlib import Path

import pkcs11
import pytest
from pkcs11.constants import TokenFlag

from keys.errors import (
    HsmModuleMissing,
    HsmSessionLost,
    HsmTokenMissing,
    HsmUnavailable,
    KeyFileExposed,
    KeyUnavailable,
    PinRefused,
)
from keys.hsm import faults
from keys.hsm.pin import Pin, read_pin
from keys.hsm.place import HsmPlace
from keys.hsm.session import HsmSession
from keys.hsm.store import HsmStore
from keys.key_file import KeyKind
from tests.instants import NOON
from tests.keys.secrets_shown import everything_said_by
from tests.rigs.soft_token import MODULE, PIN


@pytest.fixture
def signer(hsm, seal, key):
    return hsm.signer(KeyKind.CERTIFICATE, key.key_id, seal)


# The PIN


@pytest.mark.parametrize("wrong", ["0000-0000", "%!", "x" * 255], ids=["another", "too short", "too long"])
def test_a_wrong_pin_is_refused_and_not_shown(hsm, seal, key, pin_file, wrong):
    pin_file.write_text(wrong)
    hsm.close()

    with pytest.raises(PinRefused, match="the PIN is wrong") as refusal:
        hsm.signer(KeyKind.CERTIFICATE, key.key_id, seal)

    said = everything_said_by(refusal.value)
    assert wrong.encode() not in said
    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None


def test_after_a_wrong_pin_the_token_says_that_tries_were_lost(hsm, seal, key, pin_file):
    pin_file.write_text("0000-0000")
    hsm.close()

    with pytest.raises(PinRefused, match="tries were lost"):
        hsm.signer(KeyKind.CERTIFICATE, key.key_id, seal)

    pin_file.write_text(PIN)
    assert hsm.signer(KeyKind.CERTIFICATE, key.key_id, seal).sign(b"x")


def test_a_process_tries_a_wrong_pin_once(hsm, seal, key, pin_file):
    pin_file.write_text("0000-0000")
    hsm.close()
    with pytest.raises(PinRefused, match="the PIN is wrong"):
        hsm.signer(KeyKind.CERTIFICATE, key.key_id, seal)

    for store in (hsm, HsmStore(hsm.place)):
        with pytest.raises(PinRefused, match="is not tried again") as refusal:
            store.signer(KeyKind.CERTIFICATE, key.key_id, seal)
        assert b"0000-0000" not in everything_said_by(refusal.value)


def test_a_locked_pin_is_not_tried(place):
    with pytest.raises(PinRefused, match="locked"):
        faults.require_tries_left(TokenFlag.USER_PIN_LOCKED, place)


def test_the_last_try_is_not_spent_unattended(place):
    with pytest.raises(PinRefused, match="kept for a person"):
        faults.require_tries_left(TokenFlag.USER_PIN_FINAL_TRY | TokenFlag.USER_PIN_COUNT_LOW, place)

    faults.require_tries_left(TokenFlag.USER_PIN_COUNT_LOW | TokenFlag.LOGIN_REQUIRED, place)


@pytest.mark.parametrize(
    ("kind", "flags", "said"),
    [
        (pkcs11.PinIncorrect, TokenFlag.USER_PIN_FINAL_TRY, "the PIN is wrong; one try is left"),
        (pkcs11.PinIncorrect, TokenFlag.USER_PIN_LOCKED, "the PIN is wrong; it is locked now"),
        (pkcs11.PinIncorrect, TokenFlag.LOGIN_REQUIRED, "the PIN is wrong"),
        (pkcs11.PinIncorrect, None, "the PIN is wrong"),
        (pkcs11.PinLocked, None, "the PIN is locked; the token's security officer sets a new one"),
        (pkcs11.PinExpired, None, "the PIN has expired"),
        (pkcs11.UserPinNotInitialized, None, "the token's user has no PIN yet"),
    ],
)
def test_what_a_token_says_of_its_pin_is_told_in_words(place, kind, flags, said):
    refusal = faults.refusal(kind, place, flags)

    assert isinstance(refusal, PinRefused)
    assert str(refusal) == f"pkcs11:token=certreg: {said}"


def test_every_error_of_the_library_has_a_refusal(place):
    kinds = [kind for kind in vars(pkcs11.exceptions).values() if isinstance(kind, type)]
    errors = [kind for kind in kinds if issubclass(kind, pkcs11.PKCS11Error)]

    assert len(errors) > 60
    for kind in errors:
        assert isinstance(faults.refusal(kind, place), HsmUnavailable)


def test_a_pin_file_that_others_can_read_is_not_used(hsm, seal, key, pin_file):
    pin_file.chmod(0o644)
    hsm.close()

    with pytest.raises(KeyFileExposed):
        hsm.signer(KeyKind.CERTIFICATE, key.key_id, seal)


def test_a_pin_is_kept_sealed_if_the_token_takes_it(tmp_path, token, seal):
    store = HsmStore(HsmPlace(MODULE, token.label, tmp_path / "pins" / "pin.age"))

    with pytest.raises(PinRefused):
        store.keep_pin(Pin("0000-0000"), seal)
    assert not store.place.pin_file.exists()
    store.keep_pin(Pin(PIN), seal)

    assert read_pin(store.place.pin_file, seal).reveal() == PIN
    assert store.create(KeyKind.STATUS, seal, now=NOON).kind == KeyKind.STATUS
    store.close()


# What is missing


def refused(module, label, pin_file, seal):
    store = HsmStore(HsmPlace(module, label, pin_file))
    with pytest.raises(HsmUnavailable) as listing:
        store.stored_keys()
    with pytest.raises(HsmUnavailable) as making:
        store.create(KeyKind.STATUS, seal, now=NOON)
    assert type(listing.value) is type(making.value)
    return listing.value


def test_a_module_that_is_not_there_is_named(token, pin_file, seal):
    refusal = refused(Path("/usr/lib/no-such-module.so"), token.label, pin_file, seal)

    assert isinstance(refusal, HsmModuleMissing)
    assert "/usr/lib/no-such-module.so" in str(refusal)


def test_a_file_that_is_no_module_is_named(token, pin_file, seal):
    assert isinstance(refused(pin_file, token.label, pin_file, seal), HsmModuleMissing)


def test_a_library_that_is_no_module_is_named(token, pin_file, seal):
    assert isinstance(refused(Path(_ssl.__file__), token.label, pin_file, seal), HsmModuleMissing)


def test_another_label_is_not_there(token, pin_file, seal):
    refusal = refused(MODULE, "other", pin_file, seal)

    assert isinstance(refusal, HsmTokenMissing)
    assert "no token of this label" in str(refusal)


def test_two_tokens_of_one_label_are_refused(token, pin_file, seal):
    token.add(token.label)

    refusal = refused(MODULE, token.label, pin_file, seal)

    assert isinstance(refusal, HsmTokenMissing)
    assert "several" in str(refusal)


# Losses


def test_a_session_that_was_lost_is_opened_once_more(signer):
    before = signer.sign(b"to be signed")

    pkcs11.lib(str(MODULE)).reinitialize()

    assert signer.sign(b"to be signed") == before


def test_a_key_can_be_made_after_a_session_was_lost(hsm, seal, signer):
    pkcs11.lib(str(MODULE)).reinitialize()

    hsm.create(KeyKind.STATUS, seal, now=NOON)

    assert len(hsm.stored_keys()) == 2


def test_a_pin_that_changed_is_read_anew(signer, token, pin_file):
    token.run(
        "pkcs11-tool", "--module", str(MODULE), "--token-label", token.label, "--login", "--pin", PIN,
        "--change-pin", "--new-pin", "1111-1111",
    )  # fmt: skip
    pin_file.write_text("1111-1111")

    pkcs11.lib(str(MODULE)).reinitialize()

    assert signer.sign(b"to be signed")


def test_without_its_token_a_signer_refuses_and_with_it_signs_again(signer, token):
    before = signer.sign(b"to be signed")

    token.draw()
    for _ in range(2):
        with pytest.raises(HsmUnavailable) as refusal:
            signer.sign(b"to be signed")
        assert refusal.value.__context__ is None
    token.put_back()

    assert signer.sign(b"to be signed") == before


def test_without_its_token_a_store_lists_and_makes_nothing_and_with_it_does_again(hsm, seal, key, token):
    hsm.signer(KeyKind.CERTIFICATE, key.key_id, seal)

    token.draw()
    for _ in range(2):
        with pytest.raises(HsmUnavailable):
            hsm.stored_keys()
        with pytest.raises(HsmUnavailable):
            hsm.create(KeyKind.STATUS, seal, now=NOON)
    token.put_back()

    assert hsm.stored_keys() == [key]
    assert hsm.create(KeyKind.STATUS, seal, now=NOON) in hsm.stored_keys()


def test_a_session_that_can_not_be_kept_is_lost(hsm, seal, key):
    tries = []

    def act(session):
        tries.append(session)
        raise pkcs11.SessionHandleInvalid

    with pytest.raises(HsmSessionLost, match="and so did the next"):
        HsmSession.at(hsm.place).logged_in(act, lambda: Pin(PIN))

    assert len(tries) == 2
    assert tries[0] is not tries[1]


def test_what_is_no_loss_is_not_tried_again(hsm, key):
    tries = []

    def act(session):
        tries.append(session)
        raise pkcs11.DataInvalid

    with pytest.raises(HsmUnavailable, match="DataInvalid"):
        HsmSession.at(hsm.place).logged_in(act, lambda: Pin(PIN))

    assert len(tries) == 1


def test_a_forked_copy_of_the_process_does_not_use_the_session(signer):
    child = os.fork()
    if child == 0:
        try:
            signer.sign(b"to be signed")
        except HsmSessionLost:
            os._exit(17)
        except KeyUnavailable:
            os._exit(1)
        os._exit(0)

    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 17
    assert signer.sign(b"to be signed")


def test_threads_share_one_session(signer):
    signed = []

    def sign(start):
        signed.extend(signer.sign(b"%d" % number) for number in range(start, start + 50))

    threads = [threading.Thread(target=sign, args=(start,)) for start in range(0, 200, 50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(signed)) == 200


def test_two_stores_of_one_token_share_one_session(hsm, seal, key):
    other = HsmStore(HsmPlace(hsm.place.module, hsm.place.token, hsm.place.pin_file))
    one = hsm.signer(KeyKind.CERTIFICATE, key.key_id, seal)
    two = other.signer(KeyKind.CERTIFICATE, key.key_id, seal)

    assert one.sign(b"x") == two.sign(b"x")
    other.close()
    assert one.sign(b"x") == two.sign(b"x")


def test_two_tokens_of_one_module_can_be_used_in_turns(token, hsm, seal, key, pin_file):
    token.add("second")
    second = HsmStore(HsmPlace(MODULE, "second", pin_file))
    other_key = second.create(KeyKind.STATUS, seal, now=NOON)
    one = hsm.signer(KeyKind.CERTIFICATE, key.key_id, seal)
    two = second.signer(KeyKind.STATUS, other_key.key_id, seal)

    for _ in range(2):
        assert one.sign(b"x") != two.sign(b"x")
    second.close()
