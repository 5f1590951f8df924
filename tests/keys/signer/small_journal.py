"""Entries for the tests of the journal."""

from hashlib import sha256

from keys.signer.history import SignedEntry


def signed(entry, number=None, content=None, corrects=None):
    """Return an entry; its number is its own unless one is given, its digest depends on ``content``."""
    number = f"{entry:04d}" if number is None else number
    digest = sha256(f"{entry} {content}".encode()).digest()
    return SignedEntry(entry, number.encode(), b"\x01\x02\x03\x04", digest, corrects)
