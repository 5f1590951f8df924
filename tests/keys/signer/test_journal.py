import os
import stat

import pytest

from keys.errors import (
    JournalUnavailable,
    KeyExists,
    KeyFileExposed,
    NumberTaken,
    OtherContentForEntry,
    WrongCorrection,
)
from keys.signer.journal import HEADER, SignerJournal
from tests.keys.signer.small_journal import signed


@pytest.fixture
def path(tmp_path, journal):
    return tmp_path / "journal" / "signer.txt"


def test_a_journal_is_a_private_file_with_a_line_for_each_entry(journal, path):
    journal.admit([signed(1), signed(2)])

    lines = path.read_bytes().splitlines(keepends=True)
    assert lines[0] == HEADER
    assert [line.split(b" ")[0] for line in lines[1:]] == [b"1", b"2"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert journal.last_entry() == 2


def test_the_same_content_is_admitted_again_and_writes_nothing(journal, path):
    journal.admit([signed(1), signed(2)])
    before = path.read_bytes()

    journal.admit([signed(2), signed(1), signed(2)])
    SignerJournal.open(path).admit([signed(1)])

    assert path.read_bytes() == before


REFUSED = [
    ([signed(1, content="other")], OtherContentForEntry),
    ([signed(1, number="0002", content="other")], OtherContentForEntry),
    ([signed(5, number="0001")], NumberTaken),
    ([signed(5, number="0001", corrects=2)], WrongCorrection),
    ([signed(5, number="0001", corrects=5)], WrongCorrection),
    ([signed(5, number="0009", corrects=1)], WrongCorrection),
    ([signed(5, corrects=4)], WrongCorrection),
    ([signed(3), signed(3, content="other")], OtherContentForEntry),
    ([signed(5, number="0005"), signed(6, number="0005")], NumberTaken),
]


@pytest.mark.parametrize(("wanted", "error"), REFUSED)
@pytest.mark.parametrize("reopened", [False, True])
def test_other_content_is_refused_and_nothing_of_its_batch_is_recorded(
    journal, path, wanted, error, reopened
):
    journal.admit([signed(1), signed(2)])
    before = path.read_bytes()
    if reopened:
        journal = SignerJournal.open(path)

    with pytest.raises(error):
        journal.admit([signed(4), *wanted])

    assert path.read_bytes() == before
    journal.admit([signed(4, content="not recorded, so still free")])


def test_a_correction_names_the_last_entry_of_its_number(journal, path):
    journal.admit([signed(1), signed(7, number="0001", corrects=1)])

    with pytest.raises(WrongCorrection):
        journal.admit([signed(8, number="0001", corrects=1)])
    reopened = SignerJournal.open(path)
    reopened.admit([signed(8, number="0001", corrects=7)])
    with pytest.raises(WrongCorrection):
        reopened.admit([signed(6, number="0001", corrects=8)])


def test_entries_may_come_out_of_order(journal):
    journal.admit([signed(9)])
    journal.admit([signed(3)])

    assert journal.last_entry() == 9


def test_its_entries_come_out_whole_and_in_the_order_of_admission(journal, path):
    admitted = [signed(9), signed(3), signed(11, number="0003", corrects=3), signed(4294967295)]
    other = SignerJournal.open(path)
    journal.admit(admitted[:2])
    journal.admit(admitted[2:])

    assert list(journal.entries()) == admitted
    assert list(other.entries()) == admitted
    assert list(SignerJournal.open(path).entries()) == admitted


def test_a_journal_of_many_blocks_is_read_whole(journal, path, monkeypatch):
    many = [signed(entry) for entry in range(1, 400)]
    journal.admit(many)
    monkeypatch.setattr("keys.signer.journal._BLOCK", 1000)

    reopened = SignerJournal.open(path)

    assert list(reopened.entries()) == many
    assert reopened.last_entry() == 399
    reopened.admit(many)
    assert len(path.read_bytes().splitlines()) == 400


def test_what_is_admitted_while_the_entries_are_read_does_not_spoil_the_reading(journal):
    journal.admit([signed(1), signed(2)])
    reading = journal.entries()

    first = next(reading)
    journal.admit([signed(3)])

    assert [first, *reading] == [signed(1), signed(2)]
    assert len(list(journal.entries())) == 3


def test_two_openings_of_one_journal_see_each_others_lines(journal, path):
    other = SignerJournal.open(path)
    journal.admit([signed(1)])

    with pytest.raises(OtherContentForEntry):
        other.admit([signed(1, content="other")])
    other.admit([signed(2)])
    with pytest.raises(OtherContentForEntry):
        journal.admit([signed(2, content="other")])
    other.admit([signed(9)])
    assert journal.last_entry() == 9


def test_one_batch_is_one_fsync(journal, monkeypatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(descriptor) or real(descriptor))

    journal.admit([signed(entry) for entry in range(1, 500)])

    assert len(synced) == 1


def test_a_journal_is_never_made_by_opening_nor_made_twice(tmp_path, journal, path):
    with pytest.raises(JournalUnavailable):
        SignerJournal.open(tmp_path / "journal" / "none.txt")
    with pytest.raises(KeyExists):
        SignerJournal.create(path)


def test_a_journal_that_others_may_write_is_refused(journal, path):
    path.chmod(0o660)

    with pytest.raises(KeyFileExposed):
        SignerJournal.open(path)


def test_a_closed_journal_admits_nothing(journal):
    journal.close()

    journal.close()
    with pytest.raises(JournalUnavailable):
        journal.admit([signed(1)])
    with pytest.raises(JournalUnavailable):
        list(journal.entries())
