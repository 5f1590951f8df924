"""Text from outside, made safe to show to the one who sent it: it can hide nothing and turn nothing round."""

import re
import unicodedata

SHOWN_CHARACTERS = 64

# Shown as code points: controls, invisible and formatting characters, lone surrogates, private use,
# unassigned, line and paragraph separators.
_UNSHOWABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_VARIATION_SELECTOR = re.compile("[\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def shown(value: str, *, most: int = SHOWN_CHARACTERS) -> str:
    """Return the value so that it can be shown: at most ``most`` characters, what is invisible as ``[U+XXXX]``."""
    head = value[:most]
    if not head.isprintable() or not head.isascii():
        head = "".join(_shown_character(character) for character in head)
    return head + "…" if len(value) > most else head


def _shown_character(character: str) -> str:
    if "\U00020000" <= character <= "\U0003fffd":  # planes of ideographs, newer than Python's table
        return character
    hidden = unicodedata.category(character) in _UNSHOWABLE or _VARIATION_SELECTOR.match(character)
    return f"[U+{ord(character):04X}]" if hidden else character
