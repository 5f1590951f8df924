"""Metadata of the distribution, as every client reads it (formats.md §12, TUF specification §4).

Grammar, environment, and who signed. Nothing here says whether a file is current or belongs to another: the
root's own succession is in ``root_chain``, the rest is a full client's work.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from signing import canonical_json, shape
from signing.ed25519 import PublicKey
from signing.errors import BadSignature, DistributionRefused, InadmissibleKey, Malformed, Refusal
from signing.metadata_grammar import Role, key_id_of, object_of, require, require_grammar, role_of, text_of
from signing.root_mldsa import MldsaKeys, may_follow

ENVIRONMENT: Final = "x-certreg-environment"
MAX_BYTES: Final = 64 * 2**10
MAX_SIGNATURES: Final = 64

_MEMBERS: Final = {"_type", "spec_version", "version", "expires", ENVIRONMENT}
_SPEC_VERSION: Final = re.compile(r"1\.[0-9]{1,4}(\.[0-9]{1,4})?")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
# Of Ed25519, and of ML-DSA-44 where a root names such keys.
_SIGNATURE: Final = re.compile(r"[0-9a-f]{128}|[0-9a-f]{4840}")


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
            content = object_of(canonical_json.decode(data))
            require(content.keys() == {"signed", "signatures"})
            signed = object_of(content["signed"])
            require(signed.keys() >= _MEMBERS and signed["_type"] == kind)
            text_of(_SPEC_VERSION, signed["spec_version"])
            require_grammar(kind, signed)
            made_for = shape.environment(signed[ENVIRONMENT])
            read = cls(
                name=name,
                version=shape.integer(signed["version"], 1),
                expires_at=_instant(signed["expires"]),
                signed=signed,
                signed_bytes=canonical_json.encode(signed),
                signatures=_signatures(content["signatures"]),
            )
        except (Malformed, InadmissibleKey):
            raise DistributionRefused(Refusal.MALFORMED_METADATA, name) from None
        if made_for != environment:
            raise DistributionRefused(Refusal.WRONG_ENVIRONMENT, name)
        return read

    def require_signed_by(self, role: Role) -> None:
        """Raise ``threshold_not_met`` unless enough different keys of the role signed this."""
        signed = sum(self._is_signed_by(key_id, key) for key_id, key in role.keys.items())
        if signed < role.threshold:
            raise DistributionRefused(Refusal.THRESHOLD_NOT_MET, self.name)

    def require_mldsa(self, before: MldsaKeys | None, own: MldsaKeys | None) -> None:
        """Raise ``threshold_not_met`` unless this root, naming ``own`` keys, may follow one that names ``before``."""
        if not may_follow(before, own, self.signed_bytes, self.signatures):
            raise DistributionRefused(Refusal.THRESHOLD_NOT_MET, self.name)

    def role(self, name: str) -> Role:
        """Return a role of this root's."""
        return role_of(self.signed, name)

    def _is_signed_by(self, key_id: str, key: PublicKey) -> bool:
        if key_id not in self.signatures:
            return False
        try:
            key.verify(self.signatures[key_id], self.signed_bytes)
        except BadSignature:
            return False
        return True


def _signatures(value: Any) -> dict[str, bytes]:
    items = [object_of(item) for item in shape.array(value, 0, MAX_SIGNATURES)]
    require(all(item.keys() == {"keyid", "sig"} for item in items))
    read = {key_id_of(item["keyid"]): bytes.fromhex(text_of(_SIGNATURE, item["sig"])) for item in items}
    require(len(read) == len(items))
    return read


def _instant(value: Any) -> datetime:
    text = text_of(_INSTANT, value)
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Malformed("not an instant") from None
