"""Reading ``Signature-Input`` and ``Signature`` (RFC 9421 §4), and what this API asks of them.

One signature, any label. Its parameters are ``created``, ``nonce``, ``keyid``, ``alg`` and ``tag``, all needed, and
``expires`` if the client likes. What it covers is decided here and nowhere else (``required_components``).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import http_sf

from registry.access.errors import RequestNotSigned, SignatureFault
from registry.api.signatures.message import Message

ALGORITHM: Final = "ed25519"
DERIVED: Final = ("@method", "@authority", "@path", "@query")
# Covered whenever they are sent: the first with content alone, the others always.
OF_CONTENT: Final = ("content-digest", "content-type", "content-length", "content-encoding")
OF_REQUEST: Final = ("idempotency-key", "submission-signature")
MOST_COMPONENTS: Final = 32
NEEDED: Final[dict[str, type]] = {"created": int, "nonce": str, "keyid": str, "alg": str, "tag": str}
OPTIONAL: Final[dict[str, type]] = {"expires": int}

KEY_ID = re.compile(r"[0-9a-f]{8}")
NONCE = re.compile(r"[\x21-\x7e]{16,64}")
# Instants that a clock can show.
LAST_SECOND: Final = 253402300799
WINDOW: Final = timedelta(seconds=300)


def tag_for(environment: str) -> str:
    """Return the tag that ties a signature to this API of this environment."""
    return f"certreg-api/{environment}"


@dataclass(frozen=True, slots=True)
class SignatureInput:
    """The one signature of a request as it says it was made; ``expires`` is ``None`` if it does not say."""

    components: tuple[str, ...]
    created: datetime
    expires: datetime | None
    key_id: bytes
    nonce: str

    @property
    def valid_until(self) -> datetime:
        """The last moment at which it is taken."""
        latest = self.created + WINDOW
        return latest if self.expires is None else min(latest, self.expires)


def read_signature_input(message: Message, *, environment: str, now: datetime) -> SignatureInput:
    """Return what the request's signature says of itself, if that is what this API asks for.

    Nothing of it is true before the signature was verified. Raises ``RequestNotSigned``.
    """
    # 1. Is there one signature, and can it be read?
    components, parameters = _only_signature(message)
    # 2. Does it say what it must, in the right form?
    _require_parameters(parameters)
    # 3. Was it made for this API?
    if parameters["tag"] != tag_for(environment):
        why = f'the parameter tag must be "{tag_for(environment)}": this register is of the environment {environment}'
        raise RequestNotSigned(SignatureFault.WRONG_TAG, why)
    # 4. Does it cover all that matters?
    _require_components(message, components)
    found = SignatureInput(
        components,
        _instant(parameters["created"], "created"),
        _instant(parameters["expires"], "expires") if "expires" in parameters else None,
        bytes.fromhex(parameters["keyid"]),
        parameters["nonce"],
    )
    # 5. Was it made just now?
    _require_fresh(found, now=now)
    return found


def required_components(message: Message) -> tuple[str, ...]:
    """Return what a signature of this request must cover."""
    content = [name for name in OF_CONTENT if name in message.headers] if message.has_body else []
    if message.has_body and "content-digest" not in content:
        content.insert(0, "content-digest")
    return (*DERIVED, *content, *(name for name in OF_REQUEST if name in message.headers))


def _malformed(why: str) -> RequestNotSigned:
    return RequestNotSigned(SignatureFault.MALFORMED, why)


def _dictionary(message: Message, name: str) -> dict[str, Any]:
    def refuse(key: str, context: str) -> None:
        if context == "dictionary":
            raise ValueError(key)

    text = message.headers.get(name.lower(), "")
    try:
        found = http_sf.parse(text.encode("latin-1", "replace"), tltype="dictionary", on_duplicate_key=refuse)
    except (ValueError, TypeError, KeyError):
        raise _malformed(f"the header {name} is no dictionary of RFC 8941, or has a label twice") from None
    return found if isinstance(found, dict) else {}


def _only_signature(message: Message) -> tuple[tuple[str, ...], dict[str, Any]]:
    inputs, signatures = _dictionary(message, "Signature-Input"), _dictionary(message, "Signature")
    if not inputs or not signatures:
        why = "sign the request by RFC 9421: the headers Signature-Input and Signature are needed"
        raise RequestNotSigned(SignatureFault.MISSING, why)
    if len(inputs) > 1 or len(signatures) > 1:
        why = "send one signature; several in one request are not read"
        raise RequestNotSigned(SignatureFault.TWO_SIGNATURES, why)
    if inputs.keys() != signatures.keys():
        raise _malformed("Signature-Input and Signature have different labels")
    ((items, parameters),) = inputs.values()
    ((signature, _),) = signatures.values()
    if not isinstance(items, list) or not isinstance(signature, bytes):
        raise _malformed(
            "Signature-Input holds a list in parentheses, Signature a value between colons (base64)"
        )
    return _plain(items), dict(parameters)


def _plain(items: list[tuple[Any, dict[str, Any]]]) -> tuple[str, ...]:
    if len(items) > MOST_COMPONENTS:
        raise _malformed(f"more than {MOST_COMPONENTS} components are covered")
    for name, parameters in items:
        if not isinstance(name, str) or parameters:
            raise _malformed(
                "cover whole components, named in quotes and without parameters such as ;key or ;sf"
            )
        if name.startswith("@") and name not in DERIVED:
            why = f"of what is derived, cover {', '.join(DERIVED)} and nothing else: a proxy may change the rest"
            raise _malformed(why)
    return tuple(name for name, _ in items)


def _require_parameters(parameters: dict[str, Any]) -> None:
    known = NEEDED | OPTIONAL
    missing = [name for name in NEEDED if name not in parameters]
    if missing:
        raise _malformed(f"parameters of the signature are missing: {', '.join(missing)}")
    strange = [name for name in parameters if name not in known]
    if strange:
        raise _malformed(f"parameters that are not known here: {', '.join(strange)[:100]}")
    for name, value in parameters.items():
        # A bool is an int to Python.
        if type(value) is not known[name]:
            raise _malformed(
                f"the parameter {name} is {'a number' if known[name] is int else 'a text in quotes'}"
            )
    if parameters["alg"] != ALGORITHM:
        raise _malformed(f'the parameter alg must be "{ALGORITHM}"')
    if not KEY_ID.fullmatch(parameters["keyid"]):
        raise _malformed("keyid is the key's id: 8 hex digits in lower case")
    if not NONCE.fullmatch(parameters["nonce"]):
        raise _malformed(
            "nonce has 16 to 64 visible characters; make it from a random generator for each request"
        )


def _require_components(message: Message, components: tuple[str, ...]) -> None:
    missing = [name for name in required_components(message) if name not in components]
    if missing:
        why = f"the signature must cover: {', '.join(missing)}"
        raise RequestNotSigned(SignatureFault.COMPONENT_MISSING, why, missing=missing)
    absent = [name for name in components if not name.startswith("@") and name not in message.headers]
    if absent:
        raise _malformed(f"the signature covers headers that did not arrive: {', '.join(absent)[:200]}")


def _instant(seconds: int, name: str) -> datetime:
    if not 0 <= seconds <= LAST_SECOND:
        raise _malformed(f"{name} is a Unix time in whole seconds")
    return datetime.fromtimestamp(seconds, UTC)


def _require_fresh(found: SignatureInput, *, now: datetime) -> None:
    clock = f"the register's clock says {int(now.timestamp())}, created is {int(found.created.timestamp())}"
    if found.created < now - WINDOW:
        why = f"the signature is older than {WINDOW.seconds} s; sign anew, and check your clock: {clock}"
        raise RequestNotSigned(SignatureFault.TOO_OLD, why)
    if found.created > now + WINDOW:
        why = f"the signature is from a time to come; set your clock: {clock}"
        raise RequestNotSigned(SignatureFault.FROM_THE_FUTURE, why)
    if found.expires is not None and found.expires <= now:
        why = f"the signature's own time, expires={int(found.expires.timestamp())}, is over; {clock}"
        raise RequestNotSigned(SignatureFault.EXPIRED, why)
