"""Keys in a real token: SoftHSM, with OpenSC and the bare library as independent readers."""

from datetime import timedelta

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass

from keys.epochs import open_epoch
from keys.errors import (
    CorruptSignature,
    HsmKeyDamaged,
    HsmKeyMissing,
    KeyExists,
    KeyExtractable,
    KeyUnavailable,
)
from keys.hsm import key_objects
from keys.hsm.key_objects import UNFINISHED, KeyLabel, label_of
from keys.hsm.store import PROBE
from keys.key_file import KeyKind
from keys.trust_changes import first_draft
from signing import cose
from tests.instants import NOON
from tests.keys.small_register import ENVIRONMENT, LAST_ON, PROFILE, SALT

ED25519 = bytes.fromhex("06032b6570")
LABEL = "certificate-{} 20261120T040000Z"


def test_a_key_of_a_token_signs_what_others_verify(hsm, seal, key):
    signer = hsm.signer(KeyKind.CERTIFICATE, key.key_id, seal)

    signature = signer.sign(b"to be signed")

    Ed25519PublicKey.from_public_bytes(key.public).verify(signature, b"to be signed")
    assert signer.sign(b"to be signed") == signature
    assert (
        (signer.key_id, signer.public) == (key.key_id, key.public) == (cose.key_id(key.public), signer.public)
    )
    assert repr(signer) == f"<HsmSigner {key.key_id.hex()}>"


def test_another_tool_says_that_the_key_can_not_leave(token, key):
    said = token.opensc("--list-objects", "--type", "privkey")

    assert f"label:      {LABEL.format(key.key_id.hex())}" in said
    assert f"ID:         {key.key_id.hex()}" in said
    assert "Usage:      sign\n" in said
    assert "Access:     sensitive, always sensitive, never extractable, local" in said
    assert said.count("Private Key Object") == 1


def test_the_private_bytes_can_not_be_read_or_wrapped(pkcs11_session, key):
    (private,) = pkcs11_session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
    wrapping = pkcs11_session.generate_key(
        KeyType.AES, 256, capabilities=MechanismFlag.WRAP | MechanismFlag.ENCRYPT
    )

    with pytest.raises(pkcs11.AttributeSensitive):
        private[Attribute.VALUE]
    with pytest.raises(pkcs11.KeyUnextractable):
        wrapping.wrap_key(private)
    for attribute, value in ((Attribute.EXTRACTABLE, True), (Attribute.SENSITIVE, False)):
        with pytest.raises(pkcs11.PKCS11Error):
            private[attribute] = value


def test_listing_needs_no_pin_and_goes_by_age(hsm, seal, key, pin_file):
    older = hsm.create(KeyKind.STATUS, seal, now=NOON - timedelta(days=1))
    hsm.close()
    pin_file.unlink()

    assert hsm.stored_keys() == [older, key]
    assert hsm.stored_keys(KeyKind.CERTIFICATE) == [key]
    assert key.made_at == NOON


def test_an_empty_token_holds_no_keys(hsm):
    assert hsm.stored_keys() == []


def test_every_kind_of_ed25519_key_can_be_kept(hsm, seal):
    kinds = [kind for kind in KeyKind if kind is not KeyKind.ROOT_MLDSA]
    made = [hsm.create(kind, seal, now=NOON) for kind in kinds]

    assert sorted(key.kind for key in made) == sorted(kinds)
    assert {key.key_id for key in hsm.stored_keys()} == {key.key_id for key in made}


def test_a_key_of_another_algorithm_is_not_made_as_if_it_were_one(hsm, seal):
    with pytest.raises(ValueError, match="keeps no root-mldsa44 key"):
        hsm.create(KeyKind.ROOT_MLDSA, seal, now=NOON)

    assert hsm.stored_keys() == []


def test_the_same_key_under_another_kind_is_not_there(hsm, seal, key):
    with pytest.raises(HsmKeyMissing):
        hsm.signer(KeyKind.STATUS, key.key_id, seal)


def test_an_unknown_key_is_not_there_and_no_other_is_tried(hsm, seal, key):
    with pytest.raises(HsmKeyMissing, match="object=certificate-00000000"):
        hsm.signer(KeyKind.CERTIFICATE, bytes(4), seal)


def test_objects_of_others_are_left_alone(hsm, seal, key, pkcs11_session):
    curve = pkcs11_session.create_domain_parameters(
        KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: ED25519}, local=True
    )
    for label in ("theirs", "certificate", "other-1a2b3c4d 20261120T040000Z"):
        curve.generate_keypair(mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN, store=True, label=label)

    assert hsm.stored_keys() == [key]


# What is wrong in a token


def objects_of(session, key):
    (private,) = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key.key_id})
    (public,) = session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: key.key_id})
    return public, private


def generated(session, **private):
    """Return a key pair that was made with other attributes than ours, named as ours are."""
    curve = session.create_domain_parameters(KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: ED25519}, local=True)
    template = {Attribute[name]: value for name, value in private.items()}
    public, secret = curve.generate_keypair(
        mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
        store=True,
        label="x",
        public_template={Attribute.PRIVATE: False},
        private_template=template,
    )
    key_id = cose.key_id(public[Attribute.EC_POINT][-32:])
    key_objects.name_pair(public, secret, KeyLabel(KeyKind.CERTIFICATE, key_id, NOON))
    return key_id


def imported(session):
    """Return a key that was made outside and put in, with every attribute that can be said."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    key_id = cose.key_id(public)
    common = {
        Attribute.KEY_TYPE: KeyType.EC_EDWARDS,
        Attribute.EC_PARAMS: ED25519,
        Attribute.TOKEN: True,
        Attribute.ID: key_id,
        Attribute.LABEL: LABEL.format(key_id.hex()),
    }
    secret = {
        Attribute.SIGN: True,
        Attribute.SENSITIVE: True,
        Attribute.EXTRACTABLE: False,
        Attribute.PRIVATE: True,
    }
    session.create_object(
        {
            **common,
            **secret,
            Attribute.CLASS: ObjectClass.PRIVATE_KEY,
            Attribute.VALUE: private.private_bytes_raw(),
        }
    )
    session.create_object(
        {**common, Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.EC_POINT: b"\x04\x20" + public,
         Attribute.PRIVATE: False}
    )  # fmt: skip
    return key_id


EXTRACTABLE = {
    "it may leave": (lambda session: generated(session, EXTRACTABLE=True), "EXTRACTABLE, NEVER_EXTRACTABLE"),
    "it may be read": (lambda session: generated(session, SENSITIVE=False), "SENSITIVE, ALWAYS_SENSITIVE"),
    "it needs no PIN": (lambda session: generated(session, PRIVATE=False), "PRIVATE"),
    "it was made elsewhere": (imported, "LOCAL, ALWAYS_SENSITIVE, NEVER_EXTRACTABLE"),
}


@pytest.mark.parametrize(("make", "wrong"), EXTRACTABLE.values(), ids=EXTRACTABLE)
def test_a_key_that_is_not_confined_to_its_token_is_refused(hsm, seal, pkcs11_session, make, wrong):
    key_id = make(pkcs11_session)
    pkcs11_session.close()

    with pytest.raises(KeyExtractable, match=f"not confined to its token: {wrong}$"):
        hsm.signer(KeyKind.CERTIFICATE, key_id, seal)


def renamed(session, key):
    public, _ = objects_of(session, key)
    public[Attribute.LABEL] = LABEL.format("00000000")


def doubled(session, key):
    public, _ = objects_of(session, key)
    public.copy({Attribute.TOKEN: True})


def doubled_private(session, key):
    _, private = objects_of(session, key)
    private.copy({Attribute.TOKEN: True})


def without_private(session, key):
    _, private = objects_of(session, key)
    private.destroy()


def without_public(session, key):
    public, _ = objects_of(session, key)
    public.destroy()


def exchanged(session, key):
    """Put another key, confined as it must be, under the label."""
    _, private = objects_of(session, key)
    label = private[Attribute.LABEL]
    private.destroy()
    other = generated(session, EXTRACTABLE=False)
    (public,) = session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: other})
    (private,) = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: other})
    public.destroy()
    private[Attribute.LABEL] = label


DAMAGES = {
    "another label": (renamed, HsmKeyDamaged),
    "two public parts": (doubled, HsmKeyDamaged),
    "two private parts": (doubled_private, HsmKeyDamaged),
    "no private part": (without_private, HsmKeyMissing),
    "no public part": (without_public, HsmKeyMissing),
    "another private part": (exchanged, CorruptSignature),
}


@pytest.mark.parametrize(("damage", "refusal"), DAMAGES.values(), ids=DAMAGES)
def test_what_is_not_the_key_of_its_label_is_refused(hsm, seal, key, pkcs11_session, damage, refusal):
    damage(pkcs11_session, key)
    pkcs11_session.close()

    with pytest.raises(refusal):
        hsm.signer(KeyKind.CERTIFICATE, key.key_id, seal)


# Making keys


def test_a_key_that_was_not_finished_was_never_one(hsm, seal, token, monkeypatch):
    def killed(public, private, label):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(key_objects, "name_pair", killed)
        with pytest.raises(KeyboardInterrupt):
            hsm.create(KeyKind.CERTIFICATE, seal, now=NOON)

    assert hsm.stored_keys() == []
    key = hsm.create(KeyKind.CERTIFICATE, seal, now=NOON)
    assert hsm.stored_keys() == [key]
    assert token.opensc("--list-objects").count(UNFINISHED) == 2


def test_a_label_is_never_given_twice(hsm, seal, key, monkeypatch):
    monkeypatch.setattr(
        key_objects, "label_of", lambda kind, public, *, now: label_of(kind, key.public, now=now)
    )

    with pytest.raises(KeyExists):
        hsm.create(KeyKind.STATUS, seal, now=NOON)

    assert hsm.stored_keys() == [key]


def test_a_token_that_makes_extractable_keys_gives_none(hsm, seal, monkeypatch):
    monkeypatch.setattr(key_objects, "_CONFINED", {Attribute.PRIVATE: True, Attribute.EXTRACTABLE: True})

    with pytest.raises(KeyExtractable):
        hsm.create(KeyKind.CERTIFICATE, seal, now=NOON)

    assert hsm.stored_keys() == []


def test_an_epoch_takes_the_key_that_was_made_and_never_published(hsm, seal, key):
    empty = first_draft(ENVIRONMENT, salt=SALT, profiles=[PROFILE], now=NOON)

    draft = open_epoch(empty, hsm, seal, last_on=LAST_ON, entries=100, now=NOON)

    assert list(draft.keys) == [key.key_id]
    assert hsm.stored_keys() == [key]


def test_an_epoch_is_not_opened_with_a_key_that_the_token_refuses(hsm, seal, key, pkcs11_session):
    without_private(pkcs11_session, key)
    pkcs11_session.close()
    empty = first_draft(ENVIRONMENT, salt=SALT, profiles=[PROFILE], now=NOON)

    with pytest.raises(KeyUnavailable):
        open_epoch(empty, hsm, seal, last_on=LAST_ON, entries=100, now=NOON)


def test_what_is_signed_to_try_a_key_can_be_nothing_of_ours():
    # A Sig_structure is an array (RFC 9052 4.4): its first byte has the major type 4.
    anything = cose.to_be_signed(key_id=bytes(4), payload=b"", environment="x", kind=cose.Kind.STATUS)

    assert anything[0] >> 5 == 4
    assert PROBE[0] >> 5 == 3


def test_labels_fit_into_the_forty_bytes_that_small_tokens_give():
    assert max(len(str(KeyLabel(kind, bytes(4), NOON))) for kind in KeyKind) <= 40


@pytest.mark.parametrize(
    "label",
    [
        "",
        "certificate-1a2b3c4d",
        "certificate-1A2B3C4D 20261120T040000Z",
        "nonsense-1a2b3c4d 20261120T040000Z",
        "certificate-1a2b3c4d 20261120T040000",
        "certificate-1a2b3c4d 20261120T040000Z ",
        "certificate-1a2b3c4d 20261320T040000Z",
    ],
)
def test_other_labels_are_not_ours(label):
    assert KeyLabel.read(label) is None
