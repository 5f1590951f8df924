"""Refusals of the directory room.

RegistryError
└── DirectoryError
    ├── DataRefused         data files hold lines or values that are not understood; all of them are named
    ├── CodeRenamed         a code of the register is offered with another name
    ├── NameTaken           a body's name is held by another code
    ├── UnknownBody         no body has this issuer key
    ├── UnknownProfile      no numbering profile has this code or id
    ├── FieldMisfit         a value does not fit a field of the numbering profile (a ValueError too)
    └── SeriesExhausted     the next serial is wider than the profile's serial field
"""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.errors import RegistryError


class DirectoryError(RegistryError):
    """The directory refuses."""


@dataclass(frozen=True, slots=True)
class DataFault:
    """One thing that is wrong in a data file.

    ``line`` counts from 1, the header being line 1; ``None`` in a JSON file, where ``column`` is the key.
    ``why`` is 中文, for the person who keeps the file.
    """

    file: str
    line: int | None
    column: str
    why: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place} {self.column}: {self.why}"


class DataRefused(DirectoryError):
    """Data files are refused as a whole; ``faults`` names every line and column that is wrong."""

    def __init__(self, faults: Sequence[DataFault]) -> None:
        super().__init__("\n".join(["directory data refused", *map(str, faults)]))
        self.faults = tuple(faults)


class CodeRenamed(DirectoryError):
    """A code never changes its name: what is renamed takes a new code."""

    def __init__(self, kind: str, code: str, *, held: str, offered: str) -> None:
        super().__init__(f"{kind} {code} is {held!r} and can not become {offered!r}: a new name, a new code")
        self.kind = kind
        self.code = code
        self.held = held
        self.offered = offered


class NameTaken(DirectoryError):
    """Two codes would carry one body's name."""

    def __init__(self, name: str, *, held_by: str, offered_to: str) -> None:
        super().__init__(f"{name!r} is the name of {held_by} and can not be given to {offered_to}")
        self.name = name
        self.held_by = held_by
        self.offered_to = offered_to


class UnknownBody(DirectoryError):
    """No assessment body has this issuer key."""

    def __init__(self, issuer: str) -> None:
        super().__init__(f"no assessment body has the code {issuer!r}")
        self.issuer = issuer


class UnknownProfile(DirectoryError):
    """No numbering profile has this code or id."""

    def __init__(self, profile: int | str) -> None:
        super().__init__(f"no numbering profile {profile!r}")
        self.profile = profile


class FieldMisfit(DirectoryError, ValueError):
    """A value does not fit a field of the numbering profile."""

    def __init__(self, profile: str, field: str, value: str) -> None:
        super().__init__(f"{value!r} does not fit the field {field} of profile {profile}")
        self.profile = profile
        self.field = field
        self.value = value


class SeriesExhausted(DirectoryError):
    """The serial field is used up: numbers are never reused, so the series has ended."""

    def __init__(self, profile: str, serial: str) -> None:
        super().__init__(f"serial {serial} is wider than the serial field of profile {profile}")
        self.profile = profile
        self.serial = serial
