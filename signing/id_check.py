"""The 12-bit ID check: does this person's ID number belong to the certificate? (formats.md §5)

A match is not an identification: one number in 4,096 passes by chance, on purpose, so that nobody can
search an ID number out of a token. Whether a number is a lawful one of its type is not asked here.
"""

import hashlib
import re
from enum import StrEnum
from typing import Final

from signing import shape
from signing.errors import Malformed

ITERATIONS: Final = 100_000

_FOLDED: Final = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x2169: "X", 0x2179: "X"}
_SPACE: Final = re.compile("[\t-\r \u00a0\u3000]")
_LOWER: Final = {ord("a") + i: chr(ord("A") + i) for i in range(26)}


class IdType(StrEnum):
    """证件类别."""

    RESIDENT_ID = "resident_id"
    RESIDENCE_PERMIT = "residence_permit"
    PERMANENT_RESIDENCE_ID = "permanent_residence_id"
    HK_MACAO_PERMIT = "hk_macao_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    PASSPORT = "passport"


def canonical(number: str) -> str:
    """Return an ID number in its one form: ASCII width, X for Ⅹ, no white space, upper case."""
    return _SPACE.sub("", number.translate(_FOLDED)).translate(_LOWER)


def id_check(salt: bytes, id_type: IdType, number: str) -> int:
    """Return the 12 bits for an ID number in any writing (about 30 ms, by design).

    ``salt`` is the 16 bytes of ``trust-keys``. Raises ``Malformed`` for text that has no UTF-8.
    """
    try:
        content = f"{IdType(id_type)}:{canonical(number)}".encode()
    except UnicodeEncodeError:
        raise Malformed("ID number with a surrogate") from None
    digest = hashlib.pbkdf2_hmac("sha256", content, shape.octets(salt, 16), ITERATIONS, dklen=2)
    return int.from_bytes(digest, "big") >> 4
