"""One line of the signer's journal, in ASCII, fields parted by single spaces:

    ENTRY NUMBER KEYID DIGEST CORRECTED CHAIN

entry in decimal; number, key id and SHA-256 of the signed bytes in hex; the corrected entry in decimal or
``-``; the first 16 bytes of SHA-256 over the chain value before, a line feed and the line up to here, in hex.
"""

from __future__ import annotations

import re
from binascii import unhexlify
from hashlib import sha256
from typing import Final

from keys.signer.history import SignedEntry

FIRST_CHAIN: Final = b"0" * 32

_LINE: Final = re.compile(
    rb"(([1-9][0-9]*) ((?:[0-9a-f]{2})+) ([0-9a-f]{8}) ([0-9a-f]{64}) (-|[1-9][0-9]*)) ([0-9a-f]{32})"
)


def write(signed: SignedEntry, *, after: bytes) -> tuple[bytes, bytes]:
    """Return the line with its line feed, and its chain value; ``after`` is the chain value before."""
    corrects = "-" if signed.corrects is None else signed.corrects
    text = f"{signed.entry} {signed.number.hex()} {signed.key_id.hex()} {signed.digest.hex()} {corrects}"
    line = text.encode("ascii")
    chain = _chain(after, line)
    return b"%b %b\n" % (line, chain), chain


def read(line: bytes, *, after: bytes) -> tuple[SignedEntry, bytes] | None:
    """Return what a line (without its line feed) says, and its chain value.

    ``None`` stands for a line that ``write`` never wrote after that chain value.
    """
    fields = _LINE.fullmatch(line)
    if fields is None:
        return None
    text, entry, number, key_id, digest, corrects, chain = fields.groups()
    if chain != _chain(after, text):
        return None
    corrected = None if corrects == b"-" else int(corrects)
    return SignedEntry(int(entry), unhexlify(number), unhexlify(key_id), unhexlify(digest), corrected), chain


def _chain(after: bytes, text: bytes) -> bytes:
    return sha256(b"%b\n%b" % (after, text)).hexdigest()[:32].encode()
