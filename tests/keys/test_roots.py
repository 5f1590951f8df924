import stat

import pytest

from keys.errors import KeyExists, KeyUnavailable, NotEnoughRoots
from keys.key_file import KeyKind
from keys.roots import RootMedium, create_roots, open_root, read_pinned_root, write_pinned_root
from keys.sealing import Passphrase
from keys.store import KeyStore
from signing.errors import Malformed
from signing.root import Root
from tests.instants import NOON
from tests.keys.small_register import ENVIRONMENT


def test_each_root_key_lies_on_its_own_medium(roots):
    found = [KeyStore(medium.folder).stored_keys(KeyKind.ROOT) for medium in roots.media]

    assert [len(keys) for keys in found] == [1, 1, 1]
    assert tuple(keys[0].public for keys in found) == roots.root.keys
    assert (roots.root.version, roots.root.threshold, roots.root.environment) == (1, 2, ENVIRONMENT)
    assert [signer.public for signer in roots.signers] == list(roots.root.keys)


def test_the_pinned_root_is_read_as_it_was_written_and_never_overwritten(roots, tmp_path):
    path = tmp_path / "out" / "trusted-root.json"
    write_pinned_root(path, roots.root)

    assert read_pinned_root(path) == roots.root == Root.from_json(path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    with pytest.raises(KeyExists):
        write_pinned_root(path, roots.root)


def test_a_pinned_root_that_is_missing_or_broken_is_refused(tmp_path):
    with pytest.raises(KeyUnavailable):
        read_pinned_root(tmp_path / "none.json")
    (tmp_path / "broken.json").write_text("{}")
    with pytest.raises(Malformed):
        read_pinned_root(tmp_path / "broken.json")


def test_a_medium_that_holds_a_root_key_stops_the_ceremony_before_any_is_made(roots, tmp_path, seal):
    fresh = RootMedium(tmp_path / "fresh", seal)

    with pytest.raises(KeyExists):
        create_roots([fresh, roots.media[0], roots.media[1]], environment=ENVIRONMENT, now=NOON)

    assert not fresh.folder.exists()


def test_two_roots_on_one_medium_are_refused(tmp_path, seal):
    media = [RootMedium(tmp_path / "one", seal), RootMedium(tmp_path / "other" / ".." / "one", seal)]
    (tmp_path / "other").mkdir()

    with pytest.raises(ValueError, match="own folder"):
        create_roots(media, environment=ENVIRONMENT, now=NOON)


def test_fewer_media_than_the_threshold_are_refused(tmp_path, seal):
    with pytest.raises(NotEnoughRoots):
        create_roots([RootMedium(tmp_path / "one", seal)], environment=ENVIRONMENT, now=NOON)


@pytest.mark.parametrize("held", [0, 2])
def test_a_medium_without_exactly_one_root_key_opens_nothing(tmp_path, seal, held):
    for _ in range(held):
        KeyStore(tmp_path / "medium").create(KeyKind.ROOT, seal, now=NOON)

    with pytest.raises(KeyUnavailable, match=f"holds {held} root keys"):
        open_root(RootMedium(tmp_path / "medium", seal))


def test_a_root_key_may_be_sealed_by_a_passphrase(tmp_path):
    medium = RootMedium(tmp_path / "medium", Passphrase("三人行"))

    root = create_roots([medium], environment=ENVIRONMENT, now=NOON, threshold=1)

    assert open_root(medium).public == root.keys[0]
