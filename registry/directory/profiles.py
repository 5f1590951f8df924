"""Numbering profiles as data: how a certificate number is put together, and which profile issues.

A profile file under ``data/profiles`` holds everything: fields with widths and alphabets, the level codes,
what a series belongs to, the rule's owner and how far it is known. Replacing an assumed profile takes a new
file with a new code, and ``"issues": false`` in the old one: no program changes, and no number that was
given. Which serial comes next is not decided here: see ``registry.certificate.numbering``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from registry.directory.errors import DataRefused, FieldMisfit, SeriesExhausted, UnknownProfile
from registry.directory.profile_shape import read_shape
from registry.directory.provenance import Sourced, Status
from registry.directory.sheet import Faults
from signing.errors import Malformed
from signing.number import Field, Profile
from signing.statement import Level

_PROVINCE, _SITE, _YEAR = "province", "site", "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberProfile(Sourced):
    """A numbering profile: ``layout`` is what verifiers know of it, the rest is what the register needs.

    ``levels`` gives the level's text in the number; it is empty for profiles that are only read. ``series``
    names the fields that a series belongs to. ``categories`` says what a category letter means.
    ``valid_from`` is ``None`` where the rule's date is not known, and only in profiles that are read.
    """

    layout: Profile
    name: str
    authority: str
    status: Status
    source: str
    why: str | None
    valid_from: date | None
    issues: bool
    levels: Mapping[Level, str]
    serial: str
    series: tuple[str, ...]
    categories: Mapping[str, str]

    @property
    def code(self) -> int:
        """The byte that stands before every packed number; never reused."""
        return self.layout.code

    @property
    def id(self) -> str:
        """The profile's name in files and messages, ``dte-22-assumed``."""
        return self.layout.id

    def scope_fields(
        self, *, issuer: str, province: str, site: str, year: int, level: Level
    ) -> dict[str, str]:
        """Return the texts of the fields that a series belongs to, in the number's order.

        ``issuer`` is the issuer key (``S0001``), ``year`` the full year of 发证日期. Raises ``FieldMisfit``
        for a value that its field can not hold, and for a level without a code.
        """
        year_width = self._width(_YEAR)
        values = {
            **self._issuer_fields(issuer),
            _PROVINCE: province,
            _SITE: site,
            _YEAR: f"{year % 10**year_width:0{year_width}d}",
        }
        if self.layout.level is not None:
            if level not in self.levels:
                raise FieldMisfit(self.id, "level", level.name)
            values[self.layout.fields[self.layout.level].name] = self.levels[level]
        in_order = [field.name for field in self.layout.fields if field.name in self.series]
        scope = {name: values.get(name, "") for name in in_order}
        for name, text in scope.items():
            self._require_fit(name, text)
        return scope

    def series_beginning(self, issuer: str) -> str:
        """Return what the keys of all series of this body begin with, ``1:S:0001:``.

        Raises ``FieldMisfit`` for an issuer key of another width, and where a series is not named by its body first.
        """
        texts = self._issuer_fields(issuer)
        in_order = [field.name for field in self.layout.fields if field.name in self.series]
        if in_order[: len(texts)] != list(texts):
            raise FieldMisfit(self.id, "+".join(texts), issuer)
        return ":".join([str(self.code), *texts.values(), ""])

    def compose(self, values: Mapping[str, str], *, serial: int) -> str:
        """Return the number of these field texts and this serial (from 1).

        Raises ``SeriesExhausted`` if the serial is wider than its field, ``FieldMisfit`` if a field is
        missing, unknown, or can not hold its text.
        """
        width = self._width(self.serial)
        if serial >= 10**width:
            raise SeriesExhausted(self.id, str(serial))
        if serial < 1:
            raise FieldMisfit(self.id, self.serial, str(serial))
        parts = {**values, self.serial: f"{serial:0{width}d}"}
        for name in parts:
            self._require_fit(name, parts[name])
        for field in self.layout.fields:
            if field.name not in parts:
                raise FieldMisfit(self.id, field.name, "")
        return self.layout.format(parts)

    def packed(self, text: str) -> bytes:
        """Return the number as the statement carries it, profile byte first."""
        return self.layout.pack(text)

    def _issuer_fields(self, issuer: str) -> dict[str, str]:
        """Cut an issuer key into the texts of the issuer fields."""
        fields = [self.layout.fields[place] for place in self.layout.issuer]
        if len(issuer) != sum(field.width for field in fields):
            raise FieldMisfit(self.id, "+".join(field.name for field in fields), issuer)
        texts, at = {}, 0
        for field in fields:
            texts[field.name] = issuer[at : at + field.width]
            at += field.width
        return texts

    def _width(self, name: str) -> int:
        return next((field.width for field in self.layout.fields if field.name == name), 1)

    def _require_fit(self, name: str, text: str) -> None:
        field = next((field for field in self.layout.fields if field.name == name), None)
        if field is None or len(text) != field.width or not set(text) <= set(field.alphabet):
            raise FieldMisfit(self.id, name, text)


@dataclass(frozen=True, slots=True)
class Profiles:
    """All numbering profiles, by code; ``issuing`` is the one that new numbers take."""

    by_code: Mapping[int, NumberProfile]
    issuing: NumberProfile

    def with_code(self, code: int) -> NumberProfile:
        """Return the profile of a stored number. Raises ``UnknownProfile``."""
        try:
            return self.by_code[code]
        except KeyError:
            raise UnknownProfile(code) from None

    def with_id(self, profile_id: str) -> NumberProfile:
        """Return the profile with this id. Raises ``UnknownProfile``."""
        for profile in self.by_code.values():
            if profile.id == profile_id:
                return profile
        raise UnknownProfile(profile_id)

    @property
    def layouts(self) -> tuple[Profile, ...]:
        """What the trust bundle publishes, ascending by code."""
        return tuple(profile.layout for profile in self.by_code.values())


@cache
def load_profiles() -> Profiles:
    """Return the profiles that the package carries."""
    return read_profiles(files("registry").joinpath("data", "profiles"))


def read_profiles(root: Traversable) -> Profiles:
    """Read and check the profile files under ``root``. Raises ``DataRefused`` with all their faults."""
    faults = Faults()
    profiles: dict[int, NumberProfile] = {}
    names = sorted(path.name for path in root.iterdir() if path.name.endswith(".json"))
    for name in names:
        item = read_shape(name, root.joinpath(name).read_bytes(), faults)
        if item is None:
            continue
        if name != f"{item['id']}.json":
            faults.note(name, None, "id", "应与文件名相同")
        if item["code"] in profiles:
            faults.note(name, None, "code", f"代码已为 {profiles[item['code']].id} 所用，不得重复使用")
            continue
        try:
            profiles[item["code"]] = _profile(item)
        except Malformed as error:
            faults.note(name, None, "fields", f"验证程序不接受：{error}")
    issuing = [profile for profile in profiles.values() if profile.issues]
    if len(issuing) != 1:
        faults.note("profiles", None, "issues", f"用于发证的档案应恰为一个，实有 {len(issuing)} 个")
    if faults.found:
        raise DataRefused(faults.found)
    return Profiles(by_code=dict(sorted(profiles.items())), issuing=issuing[0])


def _profile(item: Mapping[str, Any]) -> NumberProfile:
    fields = tuple(Field(**field) for field in item["fields"])
    places = {field.name: place for place, field in enumerate(fields)}
    return NumberProfile(
        layout=Profile(
            code=item["code"],
            id=item["id"],
            status=item["status"],
            issuer=tuple(places[name] for name in item["issuer"]),
            level=None if item["level"] is None else places[item["level"]],
            fields=fields,
        ),
        name=item["name"],
        authority=item["authority"],
        status=Status(item["status"]),
        source=item["source"],
        why=item["why"],
        valid_from=item["valid_from"] and date.fromisoformat(item["valid_from"]),
        issues=item["issues"],
        levels={Level[name.upper()]: text for name, text in item["level_map"].items()},
        serial=item["serial"],
        series=tuple(item["series"]),
        categories=item["categories"],
    )
