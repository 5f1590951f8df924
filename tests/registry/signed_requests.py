"""Requests signed as RFC 9421 says, written out by hand: the register's verifier and its library are not used."""

import base64
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signing.cose import key_id

COVERED_ALWAYS = ("@method", "@authority", "@path", "@query")
COVERED_IF_SENT = (
    "content-digest",
    "content-type",
    "content-length",
    "content-encoding",
    "idempotency-key",
    "submission-signature",
)


def content_digest(content: bytes, algorithm: str = "sha-256") -> str:
    """Return the value of Content-Digest (RFC 9530)."""
    digest = hashlib.new(algorithm.replace("-", ""), content).digest()
    return f"{algorithm}=:{base64.b64encode(digest).decode()}:"


def component(name: str, method: str, url: str, headers: Mapping[str, str]) -> str:
    """Return the value of a component (RFC 9421 2.1, 2.2)."""
    parts = urlsplit(url)
    derived = {
        "@method": method,
        "@authority": parts.netloc.lower(),
        "@path": parts.path or "/",
        "@query": f"?{parts.query}",
    }
    return derived[name] if name in derived else headers[name].strip()


def signature_base(lines: Iterable[tuple[str, str]], parameters: str) -> str:
    """Return the signature base (RFC 9421 2.5)."""
    return "".join(f'"{name}": {value}\n' for name, value in lines) + f'"@signature-params": {parameters}'


def signed_headers(
    method: str,
    url: str,
    content: bytes,
    key: Ed25519PrivateKey,
    *,
    environment: str,
    now: datetime,
    headers: Mapping[str, str] | None = None,
    components: Iterable[str] | None = None,
    label: str = "sig1",
    **parameters: object,
) -> dict[str, str]:
    """Return the headers of a request with its signature; ``components`` and ``parameters`` may be wrong on purpose.

    A parameter that is ``None`` is left out.
    """
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    if content:
        sent.setdefault("content-digest", content_digest(content))
        sent.setdefault("content-length", str(len(content)))
    covered = list(components or [*COVERED_ALWAYS, *(name for name in COVERED_IF_SENT if name in sent)])
    public = key.public_key().public_bytes_raw()
    values: dict[str, object] = {
        "created": int(now.timestamp()),
        "keyid": key_id(public).hex(),
        "alg": "ed25519",
        "nonce": secrets.token_urlsafe(16),
        "tag": f"certreg-api/{environment}",
        **parameters,
    }
    said = "".join(
        f";{name}={value}" if isinstance(value, int) else f';{name}="{value}"'
        for name, value in values.items()
        if value is not None
    )
    named = " ".join(f'"{name}"' for name in covered)
    given = f"({named}){said}"
    base = signature_base([(name, component(name, method, url, sent)) for name in covered], given)
    signature = base64.b64encode(key.sign(base.encode())).decode()
    return {**sent, "signature-input": f"{label}={given}", "signature": f"{label}=:{signature}:"}
