"""The opening of a series: in which numbers a registrar lets certificates be counted (formats.md §13).

A number is lawful only within a series that somebody opened, and what its fields say is then what the opening says of
body, site, year and level. Whether the opener was entitled is for the caller to ask of the roster.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from signing import cbor, shape
from signing.cose import Kind
from signing.ed25519 import PublicKey
from signing.errors import Malformed, NumberMisfit
from signing.evidence import open_claim
from signing.number import Profile
from signing.statement import Level, read_level

VERSION: Final = 1


class SeriesKey(NamedTuple):
    """What all numbers of one series have in common: the profile, and the number before and after its serial."""

    profile: int
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesOpening:
    """A registrar's word that a series is open.

    ``parts`` are the texts of every field of the number but its serial, by the names of the profile's fields, in its
    order; ``year`` is the full year of 发证日期; ``opened_at`` is aware, in UTC, of whole seconds.
    """

    profile: int
    parts: tuple[tuple[str, str], ...]
    issuer: str
    site: str
    province: str
    year: int
    level: Level
    opened_at: datetime

    def to_bytes(self) -> bytes:
        """Return the payload that the registrar signs with kind ``series``."""
        return cbor.encode([
            VERSION, shape.integer(self.profile, 1, 255), [list(part) for part in self.parts], shape.text(self.issuer),
            shape.text(self.site), shape.text(self.province), shape.integer(self.year), int(self.level),
            shape.seconds(self.opened_at),
        ])  # fmt: skip

    @classmethod
    def from_bytes(cls, data: bytes) -> "SeriesOpening":
        """Read a payload; ``Malformed`` unless ``to_bytes`` would write it."""
        version, profile, parts, issuer, site, province, year, level, opened_at = shape.array(
            cbor.decode(data), 9, 9
        )
        shape.integer(version, VERSION, VERSION)
        pairs = [shape.array(part, 2, 2) for part in shape.array(parts)]
        return cls(
            profile=shape.integer(profile, 1, 255),
            parts=tuple((shape.text(name), shape.text(text)) for name, text in pairs),
            issuer=shape.text(issuer),
            site=shape.text(site),
            province=shape.text(province),
            year=shape.integer(year),
            level=read_level(level),
            opened_at=shape.instant(opened_at),
        )

    def key(self, profile: Profile) -> SeriesKey:
        """Return the series that is opened.

        Raises ``Malformed`` if the parts are not all fields of the profile but one, in its order, or ``NumberMisfit``.
        """
        place = serial_place(profile, dict(self.parts))
        serial = profile.fields[place]
        if [name for name, _ in self.parts] != [
            field.name for field in profile.fields if field is not serial
        ]:
            raise Malformed("a series names the fields of its numbers in their order, each once")
        lowest = {**dict(self.parts), serial.name: serial.alphabet[0] * serial.width}
        return series_of(profile.pack(profile.format(lowest)), profile, place)[0]


def open_opening(data: bytes, public_key: PublicKey, environment: str) -> SeriesOpening:
    """Return a signed opening if this key signed it for this environment; errors as ``evidence.open_decision``."""
    return SeriesOpening.from_bytes(open_claim(data, public_key, environment, Kind.SERIES))


def serial_place(profile: Profile, parts: Mapping[str, str]) -> int:
    """Return the place of the one field that an opening leaves out, which counts the series' certificates."""
    places = [place for place, field in enumerate(profile.fields) if field.name not in parts]
    if len(places) != 1 or len(parts) != len(profile.fields) - 1:
        raise Malformed("a series names every field of its numbers but the serial")
    return places[0]


def series_of(number: bytes, profile: Profile, serial: int) -> tuple[SeriesKey, int]:
    """Return the series of a packed number, and its serial; ``serial`` is the place of that field.

    Raises ``NumberMisfit`` for a number that is not of this profile.
    """
    if len(number) != 1 + profile.size or number[0] != profile.code:
        raise NumberMisfit(profile.id, number.hex())
    weight = 1
    for field in profile.fields[serial + 1 :]:
        weight *= field.radix
    above, after = divmod(int.from_bytes(number[1:], "big"), weight)
    before, count = divmod(above, profile.fields[serial].radix)
    return SeriesKey(profile.code, before, after), count
