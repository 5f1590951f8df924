"""Bytes as text in addresses, headers and files: base64url without padding."""

import base64


def encode_base64url(content: bytes) -> str:
    """Return the text of bytes."""
    return base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")


def decode_base64url(text: str) -> bytes:
    """Return the bytes of a text, which may be padded. Raises ``ValueError``."""
    text = text.rstrip("=")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
