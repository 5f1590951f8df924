"""What a visitor asked the look-up: two forms, read forgivingly and with caps.

Writing is forgiven (width, spaces, case); nothing is guessed. Whether the answer exists is not asked here.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from signing.id_check import IdType, canonical

MOST_CODE_CHARACTERS: Final = 40
MOST_NAME_CHARACTERS: Final = 100


@dataclass(frozen=True, slots=True)
class NumberQuery:
    """By certificate number and name."""

    # Not shown in a representation: a query must not reach a log by way of an error.
    number: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IdQuery:
    """By ID type, ID number and name."""

    id_type: IdType
    id_number: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Faults:
    """What to mend before the register is asked: keys of texts, in the order of the form."""

    keys: tuple[str, ...]


def read(form: Mapping[str, str]) -> NumberQuery | IdQuery | Faults:
    """Read whichever of the two forms was sent; ``by`` says which, ``number`` being meant without it."""
    if form.get("by") == "id":
        return _read_id(form)
    number, name = _code(form, "number"), _name(form)
    faults = _faults({"number": number, "name": name})
    return faults or NumberQuery(number, name)


def _read_id(form: Mapping[str, str]) -> IdQuery | Faults:
    id_type = form.get("id_type", "")
    known = id_type if id_type in set(IdType) else ""
    id_number, name = _code(form, "id_number"), _name(form)
    faults = _faults({"id_type": known, "id_number": id_number, "name": name})
    return faults or IdQuery(IdType(known), id_number, name)


def _faults(values: Mapping[str, str]) -> Faults | None:
    empty = tuple(f"lookup.fault.{place}" for place, value in values.items() if not value)
    return Faults(empty) if empty else None


def _code(form: Mapping[str, str], place: str) -> str:
    """Return a number in canonical form; nothing if missing, too long or with control characters."""
    code = canonical(form.get(place, ""))
    return code if len(code) <= MOST_CODE_CHARACTERS and code.isprintable() else ""


def _name(form: Mapping[str, str]) -> str:
    """Return the name in NFC with single spaces, or nothing as above."""
    name = " ".join(unicodedata.normalize("NFC", form.get("name", "")).split())
    return name if len(name) <= MOST_NAME_CHARACTERS and name.isprintable() else ""
