"""From the data files to checked values: all faults of all files are told at once, or everything is taken.

The national tables are as transcribed; what the texts do not say stands in ``assumed/`` and says so on each
line. A code that one table uses and no other defines is a fault: a half-mended set of files is never loaded.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from registry.directory import cells
from registry.directory.errors import DataRefused
from registry.directory.provenance import Status
from registry.directory.sheet import CellReader, Faults, Line, read_sheet
from registry.directory.values import (
    Body,
    Direction,
    DirectoryData,
    Listing,
    NamedOccupation,
    Site,
    TrainingInstitution,
)
from signing.statement import Occupation

NATIONAL_OCCUPATIONS = "national/occupations.csv"
OCCUPATIONS_2022 = "occupations_2022.csv"
NATIONAL_BODIES = "national/assessment_bodies.csv"
NATIONAL_INSTITUTIONS = "national/training_institutions.csv"
BODY_CODES = "assumed/body_codes.csv"
LISTING_PERIODS = "assumed/listing_periods.csv"
SITES = "assumed/sites.csv"
DIRECTIONS = "assumed/directions.csv"

# The five texts use the codes of 2019-2021; see national/README.md.
EDITION_OF_THE_TEXTS = 1
EDITION_2022 = 2

_PROVENANCE: dict[str, CellReader] = {"status": cells.status, "source": cells.text, "why": cells.text}


@cache
def shipped_directory() -> DirectoryData:
    """Return the content of the data files that the package carries."""
    return read_directory(files("registry").joinpath("data"))


def read_directory(root: Traversable) -> DirectoryData:
    """Read and check the data files under ``root``. Raises ``DataRefused`` with every fault of every file."""
    faults = Faults()
    occupations = {**_occupations_of_the_texts(root, faults), **_occupations_2022(root, faults)}
    bodies = _bodies(root, faults)
    data = DirectoryData(
        occupations=tuple(occupations.values()),
        directions=_directions(root, occupations, faults),
        bodies=tuple(bodies.values()),
        sites=_sites(root, bodies, faults),
        listings=_listings(root, occupations, bodies, faults),
        institutions=_institutions(root, occupations, faults),
    )
    if faults.found:
        raise DataRefused(faults.found)
    return data


def _occupations_of_the_texts(root: Traversable, faults: Faults) -> dict[Occupation, NamedOccupation]:
    columns: dict[str, CellReader] = {
        "code": cells.occupation_text,
        "name": cells.name,
        "hours_junior": cells.hours,
        "hours_intermediate": cells.hours,
        "hours_senior": cells.hours,
        "source": cells.text,
    }
    named = (
        NamedOccupation(
            occupation=Occupation.parse(line["code"], edition=EDITION_OF_THE_TEXTS),
            name=line["name"],
            hours_junior=line["hours_junior"],
            hours_intermediate=line["hours_intermediate"],
            hours_senior=line["hours_senior"],
            status=Status.CONFIRMED,
            source=line["source"],
        )
        for line in read_sheet(root, NATIONAL_OCCUPATIONS, columns, ("code",), faults)
    )
    return {value.occupation: value for value in named}


def _occupations_2022(root: Traversable, faults: Faults) -> dict[Occupation, NamedOccupation]:
    columns: dict[str, CellReader] = {
        "code": cells.occupation_text,
        "name": cells.name,
        "renumbers": cells.optional_occupation_text,
        "confidence": cells.confidence,
        "status": cells.status,
        "source": cells.text,
    }
    lines = read_sheet(root, OCCUPATIONS_2022, columns, ("code",), faults)
    for line in lines:
        _check_confidence(line, faults)
    named = (
        NamedOccupation(
            occupation=Occupation.parse(line["code"], edition=EDITION_2022),
            name=line["name"],
            hours_junior=None,
            hours_intermediate=None,
            hours_senior=None,
            status=line["status"],
            source=line["source"],
        )
        for line in lines
    )
    return {value.occupation: value for value in named}


def _bodies(root: Traversable, faults: Faults) -> dict[str, Body]:
    """Return the bodies by name; their names are national, their codes are not."""
    columns = {"issuer": cells.issuer, "name": cells.name, "uscc": cells.optional_uscc, **_PROVENANCE}
    lines = read_sheet(root, BODY_CODES, columns, ("issuer",), faults)
    bodies: dict[str, Body] = {}
    for line in lines:
        if line["name"] in bodies:
            faults.note_at(line, "name", "该机构已有代码")
            continue
        if line["uscc"] is not None and any(body.uscc == line["uscc"] for body in bodies.values()):
            faults.note_at(line, "uscc", "该统一社会信用代码已属于另一机构")
            continue
        bodies[line["name"]] = Body(**line.values)
    return bodies


def _sites(root: Traversable, bodies: Mapping[str, Body], faults: Faults) -> tuple[Site, ...]:
    columns = {
        "body": cells.name,
        "province": cells.province_code,
        "code": cells.site_code,
        "name": cells.name,
        **_PROVENANCE,
    }
    sites = []
    for line in read_sheet(root, SITES, columns, ("body", "province", "code"), faults):
        body = _body(line, "body", bodies, faults)
        if body is not None:
            rest = {column: value for column, value in line.values.items() if column != "body"}
            sites.append(Site(issuer=body.issuer, **rest))
    return tuple(sites)


def _directions(
    root: Traversable, occupations: Mapping[Occupation, NamedOccupation], faults: Faults
) -> tuple[Direction, ...]:
    columns = {
        "code": cells.one_byte,
        "edition": cells.one_byte,
        "occupation_code": cells.occupation_text,
        "name": cells.name,
        "confidence": cells.confidence,
        **_PROVENANCE,
    }
    directions = []
    for line in read_sheet(root, DIRECTIONS, columns, ("code",), faults):
        _check_confidence(line, faults)
        occupation = _occupation(line, line["edition"], occupations, faults)
        if occupation is not None:
            provenance = {column: line[column] for column in _PROVENANCE}
            directions.append(
                Direction(code=line["code"], occupation=occupation, name=line["name"], **provenance)
            )
    return tuple(directions)


def _listings(
    root: Traversable,
    occupations: Mapping[Occupation, NamedOccupation],
    bodies: Mapping[str, Body],
    faults: Faults,
) -> tuple[Listing, ...]:
    """Join who may assess what (national) with since when and how long (assumed); all levels."""
    columns: dict[str, CellReader] = {
        "name": cells.name,
        "occupation_code": cells.occupation_text,
        "source": cells.text,
    }
    periods = _listing_periods(root, bodies, faults)
    listings = []
    for line in read_sheet(root, NATIONAL_BODIES, columns, ("name", "occupation_code"), faults):
        body = _body(line, "name", bodies, faults)
        occupation = _occupation(line, EDITION_OF_THE_TEXTS, occupations, faults)
        period = periods.get(line["name"])
        if body is not None and period is None:
            faults.note_at(line, "name", f"{LISTING_PERIODS} 中没有该机构的有效期")
        if body is None or occupation is None or period is None:
            continue
        listings.append(
            Listing(
                issuer=body.issuer,
                occupation=occupation,
                level=None,
                listed_on=period["listed_on"],
                expires_on=last_day(period["listed_on"], years=period["years"]),
                removed_on=None,
                status=period["status"],
                source=f"{line['source']}；{period['source']}",
                why=period["why"],
            )
        )
    return tuple(listings)


def _listing_periods(root: Traversable, bodies: Mapping[str, Body], faults: Faults) -> dict[str, Line]:
    columns = {"body": cells.name, "listed_on": cells.day, "years": cells.years, **_PROVENANCE}
    lines = read_sheet(root, LISTING_PERIODS, columns, ("body",), faults)
    return {line["body"]: line for line in lines if _body(line, "body", bodies, faults) is not None}


def _institutions(
    root: Traversable, occupations: Mapping[Occupation, NamedOccupation], faults: Faults
) -> tuple[TrainingInstitution, ...]:
    columns: dict[str, CellReader] = {
        "province": cells.province_full_name,
        "name": cells.name,
        "occupation_code": cells.optional_occupation_text,
        "source": cells.text,
    }
    key = ("province", "name", "occupation_code")
    institutions = []
    for line in read_sheet(root, NATIONAL_INSTITUTIONS, columns, key, faults):
        occupation = None
        if line["occupation_code"] is not None:
            occupation = _occupation(line, EDITION_OF_THE_TEXTS, occupations, faults)
        institution = TrainingInstitution(
            province=line["province"],
            name=line["name"],
            occupation=occupation,
            status=Status.CONFIRMED,
            source=line["source"],
        )
        institutions.append(institution)
    return tuple(institutions)


def last_day(listed_on: date, *, years: int) -> date:
    """Return the last day of a period of whole years: 2025-01-01 and 3 give 2027-12-31."""
    try:
        return listed_on.replace(year=listed_on.year + years) - timedelta(days=1)
    except ValueError:  # 29 February has no anniversary in that year: the period ends with the month
        return date(listed_on.year + years, 2, 28)


def _body(line: Line, column: str, bodies: Mapping[str, Body], faults: Faults) -> Body | None:
    body = bodies.get(line[column])
    if body is None:
        faults.note_at(line, column, f"{BODY_CODES} 中没有该机构")
    return body


def _occupation(
    line: Line, edition: int, occupations: Mapping[Occupation, NamedOccupation], faults: Faults
) -> Occupation | None:
    occupation = Occupation.parse(line["occupation_code"], edition=edition)
    if occupation in occupations:
        return occupation
    faults.note_at(line, "occupation_code", f"第 {edition} 版职业目录中没有该代码")
    return None


def _check_confidence(line: Line, faults: Faults) -> None:
    """Nothing read in one source only, or inferred, may call itself confirmed."""
    if line["status"] is Status.CONFIRMED and line["confidence"] not in ("A", "B"):
        faults.note_at(line, "status", "单一来源（C）或推断（D）的值不能标为 confirmed")
