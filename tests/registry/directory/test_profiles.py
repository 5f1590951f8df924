"""A numbering profile is data; numbers follow it and nothing else."""

import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from registry.directory.errors import DataRefused, FieldMisfit, SeriesExhausted, UnknownProfile
from registry.directory.profiles import load_profiles, read_profiles
from signing.errors import NumberMisfit
from signing.statement import Level

SCOPE = {"issuer": "S0003", "province": "21", "site": "000003", "year": 2026, "level": Level.SENIOR}


@pytest.fixture
def profile_files(tmp_path: Path) -> Path:
    """A copy of the shipped profiles, to be changed."""
    root = tmp_path / "profiles"
    shutil.copytree(str(files("registry").joinpath("data", "profiles")), root)
    return root


def test_four_profiles_are_shipped_and_one_issues():
    profiles = load_profiles()

    assert {code: profile.id for code, profile in profiles.by_code.items()} == {
        1: "dte-22-assumed",
        2: "skill-22",
        3: "skill-22-special",
        4: "legacy-16",
    }
    assert profiles.issuing.code == 1
    assert profiles.issuing.assumed
    assert [layout.code for layout in profiles.layouts] == [1, 2, 3, 4]


def test_a_number_is_composed_from_its_scope_and_serial():
    profile = load_profiles().issuing

    number = profile.compose(profile.scope_fields(**SCOPE), serial=7)

    assert number == "S000321000003261000007"
    assert profile.layout.issuer_key(number) == "S0003"
    assert profile.layout.unpack(profile.packed(number)) == number


def test_the_scope_is_in_the_order_of_the_number():
    scope = load_profiles().issuing.scope_fields(**SCOPE)

    assert list(scope) == ["category", "body", "province", "site", "year", "level"]


@pytest.mark.parametrize(
    ("level", "code"), [(Level.JUNIOR, "3"), (Level.INTERMEDIATE, "2"), (Level.SENIOR, "1")]
)
def test_levels_count_downward_as_assumed(level, code):
    assert load_profiles().issuing.scope_fields(**{**SCOPE, "level": level})["level"] == code


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"issuer": "S001"}, "category+body"),
        ({"issuer": "S00011"}, "category+body"),
        ({"issuer": "s0001"}, "category"),
        ({"issuer": "S000A"}, "body"),
        ({"province": "2"}, "province"),
        ({"province": "辽宁"}, "province"),
        ({"site": "1"}, "site"),
        ({"site": "１２３４５６"}, "site"),
        ({"site": ""}, "site"),
    ],
)
def test_a_scope_that_the_fields_can_not_hold_is_refused(changed, field):
    with pytest.raises(FieldMisfit) as misfit:
        load_profiles().issuing.scope_fields(**{**SCOPE, **changed})

    assert misfit.value.field == field
    assert isinstance(misfit.value, ValueError)


def test_a_profile_without_level_codes_gives_no_numbers():
    with pytest.raises(FieldMisfit):
        load_profiles().with_id("skill-22").scope_fields(**SCOPE)


def test_the_last_serial_is_given_and_the_next_is_refused():
    profile = load_profiles().issuing
    scope = profile.scope_fields(**SCOPE)

    assert profile.compose(scope, serial=999_999).endswith("999999")
    with pytest.raises(SeriesExhausted):
        profile.compose(scope, serial=1_000_000)


@pytest.mark.parametrize("serial", [0, -1])
def test_serials_begin_at_one(serial):
    profile = load_profiles().issuing

    with pytest.raises(FieldMisfit):
        profile.compose(profile.scope_fields(**SCOPE), serial=serial)


def test_a_missing_and_an_unknown_field_are_refused():
    profile = load_profiles().issuing
    scope = profile.scope_fields(**SCOPE)

    with pytest.raises(FieldMisfit, match="site"):
        profile.compose({name: text for name, text in scope.items() if name != "site"}, serial=1)
    with pytest.raises(FieldMisfit, match="colour"):
        profile.compose({**scope, "colour": "1"}, serial=1)


READABLE = [
    ("skill-22", "Y000123123456195000001"),
    ("skill-22-special", "S00002112345622A000001"),
    ("legacy-16", "0872003018300001"),
]


@pytest.mark.parametrize(("profile_id", "number"), READABLE)
def test_numbers_of_the_sister_rules_are_read(profile_id, number):
    layout = load_profiles().with_id(profile_id).layout

    assert layout.format(layout.parse(number)) == number
    assert layout.unpack(layout.pack(number)) == number


NOT_OF_THE_RULE = [
    ("skill-22", "Y000123123456196000001"),  # level 6
    ("skill-22", "y000123123456195000001"),
    ("skill-22", "Y00012312345619500001"),
    ("skill-22", "Y000123123456195０00001"),
    ("skill-22-special", "S000021123456225000001"),  # no second letter
    ("legacy-16", "0872005018300001"),  # kind 5
    ("legacy-16", "087200301830000"),
]


@pytest.mark.parametrize(("profile_id", "number"), NOT_OF_THE_RULE)
def test_numbers_of_another_shape_are_refused(profile_id, number):
    with pytest.raises(NumberMisfit):
        load_profiles().with_id(profile_id).layout.parse(number)


@pytest.mark.parametrize("unknown", [0, 5])
def test_an_unknown_profile_code_is_refused(unknown):
    with pytest.raises(UnknownProfile):
        load_profiles().with_code(unknown)


def test_an_unknown_profile_id_is_refused():
    with pytest.raises(UnknownProfile):
        load_profiles().with_id("dte-22")


def test_a_rule_becomes_known_by_data_alone(profile_files):
    assumed = change(profile_files, "dte-22-assumed", issues=False)
    known = {**assumed, "code": 5, "id": "dte-22", "status": "confirmed", "issues": True}
    known["level_map"] = {"junior": "1", "intermediate": "2", "senior": "3"}
    (profile_files / "dte-22.json").write_text(json.dumps(known), "utf-8")
    old = load_profiles().issuing
    given = old.compose(old.scope_fields(**SCOPE), serial=1)

    profiles = read_profiles(profile_files)

    assert profiles.issuing.id == "dte-22"
    assert not profiles.issuing.assumed
    assert profiles.issuing.scope_fields(**SCOPE)["level"] == "3"
    assert profiles.with_code(1).layout.unpack(old.packed(given)) == given


# key, value; then the key that is found wrong
SPOILT = [
    ("code", 0, "code"),
    ("code", 256, "code"),
    ("code", True, "code"),
    ("code", "1", "code"),
    ("code", 2, "code"),
    ("id", "DTE 22", "id"),
    ("id", "other", "id"),
    ("status", "certain", "status"),
    ("source", "", "source"),
    ("why", None, "why"),
    ("valid_from", "2021-13-01", "valid_from"),
    ("valid_from", "today", "valid_from"),
    ("valid_from", 2021, "valid_from"),
    ("valid_from", None, "valid_from"),
    ("issues", "yes", "issues"),
    ("issues", False, "issues"),
    ("issuer", ["category", "nobody"], "issuer"),
    ("issuer", [], "issuer"),
    ("level", "grade", "level"),
    ("level_map", {"junior": "3"}, "level_map"),
    ("level_map", {"junior": "3", "intermediate": "3", "senior": "1"}, "level_map"),
    ("level_map", {"junior": "3", "intermediate": "2", "master": "1"}, "level_map"),
    ("level_map", {"junior": "3", "intermediate": "2", "senior": "9"}, "level_map"),
    ("level_map", {"junior": "3", "intermediate": "2", "senior": "01"}, "level_map"),
    ("series", ["body", "province", "site", "year", "level"], "series"),
    ("serial", "count", "serial"),
    ("series", ["body", "serial"], "series"),
    ("series", ["body", "body"], "series"),
    ("categories", ["S"], "categories"),
    ("fields", [], "fields"),
    ("fields", [{"name": "serial", "width": 0, "alphabet": "01"}], "fields"),
    ("fields", [{"name": "serial", "width": 2, "alphabet": "00"}], "fields"),
    ("fields", [{"name": "serial", "width": 2}], "fields"),
    ("fields", [{"name": "", "width": 2, "alphabet": "01"}], "fields"),
    ("fields", [{"name": "serial", "width": 2, "alphabet": "01"}] * 2, "fields"),
    ("fields", ["serial"], "fields"),
]


@pytest.mark.parametrize(("key", "value", "found"), SPOILT)
def test_a_profile_that_is_wrong_is_refused_with_its_key(profile_files, key, value, found):
    change(profile_files, "dte-22-assumed", **{key: value})

    with pytest.raises(DataRefused) as refused:
        read_profiles(profile_files)

    assert found in {fault.column for fault in refused.value.faults}


def test_a_number_too_long_for_a_statement_is_refused(profile_files):
    profile = json.loads((profile_files / "legacy-16.json").read_text("utf-8"))
    profile["fields"][0]["width"] = 16
    profile["fields"][1]["width"] = 16
    change(profile_files, "legacy-16", fields=profile["fields"])

    with pytest.raises(DataRefused, match="fields"):
        read_profiles(profile_files)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b'{"code": 1, "code": 1}', b'{"code": 1}', "代码".encode("gbk")],
)
def test_a_file_that_is_no_profile_is_refused(profile_files, content):
    (profile_files / "legacy-16.json").write_bytes(content)

    with pytest.raises(DataRefused, match=r"legacy-16\.json"):
        read_profiles(profile_files)


def test_two_issuing_profiles_are_refused(profile_files):
    change(profile_files, "dte-22-assumed", name="x")
    profile = json.loads((profile_files / "dte-22-assumed.json").read_text("utf-8"))
    other = {**profile, "code": 9, "id": "other"}
    (profile_files / "other.json").write_text(json.dumps(other), "utf-8")

    with pytest.raises(DataRefused, match="恰为一个"):
        read_profiles(profile_files)


def change(root: Path, profile_id: str, **values: object) -> dict[str, object]:
    """Change keys of a profile file; return its new content."""
    file = root / f"{profile_id}.json"
    profile = {**json.loads(file.read_text("utf-8")), **values}
    file.write_text(json.dumps(profile), "utf-8")
    return profile
