"""The numbers of one series, one after the other: what all of them share is worked out once.

The number of serial n and its packed form are those of ``NumberProfile.compose`` and ``packed``, without taking the
profile apart for each of ten thousand numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.directory.errors import FieldMisfit, SeriesExhausted
from registry.directory.profiles import NumberProfile

DECIMAL = "0123456789"


@dataclass(frozen=True, slots=True)
class SeriesNumbers:
    """The numbers of a series: the text before and after the serial, and the packed number as a sum."""

    profile: NumberProfile
    before: str
    after: str
    width: int
    constant: int
    weight: int

    @classmethod
    def of(cls, profile: NumberProfile, scope: Mapping[str, str]) -> "SeriesNumbers":
        """Return the numbers of the series with these field texts.

        Raises ``FieldMisfit`` if a field is missing or can not hold its text, or if serials are not counted in decimal.
        """
        first = profile.compose(scope, serial=1)
        place = next(at for at, field in enumerate(profile.layout.fields) if field.name == profile.serial)
        serial, later = profile.layout.fields[place], profile.layout.fields[place + 1 :]
        if serial.alphabet != DECIMAL:
            raise FieldMisfit(profile.id, serial.name, serial.alphabet)
        start = sum(field.width for field in profile.layout.fields[:place])
        weight = 1
        for field in later:
            weight *= field.radix
        constant = int.from_bytes(profile.packed(first)[1:], "big") - weight
        return cls(profile, first[:start], first[start + serial.width :], serial.width, constant, weight)

    def number(self, serial: int) -> tuple[str, bytes]:
        """Return the number of this serial (from 1) as text, and packed with its profile byte.

        Raises ``SeriesExhausted`` if the serial is wider than its field.
        """
        if not 1 <= serial < 10**self.width:
            raise SeriesExhausted(self.profile.id, str(serial))
        packed = (self.constant + serial * self.weight).to_bytes(self.profile.layout.size, "big")
        text = f"{self.before}{serial:0{self.width}d}{self.after}"
        return text, bytes((self.profile.code,)) + packed
