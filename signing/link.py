"""The text in the QR: a link whose fragment is the token in decimal digits (formats.md §10).

Only the fragment counts. Which host the link names is no evidence of anything and is ignored.
"""

import re
from typing import Final

from signing.errors import Malformed

MAX_DIGITS: Final = 7089
"""What the largest QR symbol holds in numeric mode."""

MAX_TOKEN_BYTES: Final = 1024
"""Far above the 288 bytes of version 1, and well within what a QR symbol holds."""

_DIGITS: Final = re.compile(r"[1-9][0-9]*")
_CHUNK: Final = 4000
"""Python converts at most 4,300 digits in one step by default."""


def qr_text(prefix: str, token: bytes) -> str:
    """Return ``prefix`` (``https://HOST/v#``) and the token as a decimal integer.

    Raises ``Malformed`` unless the prefix ends with ``#`` and has no other, and for a token that would not
    come back: empty, with a leading zero, or longer than ``MAX_TOKEN_BYTES``.
    """
    if not prefix.endswith("#") or prefix.count("#") != 1:
        raise Malformed("prefix does not end with its only #")
    if not token or token[0] == 0 or len(token) > MAX_TOKEN_BYTES:
        raise Malformed("token would not come back from a link")
    return f"{prefix}{int.from_bytes(token, 'big')}"


def token_from_text(text: str) -> bytes:
    """Return the bytes that the digits after the first ``#`` stand for.

    Raises ``Malformed`` if there are none, or anything else, or more than a QR symbol holds. Whether the
    bytes are a token is not asked here.
    """
    _, mark, digits = text.partition("#")
    if not mark or len(digits) > MAX_DIGITS or not _DIGITS.fullmatch(digits):
        raise Malformed("not a link with a token in digits")
    value = 0
    for at in range(0, len(digits), _CHUNK):
        chunk = digits[at : at + _CHUNK]
        value = value * 10 ** len(chunk) + int(chunk)
    return value.to_bytes((value.bit_length() + 7) // 8, "big")
