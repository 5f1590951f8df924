"""What is written down of a fault: enough to act on, and nothing that a row or a value said."""

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from keys.errors import KeyUnavailable
from registry.database.errors import RegisterBusy, StorageFull
from registry.database.faults import Fault
from registry.work.faults import LONGEST, first_of, is_out_of_reach, told


class Refused(Exception):
    """A driver's error that quotes a row, as PostgreSQL's do."""

    sqlstate = "23505"


def raised(error: Exception) -> Exception:
    """Return an error that went through a frame."""
    try:
        raise error
    except type(error) as caught:
        return caught


def test_our_own_refusals_are_told_in_their_words():
    said = told(KeyUnavailable("keys/store", "the module does not answer"))

    assert said == "KeyUnavailable: keys/store: the module does not answer"


def test_of_a_database_s_error_kind_and_code_are_told():
    error = IntegrityError("INSERT INTO result", {"name": "张三"}, Refused("Key (holder_name)=(张三) exists"))

    assert told(error) == "IntegrityError 23505"
    assert told(OperationalError("SELECT", {}, Exception("张三"))) == "OperationalError"


@pytest.mark.parametrize("error", [TypeError("张三"), KeyError("张三"), AssertionError("张三")], ids=repr)
def test_of_a_fault_of_the_program_kind_and_place_are_told(error):
    said = told(raised(error))

    assert said.startswith(f"{type(error).__name__} at test_faults.py:")
    assert "张三" not in said


def test_it_is_one_line_of_bounded_length():
    said = told(OSError("a\nb\n" * 1000))

    assert "\n" not in said
    assert len(said) == LONGEST


@pytest.mark.parametrize(
    ("error", "out_of_reach"),
    [
        (RegisterBusy(8, Fault.CONNECTION_LOST), True),
        (RegisterBusy(8, Fault.BUSY), False),
        (StorageFull(), False),
        (OSError("no room"), False),
    ],
    ids=str,
)
def test_only_a_lost_connection_means_that_no_job_could_reach_the_database(error, out_of_reach):
    assert is_out_of_reach(error) is out_of_reach


@pytest.mark.parametrize(
    ("count", "said", "last"),
    [(0, 0, None), (20, 20, "19"), (21, 21, "and 1 more"), (100_000, 21, "and 99980 more")],
)
def test_of_many_texts_the_first_are_told_and_how_many_others(count, said, last):
    told_of = first_of([str(number) for number in range(count)])

    assert len(told_of) == said
    assert (told_of[-1] if told_of else None) == last
