"""Numbering profiles as data: every kind of number that must be held, and what does not fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing import cbor
from signing.errors import Malformed, NumberMisfit
from signing.number import Field, Profile, issuer_key, shown
from tests.vectors.world import DTE, LEGACY, PROFILES, SKILL, SPECIAL

NUMBERS = {
    DTE: "S000123000001263000001",
    SKILL: "Y000123000001195000001",
    SPECIAL: "S00012300000126T000001",
    LEGACY: "1910012003400001",
}


def texts(profile):
    parts = [st.text(part.alphabet, min_size=part.width, max_size=part.width) for part in profile.fields]
    return st.tuples(*parts).map("".join)


@given(
    st.sampled_from(list(PROFILES.values())).flatmap(
        lambda profile: st.tuples(st.just(profile), texts(profile))
    )
)
def test_every_number_of_a_profile_is_packed_and_comes_back(case):
    profile, text = case

    packed = profile.pack(text)

    assert packed[0] == profile.code
    assert len(packed) == 1 + profile.size
    assert profile.unpack(packed) == text
    assert profile.format(profile.parse(text)) == text
    assert shown(packed, PROFILES) == text


@pytest.mark.parametrize(("profile", "text"), NUMBERS.items(), ids=lambda value: getattr(value, "id", value))
def test_a_number_has_its_parts(profile, text):
    parts = profile.parse(text)

    assert list(parts) == [part.name for part in profile.fields]
    assert "".join(parts.values()) == text
    assert parts["serial"] in ("000001", "00001")


@pytest.mark.parametrize(
    ("profile", "issuer"), [(DTE, "S0001"), (SKILL, "Y0001"), (SPECIAL, "S0001"), (LEGACY, "10012003")]
)
def test_the_issuer_key_is_the_text_of_the_issuer_fields(profile, issuer):
    assert profile.issuer_key(NUMBERS[profile]) == issuer
    assert issuer_key(profile.pack(NUMBERS[profile]), PROFILES) == (profile.code, issuer)


@pytest.mark.parametrize("number", [b"\xc8\x01\x02", b"\x01\x01", b"\x01" + b"\xff" * 10])
def test_a_number_that_no_profile_holds_has_no_issuer_key(number):
    assert issuer_key(number, PROFILES) is None


@pytest.mark.parametrize(("profile", "size"), [(DTE, 10), (SKILL, 10), (SPECIAL, 10), (LEGACY, 7)])
def test_a_packed_number_takes_the_fewest_bytes(profile, size):
    assert profile.size == size
    first = "".join(part.alphabet[0] * part.width for part in profile.fields)
    last = "".join(part.alphabet[-1] * part.width for part in profile.fields)
    assert profile.pack(first) == bytes((profile.code,)) + bytes(size)
    assert profile.pack(last)[1] > 0


def test_the_first_field_is_the_most_significant():
    profile = Profile(9, "small", "assumed", (0,), None, (Field("a", 1, "xyz"), Field("b", 2, "01")))

    assert [profile.pack(text)[1] for text in ("x00", "x01", "x11", "y00", "z11")] == [0, 1, 3, 4, 11]


@pytest.mark.parametrize(
    "text",
    ["", "S00012300000126300000", "S0001230000012630000011", "s000123000001263000001",
     "ＳS00123000001263000001", "S00012300000126300000A", "S０００123000001263000001",
     "S000123000001263000001\n", "SS00123000001263000001"],
)  # fmt: skip
def test_a_text_of_another_shape_is_no_number(text):
    with pytest.raises(NumberMisfit):
        DTE.pack(text)


@pytest.mark.parametrize(
    "number",
    [b"", b"\x01", b"\x01" + bytes(9), b"\x01" + bytes(11), b"\x02" + bytes(10), b"\x01" + b"\xff" * 10],
)
def test_bytes_of_another_shape_are_no_number(number):
    with pytest.raises(NumberMisfit):
        DTE.unpack(number)


@pytest.mark.parametrize(
    "parts",
    [{}, {"category": "S"}, DTE.parse(NUMBERS[DTE]) | {"serial": "1"},
     DTE.parse(NUMBERS[DTE]) | {"more": "1"}, DTE.parse(NUMBERS[DTE]) | {"body": "00001", "province": "3"}],
)  # fmt: skip
def test_parts_that_do_not_fit_make_no_number(parts):
    with pytest.raises(NumberMisfit):
        DTE.format(parts)


@pytest.mark.parametrize(
    ("number", "text"),
    [(b"\xc8\x01\xab", "200:01ab"), (b"\x01\x00", "1:00"), (b"\x01" + b"\xff" * 10, "1:" + "ff" * 10)],
)
def test_a_number_that_no_profile_holds_is_shown_as_code_and_bytes(number, text):
    assert shown(number, PROFILES) == text


ONE = (Field("a", 1, "01"),)


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": 0},
        {"code": 256},
        {"fields": ()},
        {"issuer": (1,)},
        {"issuer": (-1,)},
        {"level": 1},
        {"fields": (*ONE, *ONE)},
        {"fields": tuple(Field(str(place), 16, "0123456789") for place in range(3))},
    ],
    ids=str,
)
def test_a_profile_that_does_not_hang_together_is_refused(wrong):
    ordinary = {"code": 1, "id": "p", "status": "assumed", "issuer": (0,), "level": None, "fields": ONE}

    with pytest.raises(Malformed):
        Profile(**ordinary | wrong)


@pytest.mark.parametrize(
    ("width", "alphabet"), [(0, "01"), (17, "01"), (1, ""), (1, "00"), (True, "01"), (1, None)]
)
def test_a_field_that_is_no_digit_is_refused(width, alphabet):
    with pytest.raises(Malformed):
        Field("a", width, alphabet)


def test_a_profile_of_one_number_still_takes_a_byte():
    profile = Profile(9, "one", "assumed", (), None, (Field("a", 3, "x"),))

    assert profile.unpack(profile.pack("xxx")) == "xxx"
    assert len(profile.pack("xxx")) == 2


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.id)
def test_a_profile_comes_back_from_its_item(profile):
    assert Profile.from_value(cbor.decode(cbor.encode(profile.to_value()))) == profile
