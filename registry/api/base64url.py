"""Base64url (RFC 4648 §5) as it is written and read at every place of the API: unpadded, or padded as it should be."""

import base64


def encode(content: bytes) -> str:
    """Return the text, unpadded."""
    return base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")


def decode(text: str) -> bytes:
    """Return the bytes; raise ``ValueError`` for what ``encode`` would not write, its right padding apart."""
    bare = text.rstrip("=")
    padded = bare + "=" * (-len(bare) % 4)
    try:
        found = base64.b64decode(padded, altchars=b"-_", validate=True)
    except ValueError:
        raise ValueError("not base64url") from None
    if text not in (bare, padded) or encode(found) != bare:
        raise ValueError("not base64url")
    return found
