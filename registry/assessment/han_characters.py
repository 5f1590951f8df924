"""Which code points are Han characters, and which ones stand in for one by mistake.

The blocks are those of Unicode 17.0: Python's own table may be older, and a character that is on an ID card
must not be refused because this machine has not heard of it yet.
"""

import unicodedata

# CJK Unified Ideographs and extensions A to J; the twelve unified ideographs among the compatibility ones.
_BLOCKS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81D),
    (0x2B820, 0x2CEAD),
    (0x2CEB0, 0x2EBE0),
    (0x2EBF0, 0x2EE5D),
    (0x30000, 0x3134A),
    (0x31350, 0x323AF),
    (0x323B0, 0x33479),
)
_ALSO_UNIFIED = frozenset("\ufa0e\ufa0f\ufa11\ufa13\ufa14\ufa1f\ufa21\ufa23\ufa24\ufa27\ufa28\ufa29〇")

# Code points of private use to which old GBK systems put characters that Unicode has by now: 䶮 (FE9F), and
# the eight that came with Unicode 4.1 (GB 18030-2005).
_PRIVATE_USE = {
    "\ue863": "\u4dae",
    "\ue81e": "\u9fb4",
    "\ue826": "\u9fb5",
    "\ue82b": "\u9fb6",
    "\ue82c": "\u9fb7",
    "\ue832": "\u9fb8",
    "\ue843": "\u9fb9",
    "\ue854": "\u9fba",
    "\ue864": "\u9fbb",
}


def is_han(character: str) -> bool:
    """Say whether this is a unified ideograph, or 〇."""
    code = ord(character)
    return any(first <= code <= last for first, last in _BLOCKS) or character in _ALSO_UNIFIED


def is_compatibility_ideograph(character: str) -> bool:
    """Say whether NFC would put another character in its place."""
    return (
        "\uf900" <= character <= "\ufaff" or "\U0002f800" <= character <= "\U0002fa1f"
    ) and character not in _ALSO_UNIFIED


def meant_for(character: str) -> str | None:
    """Return the character that was probably meant, to be suggested, never put in; None if unknown."""
    if character in _PRIVATE_USE:
        return _PRIVATE_USE[character]
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain != character and len(plain) == 1 else None
