"""The characters of a name one by one, for a page on which a clerk looks at each: rare ones are taken for others."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodePoint:
    """A character of a name; ``rare`` ones are enlarged, because a clerk takes them for others."""

    character: str
    code: str
    rare: bool


def code_points(name: str) -> tuple[CodePoint, ...]:
    """Return the characters of a name one by one; what GB 2312 does not have, or lies beyond U+FFFF, is rare."""
    return tuple(CodePoint(each, f"U+{ord(each):04X}", _is_rare(each)) for each in name)


def _is_rare(character: str) -> bool:
    if character.isascii() or unicodedata.category(character) == "Po":
        return False
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False
