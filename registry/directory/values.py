"""What the directory holds, as frozen values: the same from a data file and from the register.

They name each other by public code (issuer key, edition and occupation code), never by a row's id.
"""

from dataclasses import dataclass
from datetime import date

from registry.directory.provenance import Sourced, Status
from signing.statement import Level, Occupation


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedOccupation(Sourced):
    """An occupation (职业) of one edition of the 职业分类大典, with its training hours (学时).

    Hours are ``None`` where the sources state none, as for all of edition 2.
    """

    occupation: Occupation
    name: str
    hours_junior: int | None
    hours_intermediate: int | None
    hours_senior: int | None
    status: Status
    source: str
    why: str | None = None

    def hours(self, level: Level) -> int | None:
        """Return the training hours of the level."""
        by_level = {
            Level.JUNIOR: self.hours_junior,
            Level.INTERMEDIATE: self.hours_intermediate,
            Level.SENIOR: self.hours_senior,
        }
        return by_level[level]


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction(Sourced):
    """A direction (职业方向) of one occupation; ``code`` (1 to 255) is this register's own."""

    code: int
    occupation: Occupation
    name: str
    status: Status
    source: str
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body(Sourced):
    """An assessment body (评价机构); ``issuer`` is its issuer key in numbers, ``S0001``.

    ``uscc`` is its 统一社会信用代码, ``None`` where no source gives it, and in a body that comes from the register:
    nothing that is numbered or signed depends on it, so it stands in the data file alone.
    """

    issuer: str
    name: str
    status: Status
    source: str
    why: str | None = None
    uscc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(Sourced):
    """A site (考核站点) of a body. Each province gives its own site codes, so a code needs its province."""

    issuer: str
    province: str
    code: str
    name: str
    status: Status
    source: str
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Sourced):
    """A body's right to assess an occupation, from ``listed_on`` to ``expires_on``, both included.

    ``level`` is ``None`` if all levels are listed. ``removed_on`` is the first day without the right, if the
    body was removed from the directory (退出目录) before it expired.
    """

    issuer: str
    occupation: Occupation
    level: Level | None
    listed_on: date
    expires_on: date
    removed_on: date | None
    status: Status
    source: str
    why: str | None = None

    def covers(self, occupation: Occupation, level: Level, on: date) -> bool:
        """Say whether the listing lets the body assess this on that day."""
        return (
            self.occupation == occupation
            and self.level in (None, level)
            and self.listed_on <= on <= self.expires_on
            and (self.removed_on is None or on < self.removed_on)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingInstitution(Sourced):
    """A training institution (培训机构) of a province for one occupation; ``None`` if its text names none."""

    province: str
    name: str
    occupation: Occupation | None
    status: Status
    source: str
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryData:
    """The content of all data files, checked against each other."""

    occupations: tuple[NamedOccupation, ...] = ()
    directions: tuple[Direction, ...] = ()
    bodies: tuple[Body, ...] = ()
    sites: tuple[Site, ...] = ()
    listings: tuple[Listing, ...] = ()
    institutions: tuple[TrainingInstitution, ...] = ()
