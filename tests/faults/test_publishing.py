"""Publishing, killed or failed between and inside the files: each is the old one or the new one, whole, and the next
run completes them.

On SQLite alone: what may break here are files.
"""

import json
import os
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest

from keys.crash_points import CrashMode, arm, disarm
from registry.operator import public_tree
from registry.operator.custody import Custody
from registry.operator.desk import present
from registry.operator.public_tree import publish
from registry.publication.public_files import (
    STATUS,
    TRUST_KEYS,
    TRUST_NAMES,
    read_public_file,
    write_public_file,
)
from signing.status import open_status
from signing.trust import open_trust_keys, open_trust_names
from tests.keys.small_register import ending_of
from tests.registry.operator.office import Office
from tests.rigs.small_volume import small_volume

KILL, ERROR, DONE = CrashMode.KILL, CrashMode.ERROR, CrashMode.DONE
ENVIRONMENT = "test"
IN_ORDER = (TRUST_KEYS, TRUST_NAMES, STATUS)
NAMES = {Path(name).name for name in IN_ORDER}

# How many of the three files are the new ones after a fault at this point, at this hit, in this mode.
TABLE = [
    ("publish.file", 1, KILL, 0),
    ("publish.file", 1, ERROR, 0),
    ("publish.file", 1, DONE, 1),
    ("publish.file", 2, KILL, 1),
    ("publish.file", 2, ERROR, 1),
    ("publish.file", 2, DONE, 2),
    ("publish.file", 3, KILL, 2),
    ("publish.file", 3, ERROR, 2),
    ("publish.file", 3, DONE, 3),
    ("publish.done", 1, KILL, 3),
    ("publish.done", 1, ERROR, 3),
]


@pytest.fixture(scope="module")
def published_office(tmp_path_factory):
    """A founded register that has published, and has something new to publish in every file; to be copied."""
    office = Office(tmp_path_factory.mktemp("office"))
    office.found()
    office.done("publish")
    office.done("key", "open-epoch", *office.media(2), "--ahead")
    return office


@pytest.fixture
def office(published_office, tmp_path):
    return published_office.copied_to(tmp_path / "office")


def publish_anew(office):
    installation = office.installation
    custody = Custody(installation.settings)
    try:
        publish(installation, custody, now=present())
    finally:
        custody.close()
        installation.sessions.close()


def tree(office):
    return {name: read_public_file(office.folder / "public", name) for name in IN_ORDER}


def require_sound(office):
    """Require that a verifier reads all of it; return the status."""
    files, root = tree(office), Custody(office.installation.settings).root
    trust = open_trust_keys(files[TRUST_KEYS], root)
    open_trust_names(files[TRUST_NAMES], root)
    return open_status(files[STATUS], trust)


def require_new(office, before, count):
    """Require that the first ``count`` files are new ones, and the others the old ones, byte for byte."""
    now = tree(office)
    home = office.folder / "keys" / "trust"
    fresh = {TRUST_KEYS: (home / "keys.cbor").read_bytes(), TRUST_NAMES: (home / "names.cbor").read_bytes()}
    for place, name in enumerate(IN_ORDER):
        if place >= count:
            assert now[name] == before[name], name
        elif name != STATUS:
            assert now[name] == fresh[name], name
        else:
            assert now[name] != before[name], name


@pytest.mark.parametrize(("point", "hit", "mode", "new"), TABLE)
def test_a_publication_that_is_interrupted_leaves_whole_files_and_the_next_one_completes_them(
    office, point, hit, mode, new
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

    require_new(office, before, new)
    left = require_sound(office)
    assert left.version == old.version if new < 3 else left.version > old.version
    publish_anew(office)
    require_new(office, before, 3)
    assert require_sound(office).version > left.version


@pytest.mark.parametrize("act", ["fsync", "chmod", "replace"])
@pytest.mark.parametrize("name", IN_ORDER)
def test_a_publication_killed_inside_a_file_leaves_the_old_one_whole(office, name, act):
    before, place = tree(office), IN_ORDER.index(name)
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

    require_new(office, before, place)
    require_sound(office)
    # What is left of the new one has a name that nobody asks for.
    assert {path.name for path in folder.iterdir() if not path.name.startswith(".")} <= NAMES
    publish_anew(office)
    require_new(office, before, 3)
    require_sound(office)


@contextmanager
def on_a_volume_of_its_own(office, folder):
    """Let the public tree lie on a small volume, with all that there is published; give the volume."""
    with small_volume(folder, kilobytes=256) as volume:
        office.environ["CERTREG_PUBLIC_DIR"] = str(volume.folder / "public")
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
            assert f"{volume.folder / 'public' / TRUST_KEYS} can not be written: No space left" in refused
            assert "make room on the volume of CERTREG_PUBLIC_DIR" in refused
            assert files_on(volume) == before

        volume.free()
        office.done("publish")

        status = volume.folder / "public" / STATUS
        assert files_on(volume).keys() == before.keys()
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
        volume.free()
        office.done("work", "--once")
        trust = Custody(office.installation.settings).trust
        published = open_status((volume.folder / "public" / STATUS).read_bytes(), trust)
        assert (published.size, published.unreleased) == (told["last_entry"], frozenset())
        office.done("check")
