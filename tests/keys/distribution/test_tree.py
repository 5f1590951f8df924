"""A public tree as it lies on a disk: what is wrong with it is found, and what nobody needs is named."""

import pytest

from keys.distribution.roles import TIMESTAMP_NAME, hashed_name, role_and_version
from keys.distribution.spare import KEPT_SNAPSHOTS, spare_files
from keys.distribution.tree_review import tree_faults
from keys.kept_trust import offline_part
from keys.trust_changes import with_status_key
from tests.keys.distribution.repository import STATUS, Repository, new_signer, new_signers


class Tree:
    """A tree in memory after three publications, the last one with another trust bundle and other roots."""

    def __init__(self) -> None:
        self.repository = Repository()
        self.files = dict(self.repository.composed(1)) | dict(self.repository.composed(2))
        self.repository.follow_root(new_signers(3))
        self.files |= dict(self.repository.composed(3, shown=1))

    def faults(self, files):
        kept = self.repository.kept
        part = offline_part(kept, self.repository.pinned, shown=0)
        return dict(tree_faults(list(files), files.get, part, kept.every_root("test")))


@pytest.fixture(scope="module")
def tree():
    return Tree()


def test_a_tree_as_it_was_published_is_sound(tree):
    assert tree.faults(tree.files) == {}


PLAIN_TRUST = {"trust/keys.cbor", "trust/names.cbor"}


def test_every_file_that_is_changed_or_missing_is_found(tree):
    for name, data in tree.files.items():
        if name in PLAIN_TRUST:
            # Held against the keys' own copies by whoever calls.
            continue
        changed = data[:-2] + bytes((data[-2] ^ 1,)) + data[-1:]
        assert tree.faults({**tree.files, name: changed}), name
        assert tree.faults({other: tree.files[other] for other in tree.files if other != name}), name


def test_what_nobody_published_is_found(tree):
    planted = {"tuf/9.root.json", "tuf/99.targets.json", "tuf/strange", hashed_name(STATUS, b"other")}

    for name in planted:
        assert tree.faults({**tree.files, name: b"other"}) == {name: "nobody published it"}


def test_a_snapshot_that_no_publication_key_signed_is_found(tree):
    stranger = Repository()
    forged = dict(stranger.composed(2))["tuf/2.snapshot.json"]

    assert "tuf/2.snapshot.json" in tree.faults({**tree.files, "tuf/2.snapshot.json": forged})


def test_a_timestamp_of_before_does_not_go_with_the_newest_trust_bundle(tree):
    older = dict(tree.repository.composed(2))[TIMESTAMP_NAME]

    assert tree.faults({**tree.files, TIMESTAMP_NAME: older})


def test_nothing_that_the_last_snapshots_name_is_spare():
    repository = Repository()
    trust = repository.trust
    files = dict(repository.composed(1))
    repository.sign_keys(with_status_key(trust, new_signer().public), trust)
    for version in range(2, KEPT_SNAPSHOTS + 1):
        files |= dict(repository.composed(version))
    assert spare_files(list(files), files.get) == []

    files |= dict(repository.composed(KEPT_SNAPSHOTS + 1))
    spare = spare_files(list(files), files.get)

    left = {name for name in files if name not in spare}
    first = {"tuf/1.snapshot.json", "tuf/1.status.json", "tuf/1.targets.json"}
    assert {name for name in spare if role_and_version(name)} == first
    # The names are still the first ones; the first trust bundle and status are gone, with their digests for names.
    assert len(spare) == len(first) + 2
    assert {"tuf/1.root.json", "tuf/1.names.json", TIMESTAMP_NAME, STATUS, *PLAIN_TRUST} <= left


def test_files_of_others_and_damaged_ones_are_not_in_the_way():
    repository = Repository()
    files = dict(repository.composed(1)) | {
        "tuf/2.snapshot.json": b"damaged",
        "tuf/1.targets.json": b"damaged",
        "status/notes.txt": b"somebody's",
        "verify.html": b"the page",
    }

    spare = spare_files(list(files), files.get)

    # What a damaged file named is needed by nobody who could read it.
    assert spare == [hashed_name("trust/keys.cbor", repository.files["keys.cbor"])]
