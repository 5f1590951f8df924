"""Bytes as text in addresses and headers: base64url without padding."""

import base64


def encode_base64url(content: bytes) -> str:
    """Return the text of bytes."""
    return base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")
