"""Which photo is whose."""

import pytest

from registry.photo.matching import Matching, PhotoRow, match
from signing.id_check import IdType

ZHANG, LI = "11010519491231002X", "440524188001010014"


def row(
    number: int, id_number: str = ZHANG, *, id_type: IdType = IdType.RESIDENT_ID, passed: bool = True
) -> PhotoRow:
    return PhotoRow(number, id_type, id_number, passed)


def matched(stems: list[str], *rows: PhotoRow) -> Matching[str]:
    return match([(stem, f"photo {stem}") for stem in stems], rows)


def codes(matching: Matching[str]) -> list[tuple[str, str | int | None]]:
    return [(fault.code, fault.row or fault.stem) for fault in matching.faults]


def test_a_photo_is_found_by_the_rows_number_or_by_the_holders():
    matching = matched(["0001", LI], row(1, ZHANG), row(2, LI))

    assert matching.photos == {1: "photo 0001", 2: f"photo {LI}"}
    assert matching.faults == ()


@pytest.mark.parametrize("written", ["11010519491231002x", "１１０１０５19491231002Ⅹ", "110105 19491231002X"])
def test_an_id_number_may_be_written_in_any_way(written):
    assert matched([written], row(7, ZHANG)).photos == {7: f"photo {written}"}
    assert matched([ZHANG], row(7, written)).photos == {7: f"photo {ZHANG}"}


def test_a_photo_by_id_number_is_for_all_rows_of_the_person():
    assert matched([ZHANG], row(1), row(2)).photos == {1: f"photo {ZHANG}", 2: f"photo {ZHANG}"}


def test_six_digits_are_a_rows_number_and_seven_are_an_id_number():
    passport = {"id_type": IdType.PASSPORT}

    matching = matched(["123456", "1234567"], row(1, "123456", **passport), row(2, "1234567", **passport))

    assert matching.photos == {2: "photo 1234567"}
    assert codes(matching) == [("photo_without_row", "123456"), ("photo_missing", 1)]


def test_a_photo_of_nobody_is_told():
    matching = matched(["1", "99", LI], row(1))

    assert codes(matching) == [("photo_without_row", "99"), ("photo_without_row", LI)]


@pytest.mark.parametrize("stems", [["1", ZHANG], ["1", "01"], ["1", "01", ZHANG]])
def test_a_row_that_two_photos_name_gets_neither(stems):
    matching = matched(stems, row(1))

    assert matching.photos == {}
    assert codes(matching) == [("two_photos_of_a_row", 1)]


def test_one_number_of_two_people_names_nobody():
    rows = (
        row(1, "12345678", id_type=IdType.PASSPORT),
        row(2, "12345678", id_type=IdType.TAIWAN_PERMIT, passed=False),
    )

    matching = matched(["12345678"], *rows)

    assert matching.photos == {}
    assert codes(matching) == [("photo_of_two_people", "12345678"), ("photo_missing", 1)]
    assert matched(["1", "2"], *rows).photos == {1: "photo 1", 2: "photo 2"}


def test_who_passed_needs_a_photo_once_there_are_any():
    rows = row(3, LI), row(1, ZHANG), row(2, "x", passed=False), row(4, "y")

    assert codes(matched(["1"], *rows)) == [("photo_missing", 3), ("photo_missing", 4)]
    assert matched([], *rows).faults == ()


def test_who_failed_may_have_a_photo():
    assert matched(["2"], row(2, passed=False)).photos == {2: "photo 2"}


@pytest.mark.parametrize("stem", ["", "²", "一", "-1", "1.5"])
def test_what_is_no_number_is_of_nobody(stem):
    (fault,) = matched([stem], row(1, passed=False)).faults

    assert (fault.code, fault.stem) == ("photo_without_row", stem)


def test_every_fault_says_how_to_mend_it():
    matching = matched(["1", "01", "9"], row(1), row(2, LI))

    assert len(matching.faults) == 3
    assert all(fault.message and fault.remedy for fault in matching.faults)
