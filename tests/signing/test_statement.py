"""The statement, its bounds and its size."""

from datetime import date

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import Malformed, UnknownVersion
from signing.statement import Level, Occupation, Statement, occupation_of
from tests.vectors import faults
from tests.vectors.world import DTE, NUMBER, statement, token

STATEMENTS = st.builds(
    Statement,
    entry=st.integers(1, 4294967295),
    number=st.binary(min_size=2, max_size=12),
    holder_name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=42),
    id_check=st.integers(0, 4095),
    occupation=st.builds(Occupation, st.integers(1, 255), st.integers(0, 9999999)),
    direction=st.none() | st.integers(1, 255),
    level=st.sampled_from(Level),
    issued_on=st.dates(date(1970, 1, 1), date(2149, 6, 6)),
)


@given(STATEMENTS)
def test_a_statement_comes_back_and_is_the_cddl(content):
    data = content.to_bytes()

    assert Statement.from_bytes(data) == content
    assert cbor2.loads(data) == [
        1, content.entry, content.number, content.holder_name, content.id_check,
        [content.occupation.edition, content.occupation.code], content.direction, int(content.level),
        (content.issued_on - date(1970, 1, 1)).days,
    ]  # fmt: skip


def test_the_items_of_the_fault_table_make_the_good_statement():
    assert faults.payload() == statement().to_bytes()


@pytest.mark.parametrize("data", faults.BAD_PAYLOADS.values(), ids=faults.BAD_PAYLOADS.keys())
def test_what_is_not_a_statement_is_refused(data):
    with pytest.raises(Malformed):
        Statement.from_bytes(data)


@pytest.mark.parametrize("version", [0, 2, 3, 23])
@pytest.mark.parametrize("count", [1, 9, 23])
def test_a_later_version_is_told_apart_by_two_bytes(version, count):
    with pytest.raises(UnknownVersion) as refusal:
        Statement.from_bytes(bytes((0x80 | count, version)) + b"\xff")

    assert refusal.value.version == version


WRONG = {
    "entry 0": {"entry": 0},
    "entry true": {"entry": True},
    "entry 2^32": {"entry": 2**32},
    "number too short": {"number": b"\x01"},
    "number too long": {"number": bytes(17)},
    "number in text": {"number": "S000123000001263000001"},
    "no name": {"holder_name": ""},
    "name of 169 bytes": {"holder_name": "a" * 169},
    "name of 57 Han characters": {"holder_name": "张" * 57},
    "name with a surrogate": {"holder_name": "\ud842"},
    "name in bytes": {"holder_name": b"a"},
    "id check 4096": {"id_check": 4096},
    "direction 0": {"direction": 0},
    "direction 256": {"direction": 256},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_a_statement_that_could_not_be_read_back_is_not_made(wrong):
    with pytest.raises(Malformed):
        statement(**wrong)


@pytest.mark.parametrize("day", [date(1969, 12, 31), date(2149, 6, 7)])
def test_a_date_outside_two_bytes_is_not_written(day):
    with pytest.raises(Malformed):
        statement(issued_on=day).to_bytes()


@pytest.mark.parametrize(
    ("edition", "code"), [(0, 1), (256, 1), (1, -1), (1, 10_000_000), (True, 1), (1, 1.0), ("2", 1)]
)
def test_an_occupation_outside_the_grammar_is_not_made(edition, code):
    with pytest.raises(Malformed):
        Occupation(edition, code)


@pytest.mark.parametrize(("edition", "code"), [(1, 1), (255, 9999999), (2, 2021011)])
def test_an_occupation_that_is_remembered_is_the_one_that_is_made(edition, code):
    assert occupation_of(edition, code) == Occupation(edition, code)
    assert occupation_of(edition, code) is occupation_of(edition, code)


@pytest.mark.parametrize(
    ("edition", "code"), [(True, 1), (1, True), (1.0, 1), (0, 1), (1, 10_000_000), ([1], 1)]
)
def test_what_equals_a_remembered_occupation_is_no_occupation(edition, code):
    occupation_of(1, 1)
    with pytest.raises(Malformed):
        occupation_of(edition, code)


@pytest.mark.parametrize(
    ("text", "code"),
    [("2-02-10-11", 2021011), ("0-00-00-01", 1), ("9-99-99-99", 9999999), ("4-04-05-03", 4040503)],
)
def test_an_occupation_is_read_and_written_as_printed(text, code):
    assert Occupation.parse(text, edition=2) == Occupation(2, code)
    assert Occupation(2, code).text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2021011",
        "2-02-10",
        "2-02-10-1",
        "2-02-10-111",
        "2-02-10-11 ",
        "２-02-10-11",
        "2-02-10-1a",
        "L2-02-10-11",
    ],
)
def test_an_occupation_written_otherwise_is_refused(text):
    with pytest.raises(Malformed):
        Occupation.parse(text, edition=2)


# One character of each block that a name may come from: all CJK blocks with the tail of the first,
# compatibility ideographs, radicals, private use, middle dots, Uyghur, Tibetan, Mongolian, Latin, combining
# and joining marks, variation selectors, spaces and direction marks.
NAME_CHARACTERS = (
    "张小明一龥鿼㐀䶮𠀀𪛟𪜀𫝀𫠠𬺰𮯰丽𰀀𱍐𬭸𬱖㼆豈﨎⼦⺀\ue863〇々·•・‧．\u0626\u06d5\u0f40\u0f71\u1820Aé\u0301\u200d\u200c\u200f\u202e"
    "\ufe0f\U000e0100 \u3000\u00a0=0\x00\ufeff\uffff\U0010ffff"
)


@given(
    name=st.text(NAME_CHARACTERS, min_size=1, max_size=168)
    | st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    entry=st.integers(1, 4294967295),
    edition=st.sampled_from([1, 2]) | st.integers(1, 255),
    code=st.integers(0, 9999999),
    direction=st.none() | st.integers(1, 255),
    id_check=st.integers(0, 4095),
    day=st.dates(date(1970, 1, 1), date(2149, 6, 6)),
    serial=st.integers(0, 999_999),
)
def test_no_token_is_larger_than_288_bytes(name, entry, edition, code, direction, id_check, day, serial):
    while len(name.encode()) > 168:
        name = name[:-1]
    content = statement(
        entry, number=DTE.pack(f"Z999999999999999{serial:06d}"), holder_name=name, id_check=id_check,
        occupation=Occupation(edition, code), direction=direction, issued_on=day,
    )  # fmt: skip

    data = len(content.to_bytes())

    assert 81 + data <= 288
    if len(name.encode()) <= 9:
        assert 81 + data <= 128
    if len(name.encode()) <= 120:
        assert 81 + data <= 255


@pytest.mark.parametrize(
    ("name", "most"), [("张小明", 128), ("䶮" * 40, 255), ("𬭸" * 42, 288), ("a" * 168, 288)]
)
def test_the_largest_token_of_a_name_keeps_its_bound(name, most):
    largest = statement(
        4294967295, number=DTE.pack("Z" + "9" * 21), holder_name=name, id_check=4095,
        occupation=Occupation(255, 9999999), direction=255, issued_on=date(2149, 6, 6),
    )  # fmt: skip

    assert len(token(largest)) <= most


def test_an_envelope_is_81_bytes():
    assert len(token(statement())) - len(statement().to_bytes()) == 81
    assert len(NUMBER) == 11
