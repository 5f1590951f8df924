"""Plain files: read as they are; everything else is refused by name, and nothing is followed or waited for."""

import os

import pytest

from registry.plain_files import NotAPlainFile, read_plain_file
from tests.rigs.plain_rights import plain_rights


def test_a_file_is_read_by_its_path_inside_a_folder_or_by_its_own(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"content")

    assert read_plain_file(tmp_path, "folder/file") == b"content"
    assert read_plain_file(tmp_path / "folder" / "file") == b"content"


@pytest.mark.parametrize("name", ["file", "folder/file"])
def test_what_is_not_there_is_nothing(tmp_path, name):
    assert read_plain_file(tmp_path, name) is None
    assert read_plain_file(tmp_path / name) is None


def test_a_file_behind_a_link_is_not_read(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("folder")

    with pytest.raises(NotAPlainFile, match=r"lies behind .*/link, which is a symbolic link"):
        read_plain_file(tmp_path, "link/file")
    assert read_plain_file(tmp_path / "link", "file") == b"content"


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(NotAPlainFile, match="is a pipe, not a file"):
        read_plain_file(tmp_path, "pipe")
    with pytest.raises(NotAPlainFile, match=r"lies behind .*/pipe, which is a pipe, not a folder"):
        read_plain_file(tmp_path, "pipe/file")


def test_a_file_that_may_not_be_read_is_refused_with_the_systems_word(tmp_path):
    (tmp_path / "file").touch(mode=0)

    with plain_rights(), pytest.raises(NotAPlainFile, match="can not be read: Permission denied"):
        read_plain_file(tmp_path, "file")


def test_no_descriptor_is_left_open(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"content")
    os.mkfifo(tmp_path / "folder" / "pipe")
    before = len(os.listdir("/proc/self/fd"))

    for name in ("folder/file", "folder/none", "none/file", "file/file"):
        read_plain_file(tmp_path, name)
    for name in ("folder/pipe", "folder/file/file", "folder"):
        with pytest.raises(NotAPlainFile):
            read_plain_file(tmp_path, name)

    assert len(os.listdir("/proc/self/fd")) == before
