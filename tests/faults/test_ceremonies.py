"""Ceremonies, killed at each step: what they made counts all at once or not at all, and run again they complete it."""

import os
import signal
from pathlib import Path

import pytest

from keys import durable_files
from keys.crash_points import CrashMode, arm
from keys.roots import read_pinned_root
from registry.operator.custody import Custody
from registry.settings import load_settings
from tests.keys.small_register import create_roots_as_before, ending_of
from tests.registry.operator.office import Office
from tests.tuf_client import TufClient

ENVIRONMENT = "test"


def media(office, option, *names):
    return [part for name in names for part in (option, f"{office.folder}/media/{name}")]


def rotate_root(office):
    new = media(office, "--new-medium", "new-0", "new-1", "new-2")
    return ("key", "rotate-root", *office.media(2), *new, "--yes")


def rotate_custodian(office):
    new = media(office, "--new-medium", "other-0", "other-1")
    return ("key", "rotate-custodian", *office.media(2), *new, "--yes")


def rotate_status(office):
    return ("key", "rotate-status", *office.media(2), "--yes")


def rotate_publication(office):
    return ("key", "rotate-publication", *office.media(2), "--yes")


def open_epoch(office):
    return ("key", "open-epoch", *office.media(2), "--ahead")


# Each ceremony with the number of files that it keeps together.
CEREMONIES = [
    (rotate_root, 3),
    (rotate_custodian, 4),
    (rotate_status, 2),
    (rotate_publication, 1),
    (open_epoch, 2),
]
BEFORE_PENDING = [
    (ceremony, "key", hit)
    for ceremony, hits in ((rotate_root, 6), (rotate_custodian, 2))
    for hit in range(hits)
] + [(ceremony, "pending", 0) for ceremony, _ in CEREMONIES]
AFTER_PENDING = [
    (ceremony, point, hit)
    for ceremony, files in CEREMONIES
    for point, hit in [("ceremony.pending", 1), *(("ceremony.file", hit) for hit in range(1, files + 1))]
]


@pytest.fixture(scope="module")
def published_office(tmp_path_factory):
    """A founded register that has published, with a client; to be copied."""
    office = Office(tmp_path_factory.mktemp("office"))
    office.found()
    office.done("publish")
    client_of(office).files(office.folder / "public")
    return office


@pytest.fixture
def office(published_office, tmp_path):
    return published_office.copied_to(tmp_path / "office")


def client_of(office):
    return TufClient.at(office.folder / "public", office.folder / "client")


def custody(office):
    return Custody(load_settings(office.environ))


def all_keys(office):
    """Return the names of all keys that lie anywhere."""
    places = [office.folder / "keys" / "store", *(office.folder / "media").iterdir()]
    return sorted(path.name for place in places for path in place.glob("*.pub"))


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def killed(office, order, prepare):
    """Run an order that is killed on its way."""

    def act():
        prepare()
        office.done(*order)

    assert ending_of(act) == -signal.SIGKILL


def kill_before(wanted, hit):
    """Kill at the ``hit``-th time that a file whose name has this part would be written."""
    really, seen = durable_files._write_temporary, []

    def write(path: Path, data: bytes, mode: int) -> Path:
        if wanted in path.name:
            seen.append(path)
            if len(seen) > hit:
                die()
        return really(path, data, mode)

    durable_files._write_temporary = write


def require_published(office):
    """Require that what is kept is sound, comes out, and is found by the old client."""
    opened = custody(office).home.kept().open(custody(office).pinned)
    office.done("publish")
    files = client_of(office).files(office.folder / "public")
    kept = custody(office).home.kept().files
    assert (files["trust/keys.cbor"], files["trust/names.cbor"]) == (kept["keys.cbor"], kept["names.cbor"])
    return opened


@pytest.mark.parametrize(("ceremony", "what", "hit"), BEFORE_PENDING)
def test_a_ceremony_killed_before_it_is_kept_changed_nothing_and_takes_its_keys_again(
    office, ceremony, what, hit
):
    before, order = custody(office).home.kept(), ceremony(office)
    wanted = {"key": ".age", "pending": "pending"}[what]

    killed(office, order, lambda: kill_before(wanted, hit))

    assert custody(office).home.kept() == before
    require_published(office)
    made = all_keys(office)
    office.done(*order)
    assert set(made) <= set(all_keys(office))
    if what == "pending":
        assert all_keys(office) == made
    assert custody(office).home.kept() != before
    require_published(office)


@pytest.mark.parametrize(("ceremony", "point", "hit"), AFTER_PENDING)
def test_a_ceremony_killed_while_it_is_kept_counts_whole(office, ceremony, point, hit):
    before = custody(office).home.kept()

    killed(
        office,
        ceremony(office),
        lambda: arm(point, CrashMode.KILL, environment=ENVIRONMENT, on_hit=hit),
    )

    # Whoever comes next completes it, a publisher as well as another ceremony.
    opened = require_published(office)
    after = custody(office).home.kept()
    assert after != before
    assert opened.trust is not None
    assert opened.trust == custody(office).trust


@pytest.mark.parametrize("ceremony", [rotate_root, rotate_publication])
def test_a_change_of_root_killed_before_the_pinned_file_is_renewed_is_finished_by_running_it_again(
    office, ceremony
):
    order, pinned = ceremony(office), office.folder / "trusted-root.json"

    killed(office, order, lambda: kill_before("trusted-root.json", 0))

    assert read_pinned_root(pinned).version == 1
    kept = custody(office).home.kept()
    assert custody(office).root.version == 2
    require_published(office)
    office.done(*order)
    assert custody(office).home.kept() == kept
    assert read_pinned_root(pinned) == custody(office).root


@pytest.mark.parametrize(("wanted", "hit"), [*((".age", hit) for hit in range(3)), ("pending", 0)])
def test_second_keys_for_holders_from_before_are_made_once_however_often_it_is_killed(
    tmp_path, monkeypatch, wanted, hit
):
    monkeypatch.setattr("registry.operator.ceremony.create_roots", create_roots_as_before)
    office = Office(tmp_path)
    office.found()
    office.done("publish")
    order = ("key", "rotate-root", *office.media(3), "--yes")

    killed(office, order, lambda: kill_before(wanted, hit))

    assert custody(office).root.version == 1
    require_published(office)
    made = all_keys(office)
    office.done(*order)
    assert set(made) <= set(all_keys(office))
    assert [name.rpartition("-")[0] for name in all_keys(office)].count("root-mldsa44") == 3
    assert len(custody(office).root.mldsa.keys) == 3
    require_published(office)


# After the three root keys, those of ML-DSA-44 beside them, and the pinned root: two custodian keys, status key,
# issuing key, publication key.
FOUNDING = [*((".age", 6 + made) for made in range(5)), ("pending", 0), ("pending", 1)]


@pytest.mark.parametrize(("wanted", "hit"), FOUNDING)
def test_a_founding_killed_after_its_roots_are_pinned_is_run_again(tmp_path, wanted, hit):
    office = Office(tmp_path)
    office.done("init")
    order = ("key", "found", *office.media(), *office.custodians())

    killed(office, order, lambda: kill_before(wanted, hit))

    office.done(*order)
    office.done("publish")
    assert client_of(office).files(office.folder / "public")
    # Three roots with two keys each, two custodians, and one key of each of the other kinds.
    assert len(all_keys(office)) == 11
