"""Rows of both versions: bytes both ways, and what is refused."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import cbor2
import pytest

from signing.errors import Malformed
from signing.row import FIRST_VERSION, VERSION, Row
from signing.statement import Level, Occupation
from tests.vectors.variants import edited

SUBMISSION = UUID("12345678-1234-5678-1234-567812345678")
PHOTO = bytes(range(32))


def a_row(**changed):
    ordinary = {
        "blinding": bytes(range(16)),
        "submission": SUBMISSION,
        "row": 7,
        "issuer": "S0001",
        "site": "000001",
        "province": "23",
        "holder_name": "张小明",
        "id_check": 2748,
        "occupation": Occupation(2, 2021011),
        "direction": None,
        "level": Level.SENIOR,
        "theory": 855,
        "practice": 600,
        "passed": True,
        "exam_ended_on": date(2026, 10, 1),
        "issued_on": None,
        "corrects": None,
        "photo": None,
    }
    return Row(**ordinary | changed)


def an_old_row(**changed):
    return a_row(version=FIRST_VERSION, **changed)


OLD_ROWS = [
    an_old_row(),
    an_old_row(direction=255, issued_on=date(2026, 10, 2), corrects=12, level=Level.JUNIOR),
    an_old_row(theory=599, practice=1000, passed=False),
    an_old_row(theory=0, practice=0, passed=False, row=4294967295, holder_name="𬭸" * 42),
]


# What reviewers sign is a digest over these bytes, so that no later writer may write others.
RECORDED_START = (
    "{version}50000102030405060708090a0b0c0d0e0f5012345678123456781234567812345678"
    "{row}6553303030316630303030303162323369e5bca0e5b08fe6988e190abc82021a001ed693"
)


def _start(row, version="9201"):
    return RECORDED_START.format(version=version, row=row)


RECORDED_OLD_ROWS = [
    _start("07") + "f603190357190258f51950f7f6f6",
    _start("07") + "18ff01190357190258f51950f71950f80c",
    _start("07") + "f6031902571903e8f41950f7f6f6",
    _start("1affffffff").replace("69e5bca0e5b08fe6988e", "78a8" + "f0acadb8" * 42) + "f6030000f41950f7f6f6",
]


ROWS = [
    a_row(),
    a_row(photo=PHOTO),
    a_row(theory=None, practice=1000, passed=False, photo=PHOTO),
    a_row(theory=0, practice=None, passed=False, corrects=12),
    a_row(theory=None, practice=None, passed=False),
]
RECORDED_ROWS = [
    _start("07", "9302") + "f603190357190258f51950f7f6f6f6",
    _start("07", "9302") + "f603190357190258f51950f7f6f6" + "5820" + PHOTO.hex(),
    _start("07", "9302") + "f603f61903e8f41950f7f6f6" + "5820" + PHOTO.hex(),
    _start("07", "9302") + "f60300f6f41950f7f60cf6",
    _start("07", "9302") + "f603f6f6f41950f7f6f6f6",
]
EVERY_ROW, EVERY_RECORDED_ROW = [*OLD_ROWS, *ROWS], [*RECORDED_OLD_ROWS, *RECORDED_ROWS]


@pytest.mark.parametrize(("row", "recorded"), list(zip(EVERY_ROW, EVERY_RECORDED_ROW, strict=True)))
def test_a_row_has_the_bytes_it_always_had(row, recorded):
    assert row.to_bytes().hex() == recorded


@pytest.mark.parametrize("row", EVERY_ROW, ids=range(len(EVERY_ROW)))
def test_a_row_comes_back(row):
    assert Row.from_bytes(row.to_bytes()) == row
    assert row.to_bytes() == cbor2.dumps(cbor2.loads(row.to_bytes()))
    assert len(cbor2.loads(row.to_bytes())) == 17 + row.version


WRONG_ROWS = {
    "short blinding": {"blinding": bytes(15)},
    "row 0": {"row": 0},
    "no name": {"holder_name": ""},
    "long name": {"holder_name": "a" * 169},
    "id check 4096": {"id_check": 4096},
    "direction 0": {"direction": 0},
    "theory 1001": {"theory": 1001},
    "practice -1": {"practice": -1},
    "a score with a fraction": {"theory": 85.5},
    "passed with 599": {"theory": 599},
    "failed with 600 and 600": {"theory": 600, "passed": False},
    "passed 1": {"passed": 1},
    "failed 0": {"theory": 1, "passed": 0},
    "no blinding": {"blinding": None},
    "row true": {"row": True},
    "row 4294967296": {"row": 4294967296},
    "issuer a number": {"issuer": 1},
    "site none": {"site": None},
    "province bytes": {"province": b"23"},
    "name none": {"holder_name": None},
    "name with a surrogate": {"holder_name": "\ud800"},
    "id check true": {"id_check": True},
    "direction 256": {"direction": 256},
    "direction true": {"direction": True},
    "theory -1": {"theory": -1, "passed": False},
    "theory true": {"theory": True, "passed": False},
    "practice true": {"practice": True, "passed": False},
    "practice 1001": {"practice": 1001},
    "corrects true": {"corrects": True},
    "corrects 2^53": {"corrects": 2**53},
    "corrects -1": {"corrects": -1},
    "version 0": {"version": 0},
    "version 3": {"version": 3},
    "version true": {"version": True},
    "no version": {"version": None},
    "a short photo": {"photo": bytes(31)},
    "a long photo": {"photo": bytes(33)},
    "an empty photo": {"photo": b""},
    "a photo in digits": {"photo": "00" * 16},
    "absent from theory, and passed": {"theory": None},
    "absent from practice, and passed": {"practice": None},
    "absent as a truth": {"theory": False, "passed": False},
    "version 1 with a photo": {"version": FIRST_VERSION, "photo": PHOTO},
    "version 1 of somebody absent": {"version": FIRST_VERSION, "theory": None, "passed": False},
}


@pytest.mark.parametrize("wrong", WRONG_ROWS.values(), ids=WRONG_ROWS.keys())
def test_a_row_outside_the_grammar_is_not_made(wrong):
    with pytest.raises(Malformed):
        a_row(**wrong)


FAULTS = [
    (0, 0), (0, 3), (0, True), (0, None), (1, bytes(17)), (2, bytes(15)), (2, str(SUBMISSION)), (3, 0), (3, "7"),
    (4, 1), (5, None), (6, 23), (7, b"a"), (8, -1), (9, 2021011), (9, [2]), (9, [0, 1]), (10, 0), (11, 0), (11, 4),
    (11, True), (12, "85.5"), (13, 1001), (14, 1), (14, False), (15, None),
    (15, 65536), (16, -1), (17, -1), (17, False),
]  # fmt: skip
OLD_FAULTS = [*FAULTS, (0, VERSION), (12, None), (13, None)]
NEW_FAULTS = [
    *FAULTS, (0, FIRST_VERSION), (12, None), (13, None), (18, b""), (18, bytes(31)), (18, bytes(33)), (18, 0),
    (18, False), (18, "photo"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "place", "value"),
    [(an_old_row(), *fault) for fault in OLD_FAULTS] + [(a_row(photo=PHOTO), *fault) for fault in NEW_FAULTS],
)
def test_a_row_that_our_writer_would_not_write_is_refused(row, place, value):
    data = edited(row.to_bytes(), lambda items: items.__setitem__(place, value))
    with pytest.raises(Malformed):
        Row.from_bytes(data)


@pytest.mark.parametrize("row", [an_old_row(), a_row()], ids=["version 1", "version 2"])
@pytest.mark.parametrize(
    "edit",
    [lambda items: items.pop(), lambda items: items.append(None), lambda items: items.clear()],
    ids=["less", "more", "none"],
)
def test_an_item_less_or_more_is_refused(row, edit):
    with pytest.raises(Malformed):
        Row.from_bytes(edited(row.to_bytes(), edit))


def test_who_was_absent_is_told_apart_from_who_has_no_point():
    absent, without_a_point = a_row(theory=None, passed=False), a_row(theory=0, passed=False)

    assert absent.to_bytes() != without_a_point.to_bytes()
    # Version 1 could not.
    assert replace(without_a_point, version=FIRST_VERSION).theory == 0
