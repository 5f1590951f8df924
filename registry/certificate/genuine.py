"""Whether a stored token is what it should be: signed by a key that might, over the bytes of its own entry.

A status is one word in a row, and anybody who writes into the database can write it; so nothing is released, and
nothing told to the public as released, that has no such token.
"""

from signing.cose import SIGNATURE_SIZE
from signing.errors import KeyDistrusted, SigningError
from signing.signed_bytes import statement_of_signed_bytes, token_of_signed_bytes
from signing.token import open_token
from signing.trust import TrustKeys


def is_genuine(entry: int, to_be_signed: bytes | None, token: bytes | None, trust: TrustKeys) -> bool:
    """Say whether the token verifies under ``trust``, and is over the bytes that are stored for this entry."""
    try:
        return _holds(entry, to_be_signed, token, trust)
    except SigningError:
        return False


def was_signed(entry: int, to_be_signed: bytes | None, token: bytes | None, trust: TrustKeys) -> bool:
    """Say the same, but let a token pass whose key is distrusted by now: verifiers refuse it for that."""
    try:
        return _holds(entry, to_be_signed, token, trust)
    except KeyDistrusted:
        return True
    except SigningError:
        return False


def _holds(entry: int, to_be_signed: bytes | None, token: bytes | None, trust: TrustKeys) -> bool:
    # Whoever writes into a database without strict types can put anything there.
    if not isinstance(to_be_signed, bytes) or not isinstance(token, bytes):
        return False
    if statement_of_signed_bytes(to_be_signed).entry != entry:
        return False
    if token != token_of_signed_bytes(to_be_signed, token[-SIGNATURE_SIZE:]):
        return False
    open_token(token, trust)
    return True
