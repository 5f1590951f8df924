"""Working days (工作日): Monday to Friday, less the holidays and with the make-up days (调休) of each year.

The table is the State Council's yearly arrangement, as announced. A day that no arrangement covers is
refused, never taken for an ordinary Monday to Friday.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from registry.jurisdiction.errors import CalendarMissing

_SATURDAY = 5

# The arrangement of a year also moves the last days of the year before: that of 2019 made 2018-12-29, a
# Saturday, a working day and 2018-12-31, a Monday, a holiday. From this day on, a year needs its successor's.
_YEAR_END = (12, 26)


@dataclass(frozen=True, slots=True)
class Workdays:
    """The arrangements known: their years, the holidays, and the weekend days that are worked."""

    years: frozenset[int]
    holidays: frozenset[date]
    made_up: frozenset[date]

    def works(self, day: date) -> bool:
        """Say whether the day is a working day. Raises ``CalendarMissing``."""
        for year in (day.year, day.year + ((day.month, day.day) >= _YEAR_END)):
            if year not in self.years:
                raise CalendarMissing(year)
        if day in self.made_up:
            return True
        return day.weekday() < _SATURDAY and day not in self.holidays


@cache
def shipped_workdays() -> Workdays:
    """Return the arrangements that the package carries."""
    text = files("registry").joinpath("data", "workdays.json").read_text("utf-8")
    years = json.loads(text)["years"]
    holidays: set[date] = set()
    made_up: set[date] = set()
    for holiday in (holiday for year in years.values() for holiday in year["holidays"]):
        first, last = date.fromisoformat(holiday["first"]), date.fromisoformat(holiday["last"])
        holidays.update(first + timedelta(days=offset) for offset in range((last - first).days + 1))
        made_up.update(map(date.fromisoformat, holiday["make_up"]))
    return Workdays(frozenset(map(int, years)), frozenset(holidays), frozenset(made_up))


def add_working_days(start: date, n: int, *, table: Workdays | None = None) -> date:
    """Return the n-th working day after ``start``, which itself does not count; n is at least 1.

    ``table`` defaults to the shipped one. Raises ``CalendarMissing`` if the count needs a year it has not.
    """
    if n < 1:
        raise ValueError("working days are counted forward, from 1")
    table = table or shipped_workdays()
    day, left = start, n
    while left:
        day += timedelta(days=1)
        left -= table.works(day)
    return day
