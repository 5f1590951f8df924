"""Public files that are lost or spoilt: the log does not go on from them, and they are written anew, byte for byte."""

import shutil

import pytest

from registry.log.errors import FilesUnsound


def test_the_log_does_not_go_on_from_files_that_are_missing(logged):
    logged.signed(2)
    logged.grow()
    shutil.rmtree(logged.files.folder / "tile")
    logged.signed(1)

    with pytest.raises(FilesUnsound, match=r"tile/0/000.p/8 is missing.*certreg log build"):
        logged.grow()
    assert logged.head().size == 8


def test_the_log_does_not_go_on_from_another_tree(logged):
    logged.signed(2)
    logged.grow()
    (edge,) = (logged.files.folder / "tile" / "0").rglob("8")
    edge.write_bytes(bytes(8 * 32))
    logged.signed(1)

    with pytest.raises(FilesUnsound, match="not what its tile says|not the tree of 8 leaves"):
        logged.grow()
    assert logged.head().size == 8
