"""What the journal does when a write fails, a process dies, or the file is not what was written."""

import errno
import os

import pytest

from keys.errors import JournalDamaged, JournalUnavailable, OtherContentForEntry
from keys.signer.journal import HEADER, SignerJournal
from tests.keys.signer.forgetful_disk import ForgetfulDisk
from tests.keys.signer.small_journal import signed
from tests.keys.small_register import killed_inside


@pytest.fixture
def path(tmp_path, journal):
    return tmp_path / "journal" / "signer.txt"


@pytest.mark.parametrize("fault", ["fsync", "write"])
def test_a_failed_write_admits_nothing_until_the_journal_is_opened_anew(journal, path, monkeypatch, fault):
    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, fault, full)
        with pytest.raises(JournalUnavailable, match="No space"):
            journal.admit([signed(1)])
    with pytest.raises(JournalUnavailable, match="open the journal anew"):
        journal.admit([signed(1)])

    SignerJournal.open(path).admit([signed(1)])
    assert path.read_bytes().count(b"\n") == 2


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_what_is_admitted_after_a_failed_fsync_is_really_on_disk(journal, path, monkeypatch, failures):
    journal.admit([signed(1)])
    disk = ForgetfulDisk(path, monkeypatch)
    disk.failing = failures

    with pytest.raises(JournalUnavailable, match="Input/output"):
        journal.admit([signed(2), signed(3)])
    # Each that opens it meanwhile is refused too: what it reads is not on disk.
    for _ in range(failures - 1):
        with pytest.raises(JournalUnavailable, match="Input/output"):
            SignerJournal.open(path)
    reopened = SignerJournal.open(path)
    reopened.admit([signed(2), signed(3), signed(4)])

    assert disk.stored == path.read_bytes()
    assert disk.stored.count(b"\n") == 5


def test_another_process_does_not_believe_what_a_failed_fsync_left(journal, path, monkeypatch):
    other = SignerJournal.open(path)
    disk = ForgetfulDisk(path, monkeypatch)
    disk.failing = 1

    with pytest.raises(JournalUnavailable):
        journal.admit([signed(1)])
    other.admit([signed(1)])

    assert disk.stored == path.read_bytes()


def test_a_long_admission_is_proved_piece_by_piece(journal, path, monkeypatch):
    monkeypatch.setattr("keys.signer.journal._MOST_UNPROVED", 400)
    disk = ForgetfulDisk(path, monkeypatch)
    many = [signed(entry) for entry in range(1, 30)]
    journal.admit(many[:10])
    disk.failing = 1

    with pytest.raises(JournalUnavailable):
        journal.admit(many)
    SignerJournal.open(path).admit(many)

    assert disk.stored == path.read_bytes()
    assert list(SignerJournal.open(path).entries()) == many


def test_reading_a_journal_leaves_it_as_it_is(journal, path):
    journal.admit([signed(1), signed(2)])
    before = path.read_bytes()

    reopened = SignerJournal.open(path)
    assert path.read_bytes() == before
    reopened.admit([signed(3)])

    assert path.read_bytes()[: len(before)] == before
    assert list(journal.entries()) == [signed(1), signed(2), signed(3)]


@pytest.mark.parametrize("kept", range(0, 240, 23))
def test_a_torn_last_line_is_cut_off(journal, path, kept):
    journal.admit([signed(1)])
    whole = path.read_bytes()
    journal.admit([signed(2), signed(3)])
    torn = path.read_bytes()[: len(whole) + kept]
    path.write_bytes(torn)

    reopened = SignerJournal.open(path)

    left = torn[: torn.rindex(b"\n") + 1]
    assert path.read_bytes() == left
    reopened.admit([signed(3, content="other")])
    with pytest.raises(OtherContentForEntry):
        reopened.admit([signed(1, content="other")])


def test_a_kill_between_write_and_fsync_loses_nothing_that_was_signed(journal, path):
    def act():
        os.fsync = lambda descriptor: os._exit(137)
        journal.admit([signed(1)])

    assert killed_inside(act)
    journal.admit([signed(1)])
    with pytest.raises(OtherContentForEntry):
        journal.admit([signed(1, content="other")])


def swap(lines):
    return [lines[0], lines[2], lines[1], lines[3]]


def digit(lines):
    return [lines[0], lines[1].replace(b"1 ", b"9 ", 1), *lines[2:]]


@pytest.mark.parametrize(
    "damage",
    [
        swap,
        digit,
        lambda lines: [lines[0], *lines[2:]],
        lambda lines: [lines[0], b"\n", *lines[1:]],
        lambda lines: [lines[0], lines[1].replace(b" -", b" 1"), *lines[2:]],
        lambda lines: [b"certreg-signer-journal/2\n", *lines[1:]],
        lambda lines: lines[1:],
        lambda lines: [],
    ],
)
def test_a_changed_journal_is_refused(journal, path, damage):
    journal.admit([signed(1), signed(2), signed(3)])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(damage(lines)))

    with pytest.raises(JournalDamaged):
        SignerJournal.open(path)


def test_any_flipped_bit_of_a_line_is_found_by_opening_and_by_reading(journal, path):
    journal.admit([signed(1), signed(2), signed(3)])
    whole = path.read_bytes()
    start = whole.index(b"\n2 ") + 1
    for place in range(start, whole.index(b"\n", start)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << place % 7
        path.write_bytes(flipped)

        with pytest.raises(JournalDamaged, match=r"line [34] "):
            SignerJournal.open(path)
        with pytest.raises(JournalDamaged):
            list(journal.entries())


@pytest.mark.parametrize("block", [1 << 18, 400])
def test_the_line_that_is_damaged_is_named(journal, path, monkeypatch, block):
    journal.admit([signed(entry) for entry in range(1, 50)])
    lines = path.read_bytes().splitlines(keepends=True)
    lines[30] = lines[30].replace(b" -", b" 1")
    path.write_bytes(b"".join(lines))
    monkeypatch.setattr("keys.signer.journal._BLOCK", block)

    with pytest.raises(JournalDamaged, match="line 31 is not") as refusal:
        SignerJournal.open(path)

    assert refusal.value.line == 31


def test_a_file_that_is_no_journal_is_refused_whatever_its_size(path, journal, monkeypatch):
    monkeypatch.setattr("keys.signer.journal._BLOCK", 100)
    path.write_bytes(HEADER + bytes(1000) + b"\n")

    with pytest.raises(JournalDamaged, match="line 2 "):
        SignerJournal.open(path)


def test_a_disk_that_can_not_be_read_is_told(journal, path, monkeypatch):
    journal.admit([signed(1)])

    def broken(descriptor, length, offset):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "pread", broken)
    for act in (lambda: SignerJournal.open(path), lambda: list(journal.entries())):
        with pytest.raises(JournalUnavailable, match="Input/output"):
            act()


def test_a_journal_cut_short_while_it_is_open_is_noticed(journal, path):
    journal.admit([signed(1), signed(2)])
    path.write_bytes(HEADER)

    with pytest.raises(JournalDamaged):
        journal.admit([signed(3)])


def test_many_processes_write_one_journal_without_losing_a_line(journal, path):
    def write_for(place):
        own = SignerJournal.open(path)
        for entry in range(place, 120, 3):
            own.admit([signed(entry)])
        os._exit(0)

    children = []
    for place in (1, 2, 3):
        children.append(os.fork())
        if children[-1] == 0:
            write_for(place)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]

    journal.admit([signed(entry) for entry in range(1, 120)])
    assert len(path.read_bytes().splitlines()) == 120
