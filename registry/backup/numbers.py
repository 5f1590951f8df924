"""Numbers read backwards: from a packed number, as the signer keeps it, to its series and serial."""

from dataclasses import dataclass

from registry.directory.profiles import NumberProfile, Profiles


@dataclass(frozen=True, slots=True)
class ReadNumber:
    """A number taken apart."""

    text: str
    profile: NumberProfile
    series_key: str
    serial: int


def read_number(packed: bytes, profiles: Profiles) -> ReadNumber:
    """Take a packed number apart; raises ``UnknownProfile``, or ``NumberMisfit`` if it is not of its profile."""
    profile = profiles.with_code(packed[0])
    text = profile.layout.unpack(packed)
    fields = profile.layout.parse(text)
    scope = [fields[field.name] for field in profile.layout.fields if field.name in profile.series]
    return ReadNumber(text, profile, ":".join([str(profile.code), *scope]), int(fields[profile.serial]))


def most_serials(series_key: str, profiles: Profiles) -> int | None:
    """Return the highest serial that a series can have; ``None`` for a key of no profile that is known."""
    code = series_key.split(":")[0]
    profile = profiles.by_code.get(int(code)) if code.isascii() and code.isdecimal() else None
    if profile is None:
        return None
    widths = {field.name: field.width for field in profile.layout.fields}
    return int(10 ** widths.get(profile.serial, 1)) - 1


def number_in(series_key: str, serial: int, profiles: Profiles) -> str:
    """Return the number of this serial in a series; raises ``SeriesExhausted`` if there can be none."""
    code, *texts = series_key.split(":")
    profile = profiles.with_code(int(code))
    names = [field.name for field in profile.layout.fields if field.name in profile.series]
    return profile.compose(dict(zip(names, texts, strict=True)), serial=serial)
