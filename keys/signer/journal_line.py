"""One line of the signer's journal, in ASCII, fields parted by single spaces:

    ENTRY NUMBER KEYID DIGEST CORRECTED CHAIN

entry in decimal; number, key id and SHA-256 of the signed bytes in hex; the corrected entry in decimal or
``-``; the first 16 bytes of SHA-256 over the chain value before, a line feed and the line up to here, in hex.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

from keys.signer.history import SignedEntry

FIRST_CHAIN: Final = "0" * 32

_LINE: Final = re.compile(
    r"(([1-9][0-9]*) ((?:[0-9a-f]{2})+) ([0-9a-f]{8}) ([0-9a-f]{64}) (-|[1-9][0-9]*)) ([0-9a-f]{32})"
)


def write(signed: SignedEntry, *, after: str) -> tuple[bytes, str]:
    """Return the line with its line feed, and its chain value; ``after`` is the chain value before."""
    corrects = "-" if signed.corrects is None else str(signed.corrects)
    text = f"{signed.entry} {signed.number.hex()} {signed.key_id.hex()} {signed.digest.hex()} {corrects}"
    chain = _chain(after, text)
    return f"{text} {chain}\n".encode("ascii"), chain


def read(line: bytes, *, after: str) -> tuple[SignedEntry, str] | None:
    """Return what a line (without its line feed) says, and its chain value.

    ``None`` stands for a line that ``write`` never wrote after that chain value.
    """
    fields = _LINE.fullmatch(line.decode("ascii", errors="replace"))
    if fields is None or fields[7] != _chain(after, fields[1]):
        return None
    corrects = None if fields[6] == "-" else int(fields[6])
    number, key_id, digest = (bytes.fromhex(fields[place]) for place in (3, 4, 5))
    return SignedEntry(int(fields[2]), number, key_id, digest, corrects), fields[7]


def _chain(after: str, text: str) -> str:
    return sha256(f"{after}\n{text}".encode("ascii")).hexdigest()[:32]
