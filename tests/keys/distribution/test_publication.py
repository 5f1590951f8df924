"""A publication: what it holds, in which order it is written, and what a client finds at each moment of it."""

from datetime import timedelta

import pytest
from tuf.api.exceptions import ExpiredMetadataError
from tuf.api.metadata import Metadata

from keys.distribution.publication import published_version
from keys.distribution.roles import KEYS_TARGET, LASTS, NAMES_TARGET, TIMESTAMP_NAME, Role, metadata_name
from keys.errors import UnsoundMetadata
from keys.kept_trust import NAMES_METADATA, TARGETS_METADATA, KeptTrust, offline_part
from keys.trust_changes import with_status_key
from registry.publication import public_files
from signing.errors import NotSignedByCustodians
from tests.keys.distribution.repository import NOW, STATUS, Repository, new_signer, new_signers, write_all
from tests.tuf_client import TufClient


def test_the_room_and_the_public_side_mean_the_same_files():
    assert (KEYS_TARGET, NAMES_TARGET, STATUS) == (
        public_files.TRUST_KEYS,
        public_files.TRUST_NAMES,
        public_files.STATUS,
    )


def test_a_client_finds_what_was_published(founded, public, tmp_path):
    founded.publish(public, 1)

    files = TufClient.at(public, tmp_path / "client").files(public)

    assert files == {path: (public / path).read_bytes() for path in files}


def test_what_a_name_of_a_version_or_a_digest_holds_comes_before_what_is_current(founded):
    names = [name for name, _ in founded.composed(7, shown=1)]

    assert names[-1] == TIMESTAMP_NAME
    assert names.index(metadata_name(Role.SNAPSHOT, 7)) < names.index(KEYS_TARGET)
    assert names.index(KEYS_TARGET) < names.index(NAMES_TARGET) < names.index(STATUS)
    assert names.index(STATUS) < names.index(TIMESTAMP_NAME)


def test_a_publication_takes_three_signatures_and_less_than_two_kilobytes_of_metadata(founded):
    before, after = dict(founded.composed(7)), dict(founded.composed(8))
    new = {name: data for name, data in after.items() if name.startswith("tuf/") and before.get(name) != data}

    assert new.keys() == {TIMESTAMP_NAME, "tuf/8.status.json", "tuf/8.snapshot.json"}
    assert sum(len(Metadata.from_bytes(data).signatures) for data in new.values()) == 3
    assert sum(map(len, new.values())) < 2000


def test_every_metadata_says_its_environment_and_expires_when_it_should(founded):
    files = dict(founded.composed(7))

    for role, version in zip(Role, (1, 1, 1, 7, 7, 7), strict=True):
        signed = Metadata.from_bytes(files[metadata_name(role, version)]).signed
        assert signed.unrecognized_fields == {"x-certreg-environment": "test"}
        assert (signed.version, signed.expires) == (version, NOW + LASTS[role])


def steps(composed, before):
    """Yield the tree after each file that is written."""
    tree = dict(before)
    for name, data in composed:
        tree[name] = data
        yield name, dict(tree)


def require_clients_at_each_step(repository, tmp_path, before, composed, pins):
    """Require that whoever comes at any moment finds the old files or the new ones, all of one publication."""
    old, new = dict(before), dict(before) | dict(composed)
    wanted = [{path: tree[path] for path in (KEYS_TARGET, NAMES_TARGET, STATUS)} for tree in (old, new)]
    for place, (_, tree) in enumerate(steps(composed, before)):
        folder = tmp_path / f"step-{place}"
        write_all(folder, tree)
        for pin in pins:
            client = TufClient(folder.with_name(f"client-{place}-{len(pin)}"), pin)
            assert client.files(folder) in wanted


def test_a_client_finds_one_publication_whole_at_each_moment(repository, tmp_path):
    before = dict(repository.composed(1))
    trust = repository.trust
    repository.sign_keys(with_status_key(trust, new_signer().public), trust)
    repository.sign_names(repository.names)

    require_clients_at_each_step(
        repository, tmp_path, before, repository.composed(2, shown=1), [before["tuf/1.root.json"]]
    )


@pytest.mark.parametrize("staying", [0, 1, 2])
def test_at_a_change_of_root_nobody_is_left_alone(repository, tmp_path, staying):
    before = dict(repository.composed(1))
    repository.follow_root([*repository.roots[:staying], *new_signers(3 - staying)])
    composed = repository.composed(2, shown=1)

    assert [name for name, _ in composed][-3:] == [TIMESTAMP_NAME, "tuf/1.root.json", "tuf/2.root.json"]
    require_clients_at_each_step(repository, tmp_path, before, composed, [before["tuf/1.root.json"]])
    # Who pins the new root finds it all, too.
    after = tmp_path / "after"
    write_all(after, before | dict(composed))
    TufClient(tmp_path / "new", repository.files["tuf/2.root.json"]).files(after)


def test_at_a_change_of_the_publication_key_the_old_one_signs_once_more(repository, tmp_path):
    before = dict(repository.composed(1))
    old = repository.follow_root(repository.roots, new_signer())
    composed = repository.composed(2, shown=1, more=[old])

    require_clients_at_each_step(repository, tmp_path, before, composed, [before["tuf/1.root.json"]])


def test_without_the_old_publication_key_the_new_root_comes_first(repository):
    repository.follow_root(repository.roots, new_signer())

    names = [name for name, _ in repository.composed(2, shown=1)]

    assert names[-2:] == ["tuf/2.root.json", TIMESTAMP_NAME]


def test_two_changes_of_root_at_once_are_followed_in_the_end(repository, public, tmp_path):
    repository.publish(public, 1)
    client = TufClient.at(public, tmp_path / "client")
    client.files(public)
    repository.follow_root(new_signers(3))
    repository.follow_root(new_signers(3))
    repository.publish(public, 2, shown=1)

    assert client.files(public)[KEYS_TARGET] == repository.files["keys.cbor"]


@pytest.mark.parametrize("missing", [TARGETS_METADATA, NAMES_METADATA, "keys.cbor", "names.cbor"])
def test_nothing_is_published_without_its_metadata(founded, missing):
    kept = KeptTrust({name: data for name, data in founded.files.items() if name != missing})

    with pytest.raises((UnsoundMetadata, NotSignedByCustodians)):
        offline_part(kept, founded.pinned, shown=0)


def test_what_a_client_would_refuse_is_not_published(repository):
    stranger = Repository()
    wrong = [("status", stranger.status), ("publication", stranger.publication)]
    for name, signer in wrong:
        right = getattr(repository, name)
        setattr(repository, name, signer)
        with pytest.raises(UnsoundMetadata):
            repository.composed(1)
        setattr(repository, name, right)


def test_metadata_of_another_version_of_the_file_is_not_published(repository):
    old = dict(repository.files)
    trust = repository.trust
    repository.sign_keys(with_status_key(trust, new_signer().public), trust)
    for name in (TARGETS_METADATA, "keys.cbor"):
        mixed = KeptTrust({**repository.files, name: old[name]})
        with pytest.raises(UnsoundMetadata):
            offline_part(mixed, repository.pinned, shown=0)


def test_the_version_of_a_tree_is_what_its_publication_key_says(founded):
    link = offline_part(founded.kept, founded.pinned, shown=0).links[-1]
    stamp = dict(founded.composed(41))[TIMESTAMP_NAME]

    assert published_version(stamp, link) == 41
    assert published_version(None, link) == 0
    assert published_version(stamp[:-1], link) == 0
    assert published_version(stamp.replace(b'"version":41', b'"version":99'), link) == 0
    assert published_version(dict(Repository().composed(41))[TIMESTAMP_NAME], link) == 0


def test_a_client_refuses_what_was_not_renewed(founded, public, tmp_path):
    founded.publish(public, 1, now=NOW - LASTS[Role.TIMESTAMP] - timedelta(seconds=1))

    with pytest.raises(ExpiredMetadataError):
        TufClient.at(public, tmp_path / "client").files(public)
