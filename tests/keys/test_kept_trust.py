"""A home with metadata: what a ceremony made is kept if all of it holds together and nothing in it is older."""

import pytest

from keys.errors import UnsoundMetadata, WentBackwards
from keys.kept_trust import KEYS, NAMES, NAMES_METADATA, TARGETS_METADATA, TrustFiles
from keys.trust_changes import retire, with_custodian_key, with_status_key
from keys.trust_home import TrustHome
from signing.errors import NotSignedByCustodians, NotSignedByRoot
from tests.keys.distribution.repository import Repository, new_signer, new_signers


@pytest.fixture
def repository():
    return Repository()


@pytest.fixture
def home(tmp_path, repository):
    made = TrustHome(tmp_path / "home", repository.pinned)
    made.keep(made_by(repository, root="tuf/1.root.json"))
    return made


def made_by(repository, root=None, **left):
    """Return what a ceremony made; ``left`` names what it left as it was."""
    files = {
        "root": repository.files.get(root) if root else None,
        "keys": repository.files[KEYS],
        "targets": repository.files[TARGETS_METADATA],
        "names": repository.files[NAMES],
        "names_metadata": repository.files[NAMES_METADATA],
    }
    return TrustFiles(**{name: None if left.get(name) else data for name, data in files.items()})


def another_status_key(repository):
    trust = repository.trust
    repository.sign_keys(with_status_key(trust, new_signer().public), trust)


def test_all_of_it_comes_back_verified(home, repository):
    opened = home.kept().open(home.pinned)

    assert (home.root, opened.trust, opened.names) == (repository.root, repository.trust, repository.names)
    assert [role for role, _ in opened.expiries()] == ["root", "targets", "names"]
    assert home.kept().files == repository.files


def test_a_home_without_the_metadata_of_a_file_keeps_nothing(home, repository):
    before = home.kept()
    another_status_key(repository)

    with pytest.raises(UnsoundMetadata):
        home.keep(made_by(repository, targets=True))
    with pytest.raises(UnsoundMetadata):
        home.keep(made_by(repository, keys=True))
    assert home.kept() == before
    home.keep(made_by(repository))


def test_an_older_ceremony_does_not_come_back(home, repository):
    first = made_by(repository)
    another_status_key(repository)
    home.keep(made_by(repository))

    with pytest.raises(WentBackwards):
        home.keep(first)


def test_the_same_again_changes_nothing(home, repository):
    before = home.kept()

    home.keep(made_by(repository, root="tuf/1.root.json"))

    assert home.kept() == before


def test_names_whose_custodian_leaves_have_to_be_signed_anew(home, repository):
    trust, third = repository.trust, new_signer()
    leaving = repository.custodians[0]
    draft = retire(with_custodian_key(trust, third.public), leaving.key_id)
    repository.sign_keys(draft, trust)

    with pytest.raises(NotSignedByCustodians):
        home.keep(made_by(repository, names=True, names_metadata=True))

    repository.custodians = [repository.custodians[1], third]
    names = home.trust_names()
    repository.sign_names(names)
    home.keep(made_by(repository))
    assert home.trust_names().version == names.version + 1


def test_the_newest_root_verifies_and_every_root_is_kept(home, repository):
    repository.follow_root(new_signers(3))
    home.keep(made_by(repository, root="tuf/2.root.json"))

    assert set(home.root.keys) == set(repository.root.keys)
    assert list(home.kept().roots) == ["tuf/1.root.json", "tuf/2.root.json"]
    assert home.trust_keys() == repository.trust
    # Who pins the new root needs nothing of the old one.
    assert TrustHome(home.folder, repository.root).trust_keys() == repository.trust


def test_a_chain_with_a_root_missing_is_refused(home, repository):
    repository.follow_root(new_signers(3))
    home.keep(made_by(repository, root="tuf/2.root.json"))
    (home.folder / "tuf" / "1.root.json").unlink()

    with pytest.raises(UnsoundMetadata, match="not there"):
        home.trust_keys()


def test_a_trust_bundle_that_the_new_root_did_not_sign_is_not_kept(home, repository):
    old = dict(repository.files)
    repository.follow_root(new_signers(3))
    repository.files[KEYS], repository.files[TARGETS_METADATA] = old[KEYS], old[TARGETS_METADATA]

    with pytest.raises(NotSignedByRoot):
        home.keep(made_by(repository, root="tuf/2.root.json"))
    assert home.root.version == 1
