"""Refusals of the jurisdiction room.

RegistryError
├── CalendarMissing         the table of working days has no such year
└── UnknownJurisdiction     the programme's texts address no such province
"""

from registry.errors import RegistryError


class CalendarMissing(RegistryError):
    """No arrangement of holidays for this year: the day is not guessed."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the table of working days has no arrangement for {year}; add it to workdays.json")
        self.year = year


class UnknownJurisdiction(RegistryError):
    """The programme's texts address no province with this code."""

    def __init__(self, province: str) -> None:
        super().__init__(f"no jurisdiction with the province code {province!r}")
        self.province = province
