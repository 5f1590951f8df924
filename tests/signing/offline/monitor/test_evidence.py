"""What is kept of checkpoints that contradict each other: whole, under a name of its own, and not without end."""

import os

import pytest

from signing.log.note import Head
from signing.offline.monitor.evidence import MAX_NOTES, keep_evidence


def head(root, size=3):
    return Head("dte.example/public/log", size, root)


def test_heads_whose_roots_begin_alike_are_kept_beside_each_other(tmp_path):
    roots = [bytes(31) + bytes([last]) for last in range(2)]

    paths = keep_evidence(tmp_path / "state", *((head(root), root[-1:]) for root in roots))

    assert [os.path.basename(path) for path in paths] == [f"3-{root.hex()}.checkpoint" for root in roots]
    assert [(tmp_path / path).read_bytes() for path in paths] == [b"\0", b"\1"]


def test_a_note_that_is_there_stays_as_it_is(tmp_path):
    (path,) = keep_evidence(tmp_path / "state", (head(bytes(32)), b"first"))

    assert keep_evidence(tmp_path / "state", (head(bytes(32)), b"second")) == [path]
    assert (tmp_path / path).read_bytes() == b"first"


def test_a_log_that_shows_ever_another_tree_fills_no_disk(tmp_path):
    notes = [(head(bytes(32), size), b"note") for size in range(MAX_NOTES + 2)]

    paths = keep_evidence(tmp_path / "state", *notes)

    assert len(paths) == MAX_NOTES == len(list((tmp_path / "state.evidence").iterdir()))
    assert keep_evidence(tmp_path / "state", notes[0], notes[-1]) == paths[:1]


def test_a_note_that_could_not_be_written_whole_is_not_there(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr("signing.offline.monitor.evidence.sync_folder", lambda folder: None)
    with pytest.raises(OSError, match="No space left"):
        keep_evidence(tmp_path / "state", (head(bytes(32)), b"note"))

    assert list((tmp_path / "state.evidence").iterdir()) == []
