"""Metadata of the distribution, as far as every client reads it alike (formats.md §12, TUF specification §4).

Grammar, environment, keys, roles, and who signed. Nothing here says whether a file is current or belongs to
another: the root's own succession is in ``root_chain``, the rest is a full client's work.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from signing import canonical_json, ed25519, shape
from signing.ed25519 import PublicKey
from signing.errors import BadSignature, DistributionRefused, InadmissibleKey, Malformed, Refusal

ENVIRONMENT: Final = "x-certreg-environment"
MAX_SIGNATURES: Final = 64
MAX_KEYS: Final = 64
MAX_ROLE_KEYS: Final = 16

_MEMBERS: Final = {"_type", "spec_version", "version", "expires", ENVIRONMENT}
_SPEC_VERSION: Final = re.compile(r"1\.[0-9]{1,4}(\.[0-9]{1,4})?")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_KEY_ID: Final = re.compile(r"[0-9a-f]{8,64}")
_PUBLIC: Final = re.compile(r"[0-9a-f]{64}")
_SIGNATURE: Final = re.compile(r"[0-9a-f]{128}")


@dataclass(frozen=True, slots=True)
class Role:
    """Who may sign: admitted keys by key id, no public key twice, and how many of them must."""

    keys: Mapping[str, PublicKey]
    threshold: int


@dataclass(frozen=True, slots=True)
class Metadata:
    """One file of metadata, not verified yet. ``signed`` is its content, ``signatures`` by key id.

    ``name`` is the file's in ``public/``, for refusals; ``expires_at`` is aware, in UTC.
    """

    name: str
    version: int
    expires_at: datetime
    signed: Mapping[str, Any]
    signed_bytes: bytes
    signatures: Mapping[str, bytes]

    @classmethod
    def from_bytes(cls, data: bytes, *, name: str, kind: str, environment: str) -> "Metadata":
        """Read a file that must be of a kind (``root``, ``timestamp``, …) and of our environment.

        Raises ``DistributionRefused``: ``malformed_metadata`` or ``wrong_environment``.
        """
        try:
            content = _object(canonical_json.decode(data))
            _require(content.keys() == {"signed", "signatures"})
            signed = _object(content["signed"])
            _require(signed.keys() >= _MEMBERS and signed["_type"] == kind)
            _text(_SPEC_VERSION, signed["spec_version"])
            made_for = shape.environment(signed[ENVIRONMENT])
            read = cls(
                name=name,
                version=shape.integer(signed["version"], 1),
                expires_at=_instant(signed["expires"]),
                signed=signed,
                signed_bytes=canonical_json.encode(signed),
                signatures=_signatures(content["signatures"]),
            )
        except Malformed:
            raise DistributionRefused(Refusal.MALFORMED_METADATA, name) from None
        if made_for != environment:
            raise DistributionRefused(Refusal.WRONG_ENVIRONMENT, name)
        return read

    def require_signed_by(self, role: Role) -> None:
        """Raise ``threshold_not_met`` unless enough different keys of the role signed this."""
        signed = sum(self._is_signed_by(key_id, key) for key_id, key in role.keys.items())
        if signed < role.threshold:
            raise DistributionRefused(Refusal.THRESHOLD_NOT_MET, self.name)

    def role(self, name: str) -> Role:
        """Return a role of this root's; ``malformed_metadata`` if there is none that could serve."""
        try:
            keys, roles = _object(self.signed.get("keys")), _object(self.signed.get("roles"))
            _require(len(keys) <= MAX_KEYS)
            return _role(roles.get(name), {key_id: _public(key_id, key) for key_id, key in keys.items()})
        except (Malformed, InadmissibleKey):
            raise DistributionRefused(Refusal.MALFORMED_METADATA, self.name) from None

    def _is_signed_by(self, key_id: str, key: PublicKey) -> bool:
        if key_id not in self.signatures:
            return False
        try:
            key.verify(self.signatures[key_id], self.signed_bytes)
        except BadSignature:
            return False
        return True


def _role(value: Any, keys: Mapping[str, bytes]) -> Role:
    role = _object(value)
    key_ids = [_text(_KEY_ID, key_id) for key_id in shape.array(role.get("keyids"), 1, MAX_ROLE_KEYS)]
    _require(keys.keys() >= set(key_ids))
    # One key under two names would count twice.
    _require(len({keys[key_id] for key_id in key_ids}) == len(key_ids))
    threshold = shape.integer(role.get("threshold"), 1, len(key_ids))
    return Role({key_id: ed25519.admit(keys[key_id]) for key_id in key_ids}, threshold)


def _public(key_id: str, value: Any) -> bytes:
    key = _object(value)
    _text(_KEY_ID, key_id)
    _require(key.get("keytype") == "ed25519" and key.get("scheme") == "ed25519")
    return bytes.fromhex(_text(_PUBLIC, _object(key.get("keyval")).get("public")))


def _signatures(value: Any) -> dict[str, bytes]:
    items = [_object(item) for item in shape.array(value, 0, MAX_SIGNATURES)]
    _require(all(item.keys() == {"keyid", "sig"} for item in items))
    read = {_text(_KEY_ID, item["keyid"]): bytes.fromhex(_text(_SIGNATURE, item["sig"])) for item in items}
    _require(len(read) == len(items))
    return read


def _instant(value: Any) -> datetime:
    text = _text(_INSTANT, value)
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Malformed("not an instant") from None


def _object(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise Malformed("not an object")
    return value


def _text(pattern: re.Pattern[str], value: Any) -> str:
    if type(value) is not str or not pattern.fullmatch(value):
        raise Malformed("not a text of this form")
    return value


def _require(holds: bool) -> None:
    if not holds:
        raise Malformed("not the grammar of metadata")
