"""Public files: each replaced whole or not at all, readable by every web server."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from registry.publication import public_files
from registry.publication.public_files import (
    STATUS,
    read_public_file,
    remove_left_behind,
    write_public_file,
)


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_is_written_where_readers_look_for_it_and_read_back(tmp_path):
    write_public_file(tmp_path, STATUS, b"one")
    write_public_file(tmp_path, STATUS, b"two")

    assert read_public_file(tmp_path, STATUS) == b"two"
    assert names(tmp_path) == ["status/status.cbor"]
    assert (tmp_path / STATUS).stat().st_mode & 0o777 == 0o644


def test_a_file_that_is_not_there_is_nothing(tmp_path):
    assert read_public_file(tmp_path, STATUS) is None


@pytest.mark.parametrize("act", ["fsync", "chmod", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch, act):
    write_public_file(tmp_path, STATUS, b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(public_files.os, act, full)
    with pytest.raises(OSError, match="No space left"):
        write_public_file(tmp_path, STATUS, b"new")
    monkeypatch.undo()

    assert read_public_file(tmp_path, STATUS) == b"old"
    assert names(tmp_path) == ["status/status.cbor"]


def test_each_folder_in_which_one_was_made_is_on_disk(tmp_path, monkeypatch):
    synced, real = [], os.fsync

    def noted(descriptor):
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr(public_files.os, "fsync", noted)

    write_public_file(tmp_path / "public", "log/tile/0/x001/234", b"new")

    folders = ("", "public", "public/log", "public/log/tile", "public/log/tile/0", "public/log/tile/0/x001")
    assert {str(tmp_path / folder) for folder in folders} <= set(synced)
    synced.clear()
    write_public_file(tmp_path / "public", "log/tile/0/x001/235", b"new")
    assert len(synced) == 2


def test_it_is_on_disk_before_it_takes_the_place_of_the_old_one(tmp_path, monkeypatch):
    write_public_file(tmp_path, STATUS, b"old")
    acts = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            public_files.os, name, lambda *args, name=name, real=real: (acts.append(name), real(*args))[1]
        )

    write_public_file(tmp_path, STATUS, b"new")

    assert acts == ["fsync", "replace", "fsync"]


def test_a_reader_never_sees_a_part(tmp_path):
    contents = [bytes([value]) * 50_000 for value in range(1, 5)]
    write_public_file(tmp_path, STATUS, contents[0])

    def write(content):
        for _ in range(10):
            write_public_file(tmp_path, STATUS, content)

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, content) for content in contents]
        while not all(writer.done() for writer in writers):
            assert read_public_file(tmp_path, STATUS) in contents
        for writer in writers:
            writer.result()
    assert names(tmp_path) == ["status/status.cbor"]


def test_what_a_killed_writer_left_behind_is_removed(tmp_path):
    write_public_file(tmp_path, STATUS, b"whole")
    part = tmp_path / "status" / ".status.cbor.k1lled"
    part.write_bytes(b"half")

    remove_left_behind(tmp_path)

    assert not part.exists()
    assert read_public_file(tmp_path, STATUS) == b"whole"
