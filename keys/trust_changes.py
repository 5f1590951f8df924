"""What may change from one version of ``trust/keys`` to the next: values in, values out.

Each function returns a draft; it counts only after ``keys.trust_bundle`` gave it a version and root keys
signed it. All changes go one way: keys are added, narrowed, retired, distrusted; no key is removed, widened
or revived.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from keys.errors import EpochStillOpen, UnlawfulSuccession
from signing.cose import Kind
from signing.custody import CUSTODIAN
from signing.log.checkpoint import LogPolicy
from signing.number import Profile
from signing.statement import MAX_ENTRY
from signing.trust import KeyEntry, TrustKeys

EPOCH_ENTRIES: Final = 50_000
NO_DAY: Final = date(1970, 1, 1)
"""Day 0, the ``last_on`` of keys that sign no certificates."""


def first_draft(environment: str, *, salt: bytes, profiles: Iterable[Profile], now: datetime) -> TrustKeys:
    """Return the draft that a register begins with: no keys, version 0.

    ``salt`` is 16 random bytes, for the register's whole life: another one would void every ID check.
    """
    return TrustKeys(
        environment=environment,
        version=0,
        made_at=whole_seconds(now),
        expires_at=whole_seconds(now),
        salt=salt,
        keys={},
        profiles={profile.code: profile for profile in profiles},
        tombstones={},
        honest={},
    )


def open_epochs(trust: TrustKeys) -> list[KeyEntry]:
    """Return the keys that may sign certificates, by block: the open epoch, perhaps the one after it."""
    keys = [key for key in _certificate_keys(trust) if not key.retired and key.key_id not in trust.tombstones]
    return sorted(keys, key=lambda key: key.first_entry)


def epoch_of(trust: TrustKeys, entry: int) -> KeyEntry | None:
    """Return the key that may sign this entry, ``None`` if its block is not opened, or is closed."""
    for key in open_epochs(trust):
        if key.first_entry <= entry <= key.last_entry:
            return key
    return None


def with_epoch(
    trust: TrustKeys, public: bytes, *, last_on: date, entries: int = EPOCH_ENTRIES, ahead: bool = False
) -> TrustKeys:
    """Add the certificate key of a new epoch; its block begins after the last block's end.

    ``last_on`` is the last 发证日期 the key may sign. One epoch is open at a time (``EpochStillOpen``);
    ``ahead`` lets one more wait behind it, so that a batch which crosses the block's end finds the next key.
    """
    require_room_for_epoch(trust, ahead=ahead)
    first = last_block_end(trust) + 1
    last = min(first + entries - 1, MAX_ENTRY)
    return _with_key(trust, KeyEntry(str(Kind.CERTIFICATE), public, first, last, last_on))


def require_room_for_epoch(trust: TrustKeys, *, ahead: bool) -> None:
    """Raise ``EpochStillOpen`` if an epoch is open or, for one opened ahead, if one is waiting already."""
    standing = open_epochs(trust)
    if len(standing) > (1 if ahead else 0):
        raise EpochStillOpen(standing[-1].key_id)


def with_status_key(trust: TrustKeys, public: bytes) -> TrustKeys:
    """Add a status key; the ones before it stay good until they are retired or distrusted."""
    return _with_key(trust, KeyEntry(str(Kind.STATUS), public, 0, 0, NO_DAY))


def with_custodian_key(trust: TrustKeys, public: bytes) -> TrustKeys:
    """Add a custodian key; the ones before it stay good until they are retired or distrusted."""
    return _with_key(trust, KeyEntry(CUSTODIAN, public, 0, 0, NO_DAY))


def with_log(trust: TrustKeys, log: LogPolicy) -> TrustKeys:
    """Add a public log, which is the one that grows from now on, or put other witnesses to the last one."""
    earlier = tuple(each for each in trust.logs if each.origin != log.origin)
    return replace(trust, logs=(*earlier, log))


def with_profiles(trust: TrustKeys, profiles: Iterable[Profile]) -> TrustKeys:
    """Add numbering profiles, or confirm assumed ones; a code is never given another meaning."""
    return replace(trust, profiles={**trust.profiles, **{profile.code: profile for profile in profiles}})


def retire(trust: TrustKeys, key_id: bytes, *, last_entry: int | None = None) -> TrustKeys:
    """Retire a key: it keeps verifying and signs no more. Raises ``UnknownKey``.

    For the last epoch, ``last_entry`` narrows its block to the last entry that was signed or voided, so that
    the next block goes on from there. That every number up to it is signed or voided is for the caller to
    know.
    """
    return _with_entry(trust, replace(_narrowed(trust, key_id, last_entry), retired=True))


def distrust(
    trust: TrustKeys, key_id: bytes, *, at: datetime, honest: Iterable[bytes], last_entry: int | None = None
) -> TrustKeys:
    """Distrust a key for ever: from now on it verifies nothing but the tokens in its honest list.

    ``honest`` are 16-byte digests (``signing.token.honest_digest``); called again, the list grows and the
    first instant stays. ``last_entry`` as in ``retire``. Raises ``UnknownKey``.
    """
    narrowed = _with_entry(trust, _narrowed(trust, key_id, last_entry))
    digests = trust.honest.get(key_id, frozenset()) | frozenset(honest)
    return replace(
        narrowed,
        tombstones={key_id: whole_seconds(at), **trust.tombstones},
        honest={**trust.honest, key_id: digests},
    )


def last_block_end(trust: TrustKeys) -> int:
    """Return the last entry of the last block, 0 before the first epoch."""
    return max((key.last_entry for key in _certificate_keys(trust)), default=0)


def whole_seconds(instant: datetime) -> datetime:
    """Return an aware instant in UTC, cut to seconds, as the formats hold it."""
    return instant.astimezone(UTC).replace(microsecond=0)


def _certificate_keys(trust: TrustKeys) -> list[KeyEntry]:
    return [key for key in trust.keys.values() if key.kind == Kind.CERTIFICATE]


def _narrowed(trust: TrustKeys, key_id: bytes, last_entry: int | None) -> KeyEntry:
    key = trust.key(key_id)
    if last_entry is None:
        return key
    if key.kind != Kind.CERTIFICATE or key.last_entry != last_block_end(trust):
        raise UnlawfulSuccession("only the last block can be narrowed: no key would own the rest")
    if not key.first_entry <= last_entry <= key.last_entry:
        raise UnlawfulSuccession(f"entry {last_entry} is not in the block of key {key_id.hex()}")
    return replace(key, last_entry=last_entry)


def _with_entry(trust: TrustKeys, key: KeyEntry) -> TrustKeys:
    return replace(trust, keys=_ordered({**trust.keys, key.key_id: key}))


def _with_key(trust: TrustKeys, key: KeyEntry) -> TrustKeys:
    if key.key_id in trust.keys or key.key_id in trust.tombstones:
        raise UnlawfulSuccession(f"key id {key.key_id.hex()} was used before")
    return _with_entry(trust, key)


def _ordered(keys: Mapping[bytes, KeyEntry]) -> dict[bytes, KeyEntry]:
    return {key_id: keys[key_id] for key_id in sorted(keys)}
