from datetime import timedelta

import pytest

from keys.errors import CorruptSignature, NotEnoughCustodians, NotEnoughRoots, UnlawfulSuccession
from keys.key_file import KeyKind
from keys.signed_file import assemble_custodian_file, assemble_root_file, sign_payload
from keys.signer.file_signer import FileSigner
from keys.trust_bundle import (
    next_trust_keys,
    write_trust_keys,
    write_trust_names,
)
from keys.trust_changes import distrust, retire
from signing.cose import Kind
from signing.custody import open_custodian_file
from signing.errors import NotSignedByCustodians, NotSignedByRoot
from signing.root import SignedFile
from signing.trust import TrustNames, open_trust_keys, open_trust_names
from tests.instants import NOON, NOON_UTC
from tests.keys.small_register import ENVIRONMENT, IN_A_YEAR

NAMES = TrustNames(ENVIRONMENT, 0, NOON_UTC, {(1, "01"): "甲"}, {(2, 2021011): "数字化管理师"}, {})


def written(draft, roots, signers, previous=None):
    return write_trust_keys(
        draft, previous=previous, root=roots.root, root_signers=signers, now=NOON, expires_at=IN_A_YEAR
    )


@pytest.mark.parametrize("who", [(0, 1), (0, 2), (1, 2), (2, 1, 0)])
def test_two_of_three_roots_sign_the_trust_bundle(draft, roots, who):
    trust = open_trust_keys(written(draft, roots, [roots.signers[place] for place in who]), roots.root)

    assert (trust.version, trust.made_at, trust.expires_at) == (1, NOON, IN_A_YEAR)
    assert (trust.keys, trust.profiles, trust.salt) == (draft.keys, draft.profiles, draft.salt)


@pytest.mark.parametrize("who", [[], [0], [0, 0]])
def test_fewer_different_roots_than_the_threshold_sign_nothing(draft, roots, who):
    with pytest.raises(NotEnoughRoots):
        written(draft, roots, [roots.signers[place] for place in who])


def test_a_stranger_does_not_count_as_a_root(draft, roots, store, seal):
    stranger = store.create(KeyKind.ROOT, seal, now=NOON)
    signer = FileSigner.open(store, KeyKind.ROOT, stranger.key_id, seal)

    with pytest.raises(NotEnoughRoots):
        written(draft, roots, [roots.signers[0], signer])
    data = written(draft, roots, [*roots.signers[:2], signer])
    assert len(SignedFile.from_bytes(data).signatures) == 2


def test_a_verifier_refuses_one_root_of_three_whoever_wrote_the_file(trust, roots):
    payload = trust.to_payload()
    one = sign_payload(payload, Kind.TRUST_KEYS, environment=ENVIRONMENT, signer=roots.signers[0])

    for signatures in ((one,), (one, one)):
        with pytest.raises(NotSignedByRoot):
            open_trust_keys(SignedFile(payload, signatures).to_bytes(), roots.root)


def test_root_keys_at_different_places_sign_the_same_payload(draft, roots):
    proposed = next_trust_keys(draft, previous=None, root=roots.root, now=NOON, expires_at=IN_A_YEAR)
    payload = proposed.to_payload()
    signatures = [
        sign_payload(payload, Kind.TRUST_KEYS, environment=ENVIRONMENT, signer=signer)
        for signer in roots.signers[1:]
    ]

    data = assemble_root_file(payload, signatures, Kind.TRUST_KEYS, root=roots.root)

    assert data == written(draft, roots, roots.signers[1:])


def test_a_signature_for_another_kind_or_environment_is_not_assembled(trust, roots):
    payload = trust.to_payload()

    for kind, environment in ((Kind.TRUST_NAMES, ENVIRONMENT), (Kind.TRUST_KEYS, "production")):
        wrong = [sign_payload(payload, kind, environment=environment, signer=one) for one in roots.signers]
        with pytest.raises(NotSignedByRoot):
            assemble_root_file(payload, wrong, Kind.TRUST_KEYS, root=roots.root)


def test_versions_go_up_by_one(trust, roots, epoch_key):
    second = open_trust_keys(
        written(retire(trust, epoch_key), roots, roots.signers, previous=trust), roots.root
    )

    assert second.version == 2
    with pytest.raises(UnlawfulSuccession, match="retired"):
        written(trust, roots, roots.signers, previous=second)


def test_an_unlawful_version_is_refused_before_any_root_key_is_used(trust, roots):
    class Untouchable:
        key_id = roots.signers[0].key_id
        public = roots.signers[0].public

        def sign(self, to_be_signed):
            raise AssertionError("a root key was used")

    with pytest.raises(UnlawfulSuccession):
        write_trust_keys(
            trust,
            previous=trust,
            root=roots.root,
            root_signers=[Untouchable()],
            now=NOON,
            expires_at=NOON - timedelta(days=1),
        )


def test_a_corrupt_root_signature_publishes_nothing(draft, roots):
    class Corrupt:
        key_id = roots.signers[0].key_id
        public = roots.signers[0].public

        def sign(self, to_be_signed):
            return bytes(64)

    with pytest.raises(NotSignedByRoot):
        written(draft, roots, [Corrupt(), roots.signers[1]])


def named(draft, trust, signers, previous=None):
    return write_trust_names(draft, previous=previous, trust=trust, custodian_signers=signers, now=NOON)


def test_names_are_signed_by_two_custodians_and_never_renamed(trust, custodians):
    names = open_trust_names(named(NAMES, trust, custodians.signers), trust)
    renamed = TrustNames(ENVIRONMENT, 1, NOON_UTC, {(1, "01"): "乙"}, names.occupations, {})

    assert (names.version, names.issuers) == (1, NAMES.issuers)
    with pytest.raises(UnlawfulSuccession):
        named(renamed, trust, custodians.signers, previous=names)


@pytest.mark.parametrize("who", [[], [0], [1, 1]])
def test_fewer_different_custodians_than_two_sign_no_names(trust, custodians, who):
    with pytest.raises(NotEnoughCustodians):
        named(NAMES, trust, [custodians.signers[place] for place in who])


def test_root_keys_and_custodians_who_left_sign_no_names(trust, custodians, roots):
    first, second = custodians.signers
    with pytest.raises(NotEnoughCustodians):
        named(NAMES, trust, [first, *roots.signers])
    for left in (retire(trust, second.key_id), distrust(trust, second.key_id, at=NOON, honest=[])):
        with pytest.raises(NotEnoughCustodians):
            named(NAMES, left, custodians.signers)


def test_custodians_at_different_places_sign_the_same_payload(trust, custodians):
    payload = b"of whatever kind"
    signatures = [
        sign_payload(payload, Kind.DECISION, environment=ENVIRONMENT, signer=signer)
        for signer in custodians.signers
    ]

    data = assemble_custodian_file(payload, signatures, Kind.DECISION, trust=trust)

    assert open_custodian_file(data, trust, Kind.DECISION) == payload
    with pytest.raises(NotSignedByCustodians):
        assemble_custodian_file(payload, signatures, Kind.SUBMISSION, trust=trust)


def test_a_refusing_signer_stops_the_ceremony(draft, roots):
    class Broken:
        key_id = roots.signers[0].key_id
        public = roots.signers[0].public

        def sign(self, to_be_signed):
            raise CorruptSignature(self.key_id)

    with pytest.raises(CorruptSignature):
        written(draft, roots, [Broken(), *roots.signers])
