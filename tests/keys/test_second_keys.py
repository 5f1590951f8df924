"""The ML-DSA-44 keys of root holders: made with the root keys or given to those who have none, each on its medium."""

from dataclasses import replace

import pytest

from keys.distribution.offline import write_root_metadata
from keys.distribution.root_chain import read_chain
from keys.errors import KeyExists, KeyFileDamaged, KeyUnavailable, NotEnoughRoots, UnsoundMetadata
from keys.key_file import KeyKind
from keys.roots import RootMedium, create_roots, mldsa_signers, next_root, open_root
from keys.store import KeyStore
from signing import cbor, cose, mldsa
from signing.errors import BadSignature
from signing.root import Root
from tests.instants import NOON
from tests.keys.secrets_shown import everything_said_by, shows
from tests.keys.small_register import ENVIRONMENT

PUBLICATION = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
"""RFC 8032 §7.1, test 1."""


def second_on(medium):
    """Return the ML-DSA-44 keys on a medium."""
    return KeyStore(medium.folder).stored_keys(KeyKind.ROOT_MLDSA)


def new_media(tmp_path, seal, count=1):
    return [RootMedium(tmp_path / f"new-{place}", seal) for place in range(count)]


def ids(root):
    return list(root.verifiers)


@pytest.fixture
def founded_before(roots):
    """The root as it was founded before there were ML-DSA-44 keys: its media have none."""
    for medium in roots.media:
        for path in medium.folder.glob("root-mldsa44-*"):
            path.unlink()
    return replace(roots.root, mldsa=None)


def root_file(root, signers, second):
    return write_root_metadata(root, [PUBLICATION], signers, second, now=NOON)


def test_each_medium_has_a_second_key_that_the_root_names(roots):
    found = [second_on(medium) for medium in roots.media]

    assert [len(keys) for keys in found] == [1, 1, 1]
    assert roots.root.mldsa.threshold == roots.root.threshold == 2
    holders = dict(zip(roots.root.keys, (keys[0].public for keys in found), strict=True))
    assert roots.root.mldsa.of_holder == holders
    assert Root.from_json(roots.root.to_json()) == roots.root


def test_the_second_key_is_sealed_in_a_file_of_its_own(roots, seal):
    medium = roots.media[0]
    (key,) = second_on(medium)
    path = medium.folder / f"root-mldsa44-{key.key_id.hex()}.age"

    signer = open_root(medium).mldsa()

    seed = KeyStore(medium.folder).open_mldsa(key.key_id, seal).private_bytes_raw()
    assert seal.unseal(path.read_bytes(), path=path) == cbor.encode([1, "root-mldsa44", -48, seed])
    assert path.with_suffix(".pub").read_text() == f"{key.public.hex()}\nmade_at=2026-11-20T04:00:00Z\n"
    assert (signer.public, signer.key_id[:8]) == (key.public, key.key_id.hex())
    assert not any(shows(repr(holder).encode(), seed) for holder in (signer, open_root(medium), key))


def test_what_it_signs_holds_for_these_bytes_alone(roots):
    signer = open_root(roots.media[0]).mldsa()
    signature = signer.sign(b"root")

    verifier = mldsa.admit(signer.public)
    verifier.verify(signature, b"root")
    with pytest.raises(BadSignature):
        verifier.verify(signature, b"Root")


@pytest.mark.parametrize("of", ["root", "root-mldsa44"])
def test_no_root_is_made_on_a_medium_that_holds_a_key_of_either_kind(roots, tmp_path, seal, of):
    medium = roots.media[0]
    for path in medium.folder.iterdir():
        if not path.name.startswith(f"{of}-{path.stem.rpartition('-')[2]}"):
            path.unlink()

    with pytest.raises(KeyExists):
        create_roots([medium, *new_media(tmp_path, seal)], environment=ENVIRONMENT, now=NOON)


def test_one_kind_of_key_in_the_file_of_the_other_is_refused(roots, seal):
    medium = roots.media[0]
    (key,) = second_on(medium)
    seed = KeyStore(medium.folder).open_mldsa(key.key_id, seal).private_bytes_raw()
    path = medium.folder / f"root-mldsa44-{key.key_id.hex()}.age"
    path.write_bytes(seal.seal(cbor.encode([1, "root-mldsa44", -19, seed])))

    with pytest.raises(KeyFileDamaged, match="does not hold a root-mldsa44 key") as refusal:
        open_root(medium).mldsa()

    assert not shows(everything_said_by(refusal.value), seed)


def test_who_follows_gets_both_keys_and_who_stays_keeps_his(roots, tmp_path, seal):
    media = new_media(tmp_path, seal)

    after = next_root(roots.root, media, leaving=ids(roots.root)[:1], now=NOON)

    before, new = roots.root.mldsa.of_holder, second_on(media[0])[0].public
    stay = roots.root.keys[1:]
    assert after.mldsa.of_holder == {**{key: before[key] for key in stay}, after.keys[2]: new}
    assert after.mldsa.threshold == 2


def test_a_ceremony_that_stopped_takes_the_second_key_again(roots, tmp_path, seal):
    media = new_media(tmp_path, seal)
    first = next_root(roots.root, media, leaving=ids(roots.root)[:1], now=NOON)

    again = next_root(roots.root, media, leaving=ids(roots.root)[:1], now=NOON)

    assert again == first
    assert len(second_on(media[0])) == 1


def test_holders_from_before_get_one_when_all_media_are_there(roots, founded_before, tmp_path, seal):
    media = new_media(tmp_path, seal)
    leaving = ids(founded_before)[:1]

    after = next_root(founded_before, media, leaving=leaving, staying=roots.media, now=NOON)

    made = [second_on(medium)[0].public for medium in (*roots.media[1:], *media)]
    assert after.mldsa.of_holder == dict(zip(after.keys, made, strict=True))
    # Who leaves gets none.
    assert second_on(roots.media[0]) == []


def test_a_root_names_none_while_a_holder_has_none(roots, founded_before, tmp_path, seal):
    leaving, present = ids(founded_before)[:1], roots.media[:2]

    after = next_root(founded_before, new_media(tmp_path, seal), leaving=leaving, staying=present, now=NOON)
    # The third brings his medium another time.
    later = next_root(after, [], leaving=[], staying=[*roots.media[1:], *new_media(tmp_path, seal)], now=NOON)

    assert after.mldsa is None
    assert set(later.mldsa.of_holder) == set(later.keys)
    assert second_on(roots.media[1])[0].public in later.mldsa.of_holder.values()


def test_too_few_holders_sign_nothing(roots, founded_before):
    signers = [open_root(medium) for medium in roots.media]

    with pytest.raises(NotEnoughRoots, match="1 ML-DSA-44 keys of root holders given, 2 needed"):
        mldsa_signers(signers[:1], roots.root)
    assert mldsa_signers(signers[:1], founded_before) == []


def test_a_medium_that_lost_its_second_key_is_refused_in_words(roots, founded_before):
    signers = [open_root(medium) for medium in roots.media]

    with pytest.raises(KeyUnavailable, match="holds 0 root-mldsa44 keys, not one"):
        mldsa_signers(signers, roots.root)


def test_without_the_library_no_such_key_is_made_or_opened(roots, tmp_path, seal, monkeypatch):
    monkeypatch.setattr(mldsa, "HAS_MLDSA", False)
    mldsa.admit.cache_clear()
    try:
        with pytest.raises(KeyUnavailable, match="no ML-DSA-44"):
            open_root(roots.media[0]).mldsa()
        with pytest.raises(KeyUnavailable, match="no ML-DSA-44"):
            KeyStore(tmp_path / "new").create(KeyKind.ROOT_MLDSA, seal, now=NOON)
        # What Ed25519 alone signs can be signed on.
        assert open_root(roots.media[0]).key_id == ids(roots.root)[0]
    finally:
        mldsa.admit.cache_clear()
    assert not (tmp_path / "new").exists()


@pytest.fixture
def followed(roots, tmp_path, seal):
    """Two more roots, each with one other holder: the roots, and the signers of all."""
    found, signers = [roots.root], list(roots.signers)
    for place, medium in enumerate(new_media(tmp_path, seal, 2)):
        found.append(next_root(found[-1], [medium], leaving=ids(found[-1])[:1], now=NOON))
        signers.append(open_root(medium))
        assert len(signers) == 4 + place
    return found, signers


def test_a_chain_of_three_roots_is_signed_by_both_kinds_of_keys(followed):
    (first, second, third), signers = followed

    files = [
        root_file(first, signers[:3], mldsa_signers(signers[:3], first)),
        root_file(second, signers[:4], mldsa_signers(signers[:4], first, second)),
        root_file(third, signers[1:], mldsa_signers(signers[1:], second, third)),
    ]

    chain = read_chain(first, tuple(files))
    assert [link.root for link in chain] == [first, second, third]
    # A later pin, and one that says nothing of such keys.
    assert read_chain(second, tuple(files[1:]))[-1].root == third
    assert read_chain(replace(first, mldsa=None), tuple(files))[-1].root == third


def unsigned(first, second, signers):
    return root_file(second, signers, [])


def by_its_own_alone(first, second, signers):
    return root_file(second, signers, mldsa_signers(signers, second)[-1:])


def left_out(first, second, signers):
    return root_file(replace(second, mldsa=None), signers, mldsa_signers(signers, first))


def not_hexadecimal(first, second, signers):
    data = root_file(second, signers, mldsa_signers(signers, first, second))
    for one in mldsa_signers(signers, first)[:2]:
        at = data.index(one.key_id.encode(), data.index(b'"signatures"')) + len(one.key_id) + 9
        data = data[:at] + b"z" * 4840 + data[at + 4840 :]
    return data


@pytest.mark.parametrize("forged", [unsigned, by_its_own_alone, left_out, not_hexadecimal])
def test_a_root_without_enough_of_them_is_not_kept(followed, forged):
    (first, second, _), signers = followed
    good = root_file(first, signers[:3], mldsa_signers(signers[:3], first))

    with pytest.raises(UnsoundMetadata, match="ML-DSA-44"):
        read_chain(first, (good, forged(first, second, signers[:4])))


def test_a_pin_that_names_other_keys_begins_no_chain(roots, tmp_path, seal):
    signers = [open_root(medium) for medium in roots.media]
    good = root_file(roots.root, signers, mldsa_signers(signers, roots.root))
    others = create_roots(new_media(tmp_path, seal, 3), environment=ENVIRONMENT, now=NOON)
    named = replace(roots.root.mldsa, keys=tuple(
        (holder, public) for (holder, _), (_, public) in zip(roots.root.mldsa.keys, others.mldsa.keys, strict=True)
    ))  # fmt: skip

    assert read_chain(roots.root, (good,))[0].root == roots.root
    with pytest.raises(UnsoundMetadata, match="other keys than the pinned root"):
        read_chain(replace(roots.root, mldsa=named), (good,))


def test_the_id_on_a_medium_begins_the_id_in_metadata(roots):
    (key,) = second_on(roots.media[0])

    assert mldsa.key_id(key.public).startswith(key.key_id.hex())
    assert len(key.key_id) == cose.KEY_ID_SIZE
