import errno
import os
import stat

import pytest

from keys import durable_files
from keys.durable_files import make_folder, make_private_folder, read_private, replace, write_new
from keys.errors import KeyExists, KeyFileExposed, KeyUnavailable
from tests.keys.small_register import killed_inside


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path):
    make_private_folder(tmp_path / "private")
    return tmp_path / "private"


def test_a_new_file_has_exactly_the_mode_asked_for_whatever_the_umask(folder):
    before = os.umask(0o000)
    try:
        write_new(folder / "key", b"sealed", mode=0o600)
        make_private_folder(folder / "inner")
    finally:
        os.umask(before)

    assert mode_of(folder / "key") == 0o600
    assert mode_of(folder / "inner") == 0o700
    assert sorted(os.listdir(folder)) == ["inner", "key"]


@pytest.mark.parametrize("make", [make_folder, make_private_folder])
def test_every_new_folder_is_on_disk_also_those_above_it(tmp_path, monkeypatch, make):
    synced = []
    monkeypatch.setattr(durable_files, "_sync_folder", synced.append)

    make(tmp_path / "a" / "b" / "c")

    assert set(synced) == {tmp_path, tmp_path / "a", tmp_path / "a" / "b"}
    synced.clear()
    make(tmp_path / "a" / "b" / "c")
    assert synced == []


def test_a_private_folder_is_never_open_to_others_not_even_at_first(tmp_path, monkeypatch):
    modes = []
    monkeypatch.setattr(
        durable_files, "_sync_folder", lambda folder: modes.append(mode_of(tmp_path / "keys"))
    )

    before = os.umask(0o000)
    try:
        make_private_folder(tmp_path / "keys")
    finally:
        os.umask(before)

    assert modes == [0o700]


def test_a_new_file_never_takes_the_place_of_another(folder):
    write_new(folder / "key", b"first", mode=0o600)

    with pytest.raises(KeyExists):
        write_new(folder / "key", b"second", mode=0o600)

    assert (folder / "key").read_bytes() == b"first"
    assert os.listdir(folder) == ["key"]


@pytest.mark.parametrize("there", [None, b"first"])
def test_media_without_hard_links_are_served_too_and_not_overwritten(folder, monkeypatch, there):
    def no_links(source, target):
        raise OSError(errno.EPERM, "no hard links here")

    if there:
        write_new(folder / "key", there, mode=0o600)
    monkeypatch.setattr(os, "link", no_links)

    if there:
        with pytest.raises(KeyExists):
            write_new(folder / "key", b"second", mode=0o600)
    else:
        write_new(folder / "key", b"second", mode=0o600)

    assert (folder / "key").read_bytes() == (there or b"second")


@pytest.mark.parametrize("step", ["fchmod", "fsync", "rename"])
def test_a_kill_at_any_step_leaves_the_old_file_whole(folder, step):
    replace(folder / "keys.cbor", b"old", mode=0o644)

    def act():
        setattr(os, step, lambda *arguments: os._exit(137))
        replace(folder / "keys.cbor", b"new", mode=0o644)

    assert killed_inside(act)
    assert (folder / "keys.cbor").read_bytes() == b"old"


@pytest.mark.parametrize("step", ["fchmod", "fsync", "link"])
def test_a_kill_at_any_step_leaves_no_half_of_a_new_file(folder, step):
    def act():
        setattr(os, step, lambda *arguments: os._exit(137))
        write_new(folder / "key", b"sealed", mode=0o600)

    assert killed_inside(act)
    assert not (folder / "key").exists()
    write_new(folder / "key", b"again", mode=0o600)
    assert (folder / "key").read_bytes() == b"again"


def test_a_disk_that_fails_at_the_last_step_leaves_nothing_behind(folder, monkeypatch):
    def failing(source, target):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "link", failing)

    with pytest.raises(OSError, match="Input/output"):
        write_new(folder / "key", b"sealed", mode=0o600)

    assert os.listdir(folder) == []


def test_a_full_disk_leaves_nothing_behind(folder, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space"):
        write_new(folder / "key", b"sealed", mode=0o600)

    assert os.listdir(folder) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o666])
def test_a_file_that_others_can_touch_is_refused(folder, mode):
    write_new(folder / "key", b"sealed", mode=mode)

    with pytest.raises(KeyFileExposed):
        read_private(folder / "key")


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o701, 0o777])
def test_a_folder_that_others_can_enter_is_refused(folder, mode):
    write_new(folder / "key", b"sealed", mode=0o600)
    folder.chmod(mode)

    with pytest.raises(KeyFileExposed):
        read_private(folder / "key")
    with pytest.raises(KeyFileExposed):
        make_private_folder(folder)


def test_a_file_of_another_user_is_refused(folder, monkeypatch):
    write_new(folder / "key", b"sealed", mode=0o600)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    with pytest.raises(KeyFileExposed, match="belongs to user"):
        read_private(folder / "key")


def test_a_symbolic_link_is_refused(folder):
    write_new(folder / "key", b"sealed", mode=0o600)
    (folder / "link").symlink_to(folder / "key")

    with pytest.raises(KeyFileExposed, match="symbolic link"):
        read_private(folder / "link")


def test_a_missing_file_or_folder_is_not_available(folder):
    for path in (folder / "none", folder / "none" / "key"):
        with pytest.raises(KeyUnavailable):
            read_private(path)
