import os
import stat

import pytest

from keys.errors import WentBackwards
from keys.trust_bundle import write_trust_keys, write_trust_names
from keys.trust_changes import retire
from keys.trust_home import TrustHome
from signing.errors import Malformed, NotSignedByCustodians, NotSignedByRoot
from signing.root import SignedFile
from signing.trust import TrustNames, open_trust_keys
from tests.instants import NOON, NOON_UTC
from tests.keys.small_register import ENVIRONMENT, IN_A_YEAR, killed_inside

NAMES = TrustNames(ENVIRONMENT, 0, NOON_UTC, {(1, "01"): "甲"}, {}, {})


@pytest.fixture
def home(tmp_path, roots):
    return TrustHome(tmp_path / "keys" / "trust", roots.root)


@pytest.fixture
def versions(trust, draft, roots, epoch_key):
    def written(change, previous):
        return write_trust_keys(
            change,
            previous=previous,
            root=roots.root,
            root_signers=roots.signers,
            now=NOON,
            expires_at=IN_A_YEAR,
        )

    first = written(draft, None)
    return first, written(retire(trust, epoch_key), open_trust_keys(first, roots.root))


def test_an_empty_home_has_no_trust_bundle(home):
    assert home.trust_keys() is None
    assert home.trust_names() is None


def test_each_newer_version_takes_the_place_of_the_last(home, versions):
    for number, data in enumerate(versions, 1):
        assert home.keep_keys(data).version == number
        assert home.trust_keys().version == number
        assert home.keys_path.read_bytes() == data
    assert stat.S_IMODE(home.keys_path.stat().st_mode) == 0o644


def test_an_older_version_never_comes_back(home, versions):
    home.keep_keys(versions[1])

    with pytest.raises(WentBackwards):
        home.keep_keys(versions[0])

    assert home.trust_keys().version == 2


def test_the_same_bytes_again_change_nothing_and_other_bytes_of_the_version_are_refused(
    home, versions, roots
):
    home.keep_keys(versions[0])
    file = SignedFile.from_bytes(versions[0])
    other = SignedFile(file.payload, file.signatures[:2]).to_bytes()

    home.keep_keys(versions[0])

    with pytest.raises(WentBackwards):
        home.keep_keys(other)


def test_what_does_not_verify_is_neither_kept_nor_read(home, versions):
    file = SignedFile.from_bytes(versions[0])
    with pytest.raises(NotSignedByRoot):
        home.keep_keys(SignedFile(file.payload, file.signatures[:1]).to_bytes())
    assert home.trust_keys() is None

    home.keep_keys(versions[0])
    home.keys_path.write_bytes(versions[0][:-1])
    with pytest.raises(Malformed):
        home.trust_keys()


def test_a_kill_while_it_is_written_leaves_the_last_version(home, versions):
    home.keep_keys(versions[0])

    def act():
        os.rename = lambda *arguments: os._exit(137)
        home.keep_keys(versions[1])

    assert killed_inside(act)
    assert home.trust_keys().version == 1
    home.keep_keys(versions[1])


def test_names_are_kept_the_same_way(home, versions, trust, custodians):
    def written(previous):
        return write_trust_names(
            NAMES, previous=previous, trust=trust, custodian_signers=custodians.signers, now=NOON
        )

    first = written(None)
    with pytest.raises(NotSignedByCustodians):
        home.keep_names(first)
    home.keep_keys(versions[0])
    home.keep_names(first)
    home.keep_names(written(home.trust_names()))

    assert home.trust_names().version == 2
    with pytest.raises(WentBackwards):
        home.keep_names(first)
