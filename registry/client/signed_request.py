"""A request with its signature (RFC 9421), as ``docs/api.md`` says. Each attempt is signed anew, with a new nonce."""

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from http_message_signatures import (
    HTTPMessageSigner,
    HTTPSignatureAlgorithm,
    HTTPSignatureKeyResolver,
)

from registry.client.key_files import ClientKey

ALWAYS: Final = ("@method", "@authority", "@path", "@query")
WITH_CONTENT: Final = ("content-digest", "content-type", "content-length")
IF_SENT: Final = ("idempotency-key", "submission-signature")
LABEL: Final = "sig1"


class Request:
    """What is asked; in the form that the library reads and signs.

    ``url`` is absolute and encoded as it will be sent. ``headers`` gets length and digest of the content.
    """

    def __init__(self, method: str, url: str, content: bytes = b"", headers: Mapping[str, str] | None = None):
        self.method = method
        self.url = url
        self.content = content
        self.headers: dict[str, str] = {name.lower(): value for name, value in (headers or {}).items()}
        if content:
            self.headers["content-length"] = str(len(content))
            self.headers["content-digest"] = digest_header(content)

    @property
    def covered(self) -> tuple[str, ...]:
        """What the signature covers."""
        sent = (*(WITH_CONTENT if self.content else ()), *IF_SENT)
        return (*ALWAYS, *(name for name in sent if name in self.headers))


def digest_header(content: bytes) -> str:
    """Return the value of ``Content-Digest`` (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(sha256(content).digest()).decode()}:"


def signed_headers(request: Request, key: ClientKey, *, environment: str, now: datetime) -> dict[str, str]:
    """Return the request's headers with a new signature of this key, for the API of this environment."""
    attempt = Request(request.method, request.url, request.content, request.headers)
    signer = HTTPMessageSigner(signature_algorithm=_Ed25519, key_resolver=_OneKey(key))
    signer.sign(
        attempt,
        key_id=key.key_id.hex(),
        created=now,
        nonce=secrets.token_urlsafe(24),
        label=LABEL,
        tag=f"certreg-api/{environment}",
        covered_component_ids=attempt.covered,
        # Ours, by sha-256 and made from the content in hand.
        use_existing_digest=bool(attempt.content),
    )
    return attempt.headers


class _Ed25519(HTTPSignatureAlgorithm):
    """The key itself, in the place where the library asks for an algorithm."""

    algorithm_id = "ed25519"

    def __init__(self, public_key: None = None, private_key: ClientKey | None = None) -> None:
        self._key = private_key

    def sign(self, message: bytes) -> bytes:
        if self._key is None:
            raise ValueError("nothing is signed without a key")
        return self._key.sign(message)


class _OneKey(HTTPSignatureKeyResolver):
    """The one key of this side."""

    def __init__(self, key: ClientKey) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Any:
        return self._key
