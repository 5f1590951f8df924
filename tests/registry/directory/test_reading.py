"""Data files are understood whole or refused whole, with every fault named."""

import shutil
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from registry.directory.errors import DataRefused
from registry.directory.provinces import provinces
from registry.directory.reading import last_day, read_directory, shipped_directory
from signing.statement import Level, Occupation

BIG_DATA = Occupation.parse("2-02-10-11", edition=1)


@pytest.fixture
def data_files(tmp_path: Path) -> Path:
    """A copy of the shipped data files, to be spoilt."""
    root = tmp_path / "data"
    shutil.copytree(str(files("registry").joinpath("data")), root, ignore=shutil.ignore_patterns("fonts"))
    return root


def test_the_shipped_files_hold_what_the_texts_say():
    data = shipped_directory()

    assert len([named for named in data.occupations if named.occupation.edition == 1]) == 10
    assert len({body.name for body in data.bodies}) == len(data.bodies) == 6
    assert len(data.listings) == 8
    assert len(data.institutions) == 31
    assert {site.province for site in data.sites} == {"21", "23", "33", "37"}


def test_hours_are_those_of_the_text():
    named = next(named for named in shipped_directory().occupations if named.occupation == BIG_DATA)

    assert [named.hours(level) for level in Level] == [128, 128, 160]
    assert not named.assumed


def test_one_code_names_two_occupations_in_the_two_editions():
    names = {named.occupation: named.name for named in shipped_directory().occupations}

    assert names[Occupation.parse("2-02-30-11", edition=1)] == "数字化管理师"
    assert names[Occupation.parse("2-02-30-11", edition=2)] == "供应链工程技术人员"


def test_two_occupations_have_no_body():
    data = shipped_directory()
    listed = {listing.occupation for listing in data.listings}

    without = {n.name for n in data.occupations if n.occupation.edition == 1 and n.occupation not in listed}

    assert without == {"云计算工程技术人员", "数字化管理师"}


def test_what_no_text_states_is_marked_and_says_why():
    data = shipped_directory()

    for value in (*data.bodies, *data.sites, *data.listings, *data.directions):
        assert value.assumed, value
        assert value.why, value


def test_site_names_say_that_they_are_examples():
    assert all("（示例）" in site.name for site in shipped_directory().sites)


def test_only_the_corps_is_an_assumed_province():
    assert len(provinces()) == 35
    assert [province.code for province in provinces().values() if province.assumed] == ["66"]


# file, what to replace, by what; then line and column of the fault
SPOILT = [
    ("national/occupations.csv", "2-02-10-11,大", "2-02-10-1,大", 2, "code"),
    ("national/occupations.csv", ",128,128,160", ",128,０,160", 2, "hours_intermediate"),
    ("national/occupations.csv", ",128,128,160", ",128,-5,160", 2, "hours_intermediate"),
    ("national/occupations.csv", ",128,128,160", ",128,,160", 2, "hours_intermediate"),
    ("national/occupations.csv", ",80,64,64,", ",80,64,", 3, "-"),
    ("national/occupations.csv", "2-02-10-15,区", "2-02-10-11,区", 3, "code"),
    ("national/occupations.csv", "code,name", "name,code", 1, "-"),
    ("national/assessment_bodies.csv", "中国电子学会", "中国电子协会", 4, "name"),
    ("national/assessment_bodies.csv", "2-02-10-15", "2-02-10-99", 4, "occupation_code"),
    ("national/training_institutions.csv", "辽宁省,大连理工大学", "辽宁,大连理工大学", 2, "province"),
    ("occupations_2022.csv", ",,B,confirmed", ",,D,confirmed", 2, "status"),
    ("occupations_2022.csv", ",,B,confirmed", ",,E,confirmed", 2, "confidence"),
    ("assumed/body_codes.csv", "S0001,", "S001,", 2, "issuer"),
    ("assumed/body_codes.csv", "S0002,", "S0001,", 3, "issuer"),
    ("assumed/body_codes.csv", "S0002,工业和信息化部教育与考试中心", "S0002,中国机械工程学会", 3, "name"),
    ("assumed/body_codes.csv", "中国机械工程学会,,assumed", "中国机械工程学会,,certain", 2, "status"),
    ("assumed/body_codes.csv", "学会,,assumed", "学会,91110000101623741X,assumed", 2, "uscc"),
    ("assumed/body_codes.csv", "学会,,assumed", "学会,91110000101623741k,assumed", 2, "uscc"),
    ("assumed/body_codes.csv", "学会,,assumed", "学会, 91110000101623741K,assumed", 2, "uscc"),
    ("assumed/body_codes.csv", "学会,,assumed", "学会,未知,assumed", 2, "uscc"),
    ("assumed/sites.csv", ",21,000001", ",99,000001", 2, "province"),
    ("assumed/sites.csv", ",21,000001", ",21,00001", 2, "code"),
    ("assumed/sites.csv", "辽宁考核站点 01（示例）", "", 2, "name"),
    ("assumed/sites.csv", "辽宁考核站点 01", " 辽宁考核站点 01", 2, "name"),
    ("assumed/sites.csv", "辽宁考核站点 01", "辽宁\u200b考核站点 01", 2, "name"),
    ("assumed/sites.csv", "辽宁考核站点 01", "Caf\u0065\u0301", 2, "name"),
    ("assumed/sites.csv", "辽宁考核站点 01", "站" * 80, 2, "name"),
    ("assumed/listing_periods.csv", "2025-01-01", "2025-02-30", 2, "listed_on"),
    ("assumed/listing_periods.csv", "2025-01-01", "2025/1/1", 2, "listed_on"),
    ("assumed/listing_periods.csv", "01-01,3,", "01-01,30,", 2, "years"),
    ("assumed/directions.csv", "1,1,2-02-10-09", "256,1,2-02-10-09", 2, "code"),
    ("assumed/directions.csv", "1,1,2-02-10-09", "0,1,2-02-10-09", 2, "code"),
    ("assumed/directions.csv", "1,1,2-02-10-09", "1,3,2-02-10-09", 2, "occupation_code"),
    ("assumed/directions.csv", ",C,assumed", ",C,confirmed", 2, "status"),
]


@pytest.mark.parametrize(("file", "good", "bad", "line", "column"), SPOILT)
def test_a_bad_value_is_refused_with_its_place(data_files, file, good, bad, line, column):
    spoil(data_files / file, good, bad)

    with pytest.raises(DataRefused) as refused:
        read_directory(data_files)

    assert (file, line, column) in {(f.file, f.line, f.column) for f in refused.value.faults}
    assert f"{file}:{line} {column}: " in str(refused.value)


def test_all_faults_of_all_files_are_told_at_once(data_files):
    spoil(data_files / "national/occupations.csv", ",128,128,160", ",x,y,160")
    spoil(data_files / "assumed/sites.csv", ",21,000001", ",99,1")

    with pytest.raises(DataRefused) as refused:
        read_directory(data_files)

    places = {(fault.file, fault.column) for fault in refused.value.faults}
    assert {
        ("national/occupations.csv", "hours_junior"),
        ("national/occupations.csv", "hours_intermediate"),
        ("assumed/sites.csv", "province"),
        ("assumed/sites.csv", "code"),
    } <= places


UNREADABLE = [
    ("not UTF-8", "大数据".encode("gbk")),
    ("a byte order mark", "\ufeffissuer,name,uscc,status,source,why\n".encode()),
    ("an open quote", b'issuer,name,uscc,status,source,why\nS0001,"a,,assumed,assumed,x\n'),
    ("nothing", b""),
    ("the header alone", b"issuer,name,uscc,status,source,why\n"),
    ("an empty line", b"issuer,name,uscc,status,source,why\n\n"),
]


@pytest.mark.parametrize(("what", "content"), UNREADABLE)
def test_a_file_that_is_no_table_is_refused(data_files, what, content):
    (data_files / "assumed/body_codes.csv").write_bytes(content)

    with pytest.raises(DataRefused) as refused:
        read_directory(data_files)

    assert any(fault.file == "assumed/body_codes.csv" for fault in refused.value.faults), what


# Of somebody else: the texts give no body's.
USCC = "91110000101623741K"


def test_no_uscc_is_invented():
    assert {body.uscc for body in shipped_directory().bodies} == {None}


def test_a_uscc_that_is_given_is_taken(data_files):
    spoil(data_files / "assumed/body_codes.csv", "中国机械工程学会,,", f"中国机械工程学会,{USCC},")

    usccs = {body.issuer: body.uscc for body in read_directory(data_files).bodies}

    assert usccs == {**dict.fromkeys(usccs), "S0001": USCC}


def test_two_bodies_have_no_uscc_together(data_files):
    for name in ("中国机械工程学会", "中国电子学会"):
        spoil(data_files / "assumed/body_codes.csv", f"{name},,", f"{name},{USCC},")

    with pytest.raises(DataRefused, match="已属于另一机构") as refused:
        read_directory(data_files)

    assert ("assumed/body_codes.csv", 4, "uscc") in {(f.file, f.line, f.column) for f in refused.value.faults}


def test_a_missing_file_is_refused(data_files):
    (data_files / "assumed/sites.csv").unlink()

    with pytest.raises(DataRefused, match=r"sites\.csv -: 文件不存在"):
        read_directory(data_files)


def test_a_listed_body_without_a_period_is_refused(data_files):
    file = data_files / "assumed/listing_periods.csv"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:-1]), "utf-8")

    with pytest.raises(DataRefused, match="有效期"):
        read_directory(data_files)


@pytest.mark.parametrize(
    ("listed_on", "years", "last"),
    [
        (date(2025, 1, 1), 3, date(2027, 12, 31)),
        (date(2025, 3, 1), 3, date(2028, 2, 29)),
        (date(2024, 2, 29), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
    ],
)
def test_a_period_of_years_ends_the_day_before_its_anniversary(listed_on, years, last):
    assert last_day(listed_on, years=years) == last


def spoil(file: Path, good: str, bad: str) -> None:
    text = file.read_text("utf-8")
    assert good in text
    file.write_text(text.replace(good, bad, 1), "utf-8")
