"""What intake, staff pages and the trust bundle are told of the directory."""

from dataclasses import replace
from datetime import date

import pytest

from registry.directory.body_view import BodyView, body_view
from registry.directory.errors import UnknownBody
from registry.directory.loading import load_directory
from registry.directory.overview import names_for_bundle, overview
from registry.directory.reading import shipped_directory
from registry.directory.values import DirectoryData
from signing.statement import Level, Occupation
from signing.trust import TrustNames
from tests.instants import NOON, THAT_DAY

BIG_DATA = Occupation.parse("2-02-10-11", edition=1)
BIG_DATA_2022 = Occupation.parse("2-02-38-03", edition=2)
CLOUD = Occupation.parse("2-02-10-12", edition=1)
INTERNET_OF_THINGS = Occupation.parse("2-02-10-10", edition=1)
SHIPPED = shipped_directory()
MIIT_CENTRE = "S0002"  # 工业和信息化部教育与考试中心: 大数据 and 物联网


@pytest.fixture
def register(sessions):
    sessions.run(lambda session: load_directory(session, now=NOON))
    return sessions


@pytest.fixture
def view():
    """The snapshot of one body, made from the files: what it answers needs no database."""
    return BodyView(
        body=next(body for body in SHIPPED.bodies if body.issuer == MIIT_CENTRE),
        sites={(site.province, site.code): site for site in SHIPPED.sites if site.issuer == MIIT_CENTRE},
        listings=tuple(listing for listing in SHIPPED.listings if listing.issuer == MIIT_CENTRE),
        occupations={named.occupation: named for named in SHIPPED.occupations},
        directions={direction.code: direction for direction in SHIPPED.directions},
    )


def test_the_register_gives_the_same_snapshot_as_the_files(register, view):
    held = register.read(lambda session: body_view(session, MIIT_CENTRE))

    assert (held.body, held.sites, held.occupations) == (view.body, view.sites, view.occupations)
    assert (set(held.listings), held.directions) == (set(view.listings), view.directions)


def test_a_body_is_seen_with_its_own_sites_and_listings(view):
    assert (view.issuer, view.name) == (MIIT_CENTRE, "工业和信息化部教育与考试中心")
    assert view.body.assumed
    assert {site.issuer for site in view.sites.values()} == {MIIT_CENTRE}
    assert {listing.occupation for listing in view.listings} == {BIG_DATA, INTERNET_OF_THINGS}


def test_an_unknown_body_is_refused(register):
    with pytest.raises(UnknownBody):
        register.read(lambda session: body_view(session, "S9999"))


def test_a_site_is_known_by_province_and_code(view):
    assert view.site(province="21", code="000002").name == "辽宁考核站点 02（示例）"
    assert view.site(province="33", code="000002").name == "浙江考核站点 02（示例）"
    assert view.site(province="21", code="000001") is None
    assert view.site(province="11", code="000002") is None


def test_an_occupation_is_found_by_edition_and_code(view):
    assert view.occupation("2-02-10-11", edition=1).name == "大数据工程技术人员"
    assert view.occupation("2-02-30-11", edition=1).name == "数字化管理师"
    assert view.occupation("2-02-30-11", edition=2).name == "供应链工程技术人员"
    assert view.occupation("2-02-10-11", edition=2) is None


def test_a_name_is_found_in_every_edition_that_has_it(view):
    found = [named.occupation for named in view.occupations_named("大数据工程技术人员")]

    assert found == [BIG_DATA, BIG_DATA_2022]
    assert view.occupations_named("大数据") == ()


def test_directions_belong_to_their_occupation(view):
    names = {direction.name for direction in view.directions_of(BIG_DATA)}

    assert names == {"大数据分析", "大数据处理", "大数据管理"}
    assert view.direction_named(BIG_DATA, "大数据分析").code == 7
    assert view.direction_named(CLOUD, "大数据分析") is None
    assert view.directions_of(Occupation.parse("2-02-10-15", edition=1)) == ()


LISTED = [
    (BIG_DATA, date(2025, 1, 1), True),
    (BIG_DATA, THAT_DAY, True),
    (BIG_DATA, date(2027, 12, 31), True),
    (BIG_DATA, date(2024, 12, 31), False),
    (BIG_DATA, date(2028, 1, 1), False),
    (BIG_DATA_2022, THAT_DAY, False),
    (CLOUD, THAT_DAY, False),
]


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize(("occupation", "on", "listed"), LISTED)
def test_a_listing_counts_from_its_first_to_its_last_day(view, occupation, level, on, listed):
    assert (view.listing_for(occupation, level, on) is not None) is listed


def test_a_removed_listing_ends_on_that_day(view):
    listing = replace(view.listings[0], removed_on=date(2026, 6, 1))

    assert listing.covers(listing.occupation, Level.JUNIOR, date(2026, 5, 31))
    assert not listing.covers(listing.occupation, Level.JUNIOR, date(2026, 6, 1))


def test_a_listing_of_one_level_covers_no_other(register):
    body = replace(SHIPPED.bodies[0], issuer="S0100", name="只评初级")
    listing = replace(SHIPPED.listings[0], issuer="S0100", occupation=CLOUD, level=Level.JUNIOR)
    data = DirectoryData(bodies=(body,), listings=(listing,))
    register.run(lambda session: load_directory(session, now=NOON, data=data))

    view = register.read(lambda session: body_view(session, "S0100"))

    assert view.listing_for(CLOUD, Level.JUNIOR, THAT_DAY) == listing
    assert view.listing_for(CLOUD, Level.SENIOR, THAT_DAY) is None


def test_the_overview_marks_what_is_assumed(register):
    held = register.read(overview)

    assert all(body.body.assumed for body in held.bodies)
    assert all(site.assumed for body in held.bodies for site in body.sites)
    assert all(listing.assumed for body in held.bodies for listing in body.listings)
    assert all(direction.assumed for direction in held.directions)
    assert not any(named.assumed for named in held.occupations)
    assert not any(institution.assumed for institution in held.institutions)


def test_the_names_make_a_trust_file(register):
    names = register.read(lambda session: names_for_bundle(session, 1))

    published = TrustNames(
        environment="test",
        version=1,
        made_at=NOON,
        issuers=names.issuers,
        occupations=names.occupations,
        directions=names.directions,
    )

    read = TrustNames.from_payload(published.to_payload())
    assert read.issuers[1, MIIT_CENTRE] == "工业和信息化部教育与考试中心"
    assert read.occupations[1, 2023011] == "数字化管理师"
    assert read.occupations[2, 2023011] == "供应链工程技术人员"
    assert read.directions[7] == "大数据分析"
