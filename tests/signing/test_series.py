"""The opening of a series: its bytes, its signature, and which numbers lie in it."""

from dataclasses import replace
from datetime import timedelta

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.directory.profiles import load_profiles
from signing.cose import Kind
from signing.ed25519 import admit
from signing.errors import BadSignature, Malformed, NumberMisfit, UnknownKey
from signing.number import Field, Profile
from signing.series import SeriesKey, SeriesOpening, open_opening, serial_place, series_of
from signing.statement import Level
from tests.vectors.variants import edited
from tests.vectors.world import DTE, ENV, LEGACY, NOW, SKILL, SPECIAL, STRANGER, SeedKey

REGISTRAR = SeedKey("registrar")
DIGITS = "0123456789"
MIDDLE = Profile(
    9,
    "serial in the middle",
    "assumed",
    (0,),
    None,
    (Field("body", 2, DIGITS), Field("serial", 3, DIGITS), Field("year", 2, DIGITS)),
)
FIRST = Profile(8, "serial first", "assumed", (1,), None, (Field("serial", 2, "ABC"), Field("body", 1, "XY")))
ALONE = Profile(7, "serial alone", "assumed", (), None, (Field("serial", 4, DIGITS),))

SHIPPED = {layout.id: (layout, "serial") for layout in load_profiles().layouts}
PROFILES = SHIPPED | {profile.id: (profile, "serial") for profile in (MIDDLE, FIRST, ALONE)}
PARTS = (
    ("category", "S"), ("body", "0001"), ("province", "23"), ("site", "000001"), ("year", "26"), ("level", "3"),
)  # fmt: skip


def an_opening(**changed):
    ordinary = {
        "profile": DTE.code,
        "parts": PARTS,
        "issuer": "S0001",
        "site": "000001",
        "province": "23",
        "year": 2026,
        "level": Level.SENIOR,
        "opened_at": NOW,
    }
    return SeriesOpening(**ordinary | changed)


PAYLOAD = an_opening().to_bytes()


@pytest.mark.parametrize(
    "opening",
    [
        an_opening(),
        an_opening(parts=(), year=0, issuer="", level=Level.JUNIOR),
        an_opening(profile=255, parts=(("𬭸", "䶮"),), site="生僻字"),
    ],
    ids=["ordinary", "least", "rare characters"],
)
def test_an_opening_comes_back(opening):
    data = opening.to_bytes()

    assert SeriesOpening.from_bytes(data) == opening
    assert data == cbor2.dumps(cbor2.loads(data))


def test_an_opening_is_the_cddl():
    assert cbor2.loads(PAYLOAD) == [
        1, 1, [list(part) for part in PARTS], "S0001", "000001", "23", 2026, 3, int(NOW.timestamp()),
    ]  # fmt: skip


OPENING_FAULTS = [
    (0, 2), (0, True), (1, 0), (1, 256), (1, "1"), (2, {}), (2, [["body"]]), (2, [["body", "0001", ""]]),
    (2, ["body"]), (2, [["body", 1]]), (2, [[1, "0001"]]), (3, None), (3, b"S0001"), (4, 1), (5, 23), (6, -1),
    (6, "2026"), (7, 0), (7, 4), (7, True), (7, "senior"), (8, -1), (8, 253_402_300_800), (8, None),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value"), OPENING_FAULTS, ids=str)
def test_an_opening_that_our_writer_would_not_write_is_refused(place, value):
    with pytest.raises(Malformed):
        SeriesOpening.from_bytes(edited(PAYLOAD, lambda items: items.__setitem__(place, value)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"\xff",
        PAYLOAD + b"\x00",
        PAYLOAD[:-1],
        edited(PAYLOAD, lambda items: items.pop()),
        edited(PAYLOAD, lambda items: items.append(None)),
    ],
    ids=len,
)
def test_what_is_no_opening_is_refused(data):
    with pytest.raises(Malformed):
        SeriesOpening.from_bytes(data)


@pytest.mark.parametrize(
    "wrong",
    [{"profile": 0}, {"profile": 256}, {"year": -1}, {"opened_at": NOW + timedelta(milliseconds=1)}],
    ids=str,
)
def test_an_opening_that_could_not_be_read_back_is_not_written(wrong):
    with pytest.raises(Malformed):
        an_opening(**wrong).to_bytes()


SIGNED = REGISTRAR.sign1(PAYLOAD, Kind.SERIES)
WRONG_OPENINGS = {
    "another registrar": (STRANGER.sign1(PAYLOAD, Kind.SERIES), UnknownKey),
    "another environment": (REGISTRAR.sign1(PAYLOAD, Kind.SERIES, "prod"), BadSignature),
    "another kind": (REGISTRAR.sign1(PAYLOAD, Kind.DECISION), BadSignature),
    "another site": (SIGNED.replace(b"000001", b"000002"), BadSignature),
    "a byte more": (SIGNED + b"\x00", Malformed),
    "detached": (REGISTRAR.detached(PAYLOAD, Kind.SERIES).to_bytes(), Malformed),
    "no opening": (REGISTRAR.sign1(b"\x80", Kind.SERIES), Malformed),
}


def test_a_signed_opening_opens_with_the_registrars_key():
    assert open_opening(SIGNED, admit(REGISTRAR.public), ENV) == an_opening()


@pytest.mark.parametrize(("data", "refusal"), WRONG_OPENINGS.values(), ids=WRONG_OPENINGS.keys())
def test_an_opening_in_doubt_does_not_open(data, refusal):
    with pytest.raises(refusal):
        open_opening(data, admit(REGISTRAR.public), ENV)


def test_an_opening_names_the_series_of_its_numbers():
    key = an_opening().key(DTE)

    numbers = ["S000123000001263000001", "S000123000001263000977", "S000123000001263999999"]
    assert [series_of(DTE.pack(number), DTE, 6) for number in numbers] == [
        (key, 1),
        (key, 977),
        (key, 999999),
    ]
    for other in ("S000223000001263000001", "S000123000001262000001", "S000123000001273000001"):
        assert series_of(DTE.pack(other), DTE, 6)[0] != key


WRONG_PARTS = {
    "a field less": (PARTS[:-1], Malformed),
    "none at all": ((), Malformed),
    "the serial too": ((*PARTS, ("serial", "000001")), Malformed),
    "another field instead": ((*PARTS[:-1], ("city", "01")), Malformed),
    "another field besides": ((*PARTS, ("city", "01")), Malformed),
    "a field twice": ((*PARTS, PARTS[-1]), Malformed),
    "in another order": (PARTS[::-1], Malformed),
    "a text too long": ((*PARTS[:-1], ("level", "33")), NumberMisfit),
    "a text too short": ((("category", ""), *PARTS[1:]), NumberMisfit),
    "texts that only together have the length": (
        (*PARTS[:2], ("province", "2"), ("site", "3000001"), *PARTS[4:]),
        NumberMisfit,
    ),
    "a character outside the alphabet": ((("category", "s"), *PARTS[1:]), NumberMisfit),
}


@pytest.mark.parametrize(("parts", "refusal"), WRONG_PARTS.values(), ids=WRONG_PARTS.keys())
def test_an_opening_whose_parts_are_not_the_profiles_fields_names_no_series(parts, refusal):
    with pytest.raises(refusal):
        an_opening(parts=parts).key(DTE)


@pytest.mark.parametrize(("profile", "serial"), PROFILES.values(), ids=PROFILES.keys())
def test_the_one_field_that_is_left_out_counts(profile, serial):
    parts = {field.name: field.alphabet[0] * field.width for field in profile.fields if field.name != serial}

    assert profile.fields[serial_place(profile, parts)].name == serial


def numbers_of(profile):
    texts = [st.text(field.alphabet, min_size=field.width, max_size=field.width) for field in profile.fields]
    return st.tuples(*texts).map("".join)


@given(st.data())
def test_the_series_and_the_serial_of_any_number_are_found(data):
    profile, serial = data.draw(st.sampled_from(list(PROFILES.values())))
    number = data.draw(numbers_of(profile))
    place = next(place for place, field in enumerate(profile.fields) if field.name == serial)
    parts = profile.parse(number)
    counted = parts.pop(serial)
    opening = an_opening(profile=profile.code, parts=tuple(parts.items()))

    key, count = series_of(profile.pack(number), profile, place)

    assert (key, count) == (opening.key(profile), profile.fields[place].value(counted))


@given(st.data())
def test_two_numbers_lie_in_one_series_if_they_differ_in_the_serial_alone(data):
    profile, serial = data.draw(st.sampled_from(list(PROFILES.values())))
    place = next(place for place, field in enumerate(profile.fields) if field.name == serial)
    one, other = (profile.parse(data.draw(numbers_of(profile))) for _ in range(2))
    mixed = one | {serial: other[serial]}

    keys = [
        series_of(profile.pack(profile.format(parts)), profile, place)[0] for parts in (one, other, mixed)
    ]

    assert keys[0] == keys[2]
    assert (keys[0] == keys[1]) == (mixed == other)


def test_a_serial_in_the_middle_has_the_number_before_and_after_it():
    assert series_of(MIDDLE.pack("4200326"), MIDDLE, 1) == (SeriesKey(9, 42, 26), 3)


@pytest.mark.parametrize(
    "number",
    [b"", b"\x01", bytes([DTE.code]) + bytes(DTE.size - 1), bytes([DTE.code]) + bytes(DTE.size + 1)]
    + [bytes([other.code]) + bytes(DTE.size) for other in (SKILL, SPECIAL, LEGACY)],
    ids=bytes.hex,
)
def test_a_number_of_another_profile_lies_in_no_series_of_this_one(number):
    with pytest.raises(NumberMisfit):
        series_of(number, DTE, 6)


def test_a_number_beyond_the_profiles_largest_lies_in_no_series_that_can_be_opened():
    beyond = bytes([DTE.code]) + b"\xff" * DTE.size
    largest = replace(an_opening(), parts=tuple(sorted_parts(DTE.parse("Z" + "9" * 21)).items()))

    key, _ = series_of(beyond, DTE, 6)

    assert key.before > largest.key(DTE).before
    with pytest.raises(NumberMisfit):
        DTE.unpack(beyond)


def sorted_parts(parts):
    return {name: text for name, text in parts.items() if name != "serial"}
