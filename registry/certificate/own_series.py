"""The series of one body, with what was given in each of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.certificate.ownership import series_of_body
from registry.certificate.tables import Series
from registry.directory.profiles import NumberProfile, Profiles
from registry.directory.series_numbers import SeriesNumbers
from signing.statement import Level


@dataclass(frozen=True, slots=True)
class OwnSeries:
    """One series. ``year`` is the full year of 发证日期; ``last_number`` is ``None`` before the first was given.

    ``is_open``: a registrar's signed opening is there; without one, after a restore, no number is given.
    """

    key: str
    province: str
    site: str
    year: int
    level: Level | None
    issued: int
    last_number: str | None
    opened_at: datetime
    is_open: bool


def series_with_numbers(session: Session, issuer: str, profiles: Profiles) -> tuple[OwnSeries, ...]:
    """Return the series of a body, by key."""
    query = select(Series).where(series_of_body(Series.key, issuer, profiles)).order_by(Series.key)
    return tuple(_read(series, profiles.with_code(series.profile)) for series in session.scalars(query))


def _read(series: Series, profile: NumberProfile) -> OwnSeries:
    in_order = [field.name for field in profile.layout.fields if field.name in profile.series]
    parts = dict(zip(in_order, series.key.split(":")[1:], strict=True))
    last = SeriesNumbers.of(profile, parts).number(series.issued)[0] if series.issued else None
    place = profile.layout.level
    text = None if place is None else parts.get(profile.layout.fields[place].name)
    levels = [level for level, written in profile.levels.items() if written == text]
    return OwnSeries(
        key=series.key,
        province=parts["province"],
        site=parts["site"],
        year=_full_year(parts["year"], series.opened_at.year),
        level=levels[0] if levels else None,
        issued=series.issued,
        last_number=last,
        opened_at=series.opened_at,
        is_open=series.opening is not None,
    )


def _full_year(text: str, near: int) -> int:
    """Return the year that ends in these digits and is nearest to another: a series is opened a year ahead at most."""
    span: int = 10 ** len(text)
    begin = near - near % span + int(text)
    return min((begin - span, begin, begin + span), key=lambda year: abs(year - near))
