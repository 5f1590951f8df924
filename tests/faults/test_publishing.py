"""Publishing, killed or failed between and inside the files: each is the old one or the new one, whole, a client of the
metadata finds the old publication or the new one, and the next run completes it.

On SQLite alone: what may break here are files.
"""

import json
import os
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from keys.crash_points import CrashMode, arm, disarm
from keys.distribution.roles import TIMESTAMP_NAME, role_and_version
from registry.certificate.tables import Entry
from registry.operator import public_tree
from registry.operator.custody import Custody
from registry.operator.desk import present
from registry.operator.public_tree import publish
from registry.publication.public_files import (
    STATUS,
    TRUST_KEYS,
    TRUST_NAMES,
    public_names,
    read_public_file,
    write_public_file,
)
from signing.status import open_status
from signing.trust import open_trust_keys, open_trust_names
from tests.keys.small_register import ending_of
from tests.registry.operator.office import Office
from tests.rigs.small_volume import small_volume
from tests.tuf_client import TufClient

KILL, ERROR, DONE = CrashMode.KILL, CrashMode.ERROR, CrashMode.DONE
ENVIRONMENT = "test"
PLAIN = (TRUST_KEYS, TRUST_NAMES, STATUS)
# What a publication writes after a new epoch, in this order: names and their metadata stay as they were.
WRITTEN = ("H.keys", "H.status", "targets", "status", "snapshot", TRUST_KEYS, STATUS, TIMESTAMP_NAME)
TIMESTAMP = WRITTEN.index(TIMESTAMP_NAME) + 1

TABLE = [
    *(("publish.file", hit, mode) for hit in range(1, len(WRITTEN) + 1) for mode in (KILL, ERROR, DONE)),
    # What goes wrong with the deltas is told, and keeps no revocation from coming out.
    *(("publish.deltas", 1, mode) for mode in (KILL, ERROR, DONE)),
    ("publish.done", 1, KILL),
    ("publish.done", 1, ERROR),
]


@pytest.fixture(scope="module")
def published_office(tmp_path_factory):
    """A founded register that has published, has a client, and has a new trust bundle to publish; to be copied."""
    office = Office(tmp_path_factory.mktemp("office"))
    office.found()
    office.done("publish")
    client_of(office).files(office.folder / "public")
    office.done("key", "open-epoch", *office.media(2), "--ahead")
    return office


@pytest.fixture
def office(published_office, tmp_path):
    return published_office.copied_to(tmp_path / "office")


def client_of(office):
    """Return the client that has seen what this office published."""
    return TufClient.at(office.folder / "public", office.folder / "client")


def publish_anew(office):
    installation = office.installation
    custody = Custody(installation.settings)
    try:
        publish(installation, custody, now=present())
    finally:
        custody.close()
        installation.sessions.close()


def tree(office):
    public = office.folder / "public"
    return {name: read_public_file(public, name) for name in public_names(public)}


def require_sound(office):
    """Require that a verifier reads all of the plain copies; return the status."""
    files, root = tree(office), Custody(office.installation.settings).root
    trust = open_trust_keys(files[TRUST_KEYS], root)
    open_trust_names(files[TRUST_NAMES], trust)
    return open_status(files[STATUS], trust)


def require_client_finds(office, expected):
    """Require that the old client and a new one both find exactly these target files."""
    public = office.folder / "public"
    assert client_of(office).files(public) == expected
    assert TufClient.at(public, office.folder / "new-client").files(public) == expected


def plain(files):
    return {name: files[name] for name in PLAIN}


def require_no_version_reused(before, after):
    """Require that no name of a version or a digest ever got other bytes."""
    for name, data in before.items():
        if name not in (*PLAIN, TIMESTAMP_NAME):
            assert after.get(name, data) == data, name


@pytest.mark.parametrize(("point", "hit", "mode"), TABLE)
def test_a_publication_that_is_interrupted_leaves_whole_files_and_the_next_one_completes_them(
    office, point, hit, mode
):
    before, old = tree(office), require_sound(office)

    def act():
        arm(point, mode, environment=ENVIRONMENT, on_hit=hit)
        publish_anew(office)

    if mode is KILL:
        assert ending_of(act) == -signal.SIGKILL
    else:
        with pytest.raises(OSError, match="crash point"):
            act()
        disarm()

    left, came_out = tree(office), hit > TIMESTAMP or point == "publish.done"
    came_out = came_out or (hit == TIMESTAMP and mode is DONE)
    came_out = came_out or (point == "publish.deltas" and mode is not KILL)
    require_no_version_reused(before, left)
    assert require_sound(office).version >= old.version
    require_client_finds(office, plain(left if came_out else before))
    publish_anew(office)
    whole = tree(office)
    require_no_version_reused(left, whole)
    require_client_finds(office, plain(whole))
    assert require_sound(office).version > old.version
    assert whole[TRUST_KEYS] == (office.folder / "keys" / "trust" / "keys.cbor").read_bytes()


@pytest.mark.parametrize("act", ["fsync", "chmod", "replace"])
@pytest.mark.parametrize("name", [TRUST_KEYS, STATUS, TIMESTAMP_NAME])
def test_a_publication_killed_inside_a_file_leaves_the_old_one_whole(office, name, act):
    before = tree(office)
    folder = (office.folder / "public" / name).parent

    def killed():
        really = write_public_file

        def write(public_dir, written, data):
            if written == name:
                # Files are written elsewhere too before this one; only this one is died over.
                setattr(os, act, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
            really(public_dir, written, data)

        public_tree.write_public_file = write
        publish_anew(office)

    assert ending_of(killed) == -signal.SIGKILL

    left = tree(office)
    assert left[name] == before[name]
    require_sound(office)
    require_client_finds(office, plain(before))
    publish_anew(office)
    # What was left of the new one had a name that nobody asks for, and is gone now.
    assert [path for path in folder.iterdir() if path.name.startswith(".")] == []
    require_client_finds(office, plain(tree(office)))
    require_sound(office)


def test_what_a_killed_publication_left_is_cleared_away_when_no_snapshot_names_it(office):
    def act():
        arm("publish.file", KILL, environment=ENVIRONMENT, on_hit=WRITTEN.index("snapshot") + 1)
        publish_anew(office)

    assert ending_of(act) == -signal.SIGKILL
    orphans = {name for name in tree(office) if role_and_version(name)} - snapshotted(office)

    publish_anew(office)

    assert len(orphans) == 1
    assert not orphans & tree(office).keys()


def snapshotted(office):
    """Return the metadata of versions that have a snapshot, and all that have a version of their own."""
    found = {name: role_and_version(name) for name in tree(office) if role_and_version(name)}
    versions = {version for role, version in found.values() if role == "snapshot"}
    return {
        name
        for name, (role, version) in found.items()
        if version in versions or role in ("root", "targets", "names")
    }


def test_old_publications_are_kept_for_a_while_and_then_cleared_away(office, monkeypatch):
    monkeypatch.setattr("keys.distribution.spare.KEPT_SNAPSHOTS", 3)
    seen = []
    for _ in range(5):
        publish_anew(office)
        seen.append(tree(office))

    left = seen[-1]
    assert len([name for name in left if Path(name).name.endswith(".snapshot.json")]) == 3
    assert len([name for name in left if name.endswith(".status.json")]) == 3
    assert len([name for name in left if name.startswith("status/") and name != STATUS]) == 3
    # The targets of the version before belong to a snapshot that is gone; the root never goes.
    assert {"tuf/1.root.json", "tuf/2.targets.json", "tuf/1.names.json"} <= left.keys()
    assert "tuf/1.targets.json" not in left
    require_client_finds(office, plain(left))


@contextmanager
def on_a_volume_of_its_own(office, folder):
    """Let the public tree lie on a small volume, with all that there is published; give the volume."""
    with small_volume(folder, kilobytes=256) as volume:
        office.environ["CERTREG_PUBLIC_DIR"] = str(volume.folder / "public")
        # The log's files were left on the other volume.
        office.done("log", "build")
        office.done("publish")
        yield volume


def files_on(volume):
    return {path: path.read_bytes() for path in (volume.folder / "public").rglob("*") if path.is_file()}


def test_on_a_full_public_volume_the_old_files_stay_and_the_next_publication_needs_no_repair(
    mounting, office, tmp_path
):
    with on_a_volume_of_its_own(office, tmp_path / "volume") as volume:
        before = files_on(volume)
        volume.fill()

        for _ in range(2):
            refused = office.refused("publish")
            assert f"{volume.folder / 'public'}/" in refused
            assert "can not be written: No space left" in refused
            assert "make room on the volume of CERTREG_PUBLIC_DIR" in refused
            assert files_on(volume) == before

        volume.free()
        office.done("publish")

        status = volume.folder / "public" / STATUS
        assert files_on(volume).keys() >= before.keys()
        assert status.read_bytes() != before[status]
        office.done("check")


def test_a_worker_whose_public_volume_is_full_goes_on_with_all_else_and_publishes_once_there_is_room(
    mounting, office, tmp_path, quick_id_checks
):
    office.open_series()
    with on_a_volume_of_its_own(office, tmp_path / "volume") as volume:
        before = files_on(volume)
        office.approved()
        volume.fill()

        said = office.refused("work", "--once")

        assert "No space left" in said
        assert files_on(volume) == before
        told = json.loads(office.certreg("health", "--json").output)
        assert told["last_entry"] > 0
        assert told["jobs"]["release"]["failure"] is None
        assert "No space left" in told["jobs"]["publish"]["failure"]
        # Nothing is released whose leaf nobody can see.
        assert "No space left" in told["jobs"]["log"]["failure"]
        assert office.installation.sessions.read(
            lambda session: set(session.scalars(select(Entry.status)))
        ) == {"signed"}
        volume.free()
        office.done("work", "--once")
        trust = Custody(office.installation.settings).trust
        published = open_status((volume.folder / "public" / STATUS).read_bytes(), trust)
        assert (published.size, published.unreleased) == (told["last_entry"], frozenset())
        office.done("check")
