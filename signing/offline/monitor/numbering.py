"""Where a number belongs: its series, its place in it, whose it is and of which year, by the trust bundle's profiles.

A profile of the trust bundle does not say which of its fields counts, nor which is the year: they go by their names,
 ``serial`` and ``year``, as in every profile of the register (the last field counts where none has the name).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from signing import shape
from signing.cbor import Value
from signing.errors import NumberMisfit
from signing.number import MAX_PACKED, Profile
from signing.series import SeriesKey, series_of

SERIAL: Final = "serial"
YEAR: Final = "year"
_DIGITS: Final = "0123456789"


@dataclass(frozen=True, slots=True)
class Place:
    """A series. ``shown`` is the text of its numbers with stars for the serial.

    ``issuer`` is the text of the fields that name the body; ``year`` that of its year, empty where they tell none.
    """

    key: SeriesKey
    shown: str
    issuer: str
    year: str

    def is_of_year(self, day: date) -> bool:
        """Say whether a date is of the series' year, as far as its numbers tell one."""
        return f"{day.year:04}".endswith(self.year)

    def to_value(self) -> Value:
        """Return the place for the state."""
        before, after = (number.to_bytes(MAX_PACKED) for number in self.key[1:])
        return [self.key.profile, before, after, self.shown, self.issuer, self.year]

    @classmethod
    def from_value(cls, value: Value) -> Self:
        """Read a place; ``Malformed``."""
        profile, before, after, shown, issuer, year = shape.array(value, 6, 6)
        sides = (int.from_bytes(shape.octets(side, MAX_PACKED)) for side in (before, after))
        key = SeriesKey(shape.integer(profile, 1, 255), *sides)
        return cls(key, shape.text(shown), shape.text(issuer), shape.text(year))


class Numbering:
    """The profiles, and the places of the series that were asked for."""

    def __init__(self, profiles: Mapping[int, Profile]) -> None:
        self._profiles = profiles
        self._serials = {code: _serial_of(profile) for code, profile in profiles.items()}
        self._places: dict[SeriesKey, Place] = {}

    def knows(self, profile: int) -> bool:
        """Say whether the trust bundle has a profile."""
        return profile in self._profiles

    def locate(self, number: bytes) -> tuple[Place, int]:
        """Return the series of a packed number of a known profile, and its serial; ``NumberMisfit``."""
        profile = self._profiles[number[0]]
        key, serial = series_of(number, profile, self._serials[number[0]])
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = _place(key, profile, self._serials[profile.code], number)
        return place, serial

    def text(self, place: Place, serial: int) -> str:
        """Return a number of a series as people read it; with its stars, if the trust bundle has no such profile."""
        profile = self._profiles.get(place.key.profile)
        if profile is None:
            return f"{place.shown} {serial}"
        field = profile.fields[self._serials[profile.code]]
        return place.shown.replace("*" * field.width, field.text(serial), 1)

    def opened(self, profile: int, parts: tuple[str, ...]) -> Place:
        """Return the series that these parts of a known profile open: every field but the serial. ``NumberMisfit``."""
        known = self._profiles[profile]
        at = self._serials[profile]
        serial = known.fields[at]
        texts = [*parts[:at], serial.alphabet[0] * serial.width, *parts[at:]]
        names = [field.name for field in known.fields]
        if len(texts) != len(names):
            raise NumberMisfit(known.id, " ".join(parts))
        return self.locate(known.pack(known.format(dict(zip(names, texts, strict=True)))))[0]


def _serial_of(profile: Profile) -> int:
    names = [field.name for field in profile.fields]
    return names.index(SERIAL) if SERIAL in names else len(names) - 1


def _place(key: SeriesKey, profile: Profile, serial: int, number: bytes) -> Place:
    parts = profile.parse(profile.unpack(number))
    fields = profile.fields
    issuer = "".join(parts[fields[at].name] for at in profile.issuer)
    year = next((field for field in fields if field.name == YEAR and field.alphabet == _DIGITS), None)
    parts[fields[serial].name] = "*" * fields[serial].width
    told = parts[YEAR] if year is not None and year.width <= 4 else ""
    return Place(key, "".join(parts.values()), issuer, told)
