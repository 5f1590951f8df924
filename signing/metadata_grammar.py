"""The grammar of each kind of metadata (formats.md §12): what is in it, in which bounds.

TUF and its libraries leave room: other algorithms, members that may be there or not, names that a path could
be made of. What is not exactly of this grammar is refused before any client works with it, so that two clients
can not see two things in it. Members that nobody here knows are allowed, and ignored.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from signing import ed25519, shape
from signing.ed25519 import PublicKey
from signing.errors import Malformed
from signing.root_mldsa import METADATA_MEMBER, MldsaKeys

TOP_LEVEL: Final = ("root", "targets", "snapshot", "timestamp")
DELEGATED: Final = ("names", "status")
MAX_KEYS: Final = 64
MAX_ROLE_KEYS: Final = 16

_IN_SNAPSHOT: Final = {f"{role}.json" for role in ("targets", *DELEGATED)}
_KEY_ID: Final = re.compile(r"[0-9a-f]{8,64}")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_ROLE_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_PATTERN: Final = re.compile(r"[A-Za-z0-9._/*-]{1,256}")


@dataclass(frozen=True, slots=True)
class Role:
    """Who may sign: admitted keys by key id, no public key twice, and how many of them must."""

    keys: Mapping[str, PublicKey]
    threshold: int


def require_grammar(kind: str, signed: Mapping[str, Any]) -> None:
    """Raise ``Malformed`` or ``InadmissibleKey`` unless the content is of its kind's grammar."""
    _GRAMMARS[kind](signed)


def role_of(signed: Mapping[str, Any], name: str) -> Role:
    """Return a top-level role of a root; errors as ``require_grammar``."""
    return _role(object_of(signed.get("roles")).get(name), _keys(signed.get("keys")))


def mldsa_of(signed: Mapping[str, Any]) -> MldsaKeys | None:
    """Return the ML-DSA-44 keys that a root names, ``None`` if it names none; errors as ``require_grammar``."""
    if METADATA_MEMBER not in signed:
        return None
    named = MldsaKeys.from_json(signed[METADATA_MEMBER])
    require(named.of_holder.keys() <= {key.public for key in role_of(signed, "root").keys.values()})
    return named


def object_of(value: Any) -> dict[str, Any]:
    """Require an object."""
    if type(value) is not dict:
        raise Malformed("not an object")
    return value


def text_of(pattern: re.Pattern[str], value: Any) -> str:
    """Require a text of a form."""
    if type(value) is not str or not pattern.fullmatch(value):
        raise Malformed("not a text of this form")
    return value


def key_id_of(value: Any) -> str:
    """Require a key id: 8 to 64 hexadecimal digits."""
    return text_of(_KEY_ID, value)


def require(holds: bool) -> None:
    """Raise ``Malformed`` unless this holds."""
    if not holds:
        raise Malformed("not the grammar of metadata")


def _root(signed: Mapping[str, Any]) -> None:
    require(object_of(signed.get("roles")).keys() == set(TOP_LEVEL))
    require(signed.get("consistent_snapshot") is True)
    for name in TOP_LEVEL:
        role_of(signed, name)
    mldsa_of(signed)


def _timestamp(signed: Mapping[str, Any]) -> None:
    meta = object_of(signed.get("meta"))
    require(meta.keys() == {"snapshot.json"})
    _meta(meta["snapshot.json"])


def _snapshot(signed: Mapping[str, Any]) -> None:
    meta = object_of(signed.get("meta"))
    require(meta.keys() >= _IN_SNAPSHOT)
    for described in meta.values():
        _meta(described)


def _targets(signed: Mapping[str, Any]) -> None:
    for described in object_of(signed.get("targets")).values():
        _sha256(object_of(described).get("hashes"))
        shape.integer(described.get("length"))
    if "delegations" in signed:
        delegations = object_of(signed["delegations"])
        require("succinct_roles" not in delegations)
        keys, roles = _keys(delegations.get("keys")), shape.array(delegations.get("roles"), 0, MAX_KEYS)
        names = [_delegated(role, keys) for role in roles]
        require(len(set(names)) == len(names))


def _delegated(value: Any, keys: Mapping[str, bytes]) -> str:
    """Require a role that others delegate to; return its name."""
    role = object_of(value)
    _role(role, keys)
    require(type(role.get("terminating")) is bool and "path_hash_prefixes" not in role)
    for pattern in shape.array(role.get("paths")):
        text_of(_PATTERN, pattern)
    name = text_of(_ROLE_NAME, role.get("name"))
    require(name not in TOP_LEVEL)
    return name


def _role(value: Any, keys: Mapping[str, bytes]) -> Role:
    role = object_of(value)
    key_ids = [key_id_of(key_id) for key_id in shape.array(role.get("keyids"), 1, MAX_ROLE_KEYS)]
    require(keys.keys() >= set(key_ids))
    # One key under two names would count twice.
    require(len({keys[key_id] for key_id in key_ids}) == len(key_ids))
    threshold = shape.integer(role.get("threshold"), 1, len(key_ids))
    return Role({key_id: ed25519.admit(keys[key_id]) for key_id in key_ids}, threshold)


def _keys(value: Any) -> dict[str, bytes]:
    keys = object_of(value)
    require(len(keys) <= MAX_KEYS)
    return {key_id_of(key_id): _public(key) for key_id, key in keys.items()}


def _public(value: Any) -> bytes:
    key = object_of(value)
    require(key.get("keytype") == "ed25519" and key.get("scheme") == "ed25519")
    return bytes.fromhex(text_of(_HEX, object_of(key.get("keyval")).get("public")))


def _meta(value: Any) -> None:
    """Require what is said of another file of metadata: its version, and maybe its length and hash."""
    meta = object_of(value)
    shape.integer(meta.get("version"), 1)
    if "length" in meta:
        shape.integer(meta["length"])
    if "hashes" in meta:
        _sha256(meta["hashes"])


def _sha256(value: Any) -> None:
    hashes = object_of(value)
    require(hashes.keys() == {"sha256"})
    text_of(_HEX, hashes["sha256"])


_GRAMMARS: Final[dict[str, Callable[[Mapping[str, Any]], None]]] = {
    "root": _root,
    "timestamp": _timestamp,
    "snapshot": _snapshot,
    "targets": _targets,
}
