"""When one version of the trust bundle may follow another: distrust is for ever, nothing is taken back or
widened.

Elsewhere, forged passes became valid again because the list of withdrawn keys went back to an older version.
Here every new version is compared with the one before it, before any root or custodian key signs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from keys.errors import UnlawfulSuccession
from keys.trust_changes import NO_DAY
from signing.cose import Kind
from signing.custody import CUSTODIAN, THRESHOLD
from signing.log.checkpoint import LogPolicy
from signing.number import Profile
from signing.root import Root
from signing.statement import MAX_ENTRY
from signing.trust import KeyEntry, TrustKeys, TrustNames

PUBLISHED_KINDS: Final = (Kind.CERTIFICATE, Kind.STATUS, CUSTODIAN)


def require_lawful_keys(previous: TrustKeys | None, proposed: TrustKeys, root: Root) -> None:
    """Raise ``UnlawfulSuccession`` unless ``proposed`` may follow ``previous`` (``None``: it is first)."""
    # 1. The same register, one version on, and not expired when it is made?
    _require(proposed.environment == root.environment, "environment is not the root's")
    _require_next_version(previous, proposed)
    _require(proposed.made_at < proposed.expires_at, "expires before it is made")
    # 2. Does each new key stand on its own, and is none of them a root key or one that was distrusted?
    known = previous.keys if previous else {}
    for key_id, key in proposed.keys.items():
        if key_id not in known:
            _require_new_key(key, proposed, root)
    # 3. Do no two blocks share an entry?
    _require_disjoint_blocks(proposed)
    # 4. Is every honest list one of a distrusted key?
    _require(proposed.honest.keys() <= proposed.tombstones.keys(), "honest list of a key in good standing")
    if previous is not None:
        _require_nothing_taken_back(previous, proposed)


def require_lawful_names(previous: TrustNames | None, proposed: TrustNames, *, environment: str) -> None:
    """Raise ``UnlawfulSuccession`` unless every name stays as it was: a renaming is a new code."""
    _require(proposed.environment == environment, "environment is not the register's")
    _require_next_version(previous, proposed)
    if previous is None:
        return
    _require(previous.made_at <= proposed.made_at, "made before the last version")
    _require(previous.issuers.items() <= proposed.issuers.items(), "issuer removed or renamed")
    _require(previous.occupations.items() <= proposed.occupations.items(), "occupation removed or renamed")
    _require(previous.directions.items() <= proposed.directions.items(), "direction removed or renamed")


def _require_next_version(previous: TrustKeys | TrustNames | None, proposed: TrustKeys | TrustNames) -> None:
    expected = previous.version + 1 if previous else 1
    _require(proposed.version == expected, f"version is {proposed.version}, not {expected}")


def _require_nothing_taken_back(previous: TrustKeys, proposed: TrustKeys) -> None:
    # 5. Same salt, no step back in time?
    _require(previous.salt == proposed.salt, "salt changed: every ID check would be void")
    _require(previous.made_at <= proposed.made_at, "made before the last version")
    # 6. Is every key still there, nowhere wider?
    for key_id, key in previous.keys.items():
        _require_kept_key(key, proposed.keys.get(key_id))
    # 7. Does every profile still mean the same?
    for code, profile in previous.profiles.items():
        _require(_same_meaning(profile, proposed.profiles), f"profile {code} removed or changed")
    # 8. Does every tombstone stand, and has no honest list lost a digest?
    _require(previous.tombstones.items() <= proposed.tombstones.items(), "tombstone removed or changed")
    for key_id, digests in previous.honest.items():
        kept = proposed.honest.get(key_id, frozenset())
        _require(digests <= kept, f"honest list of key {key_id.hex()} lost a digest")
    # 9. Do the new blocks come after all blocks that were?
    end = max((key.last_entry for key in proposed.keys.values() if key.key_id in previous.keys), default=0)
    for key_id, key in proposed.keys.items():
        if key_id not in previous.keys and key.kind == Kind.CERTIFICATE:
            _require(key.first_entry > end, f"block of key {key_id.hex()} begins before the last one's end")
    # 10. Is every log still there, in its place, and does every key of it still count?
    _require_kept_logs(previous.logs, proposed.logs)
    # 11. Are there still custodians enough to sign the names?
    enough = len(proposed.custodians) >= THRESHOLD or len(previous.custodians) < THRESHOLD
    _require(enough, f"fewer than {THRESHOLD} custodian keys would be left: others must come first")


def _require_kept_logs(previous: Sequence[LogPolicy], proposed: Sequence[LogPolicy]) -> None:
    origins = [log.origin for log in proposed]
    _require(len(set(origins)) == len(origins), "one log named twice")
    _require(origins[: len(previous)] == [log.origin for log in previous], "public log removed or moved")
    for kept, log in zip(previous, proposed, strict=False):
        _require(
            set(kept.keys) <= set(log.keys), f"log {log.origin} lost a key: its checkpoints would be void"
        )


def _require_new_key(key: KeyEntry, proposed: TrustKeys, root: Root) -> None:
    name = key.key_id.hex()
    _require(key.key_id not in proposed.tombstones, f"key {name} was distrusted and can not return")
    _require(key.public not in root.keys, f"key {name} is a root key")
    _require(key.kind in PUBLISHED_KINDS, f"key {name} is of unknown kind {key.kind!r}")
    if key.kind == Kind.CERTIFICATE:
        _require(1 <= key.first_entry <= key.last_entry <= MAX_ENTRY, f"block of key {name} is not a block")
    else:
        _require(key.first_entry == key.last_entry == 0, f"key {name} of kind {key.kind} has a block")
        _require(key.last_on == NO_DAY, f"key {name} of kind {key.kind} has a last day")


def _require_kept_key(key: KeyEntry, kept: KeyEntry | None) -> None:
    name = key.key_id.hex()
    if kept is None:
        raise UnlawfulSuccession(f"key {name} removed: what it signed could not be verified any more")
    identity = (key.kind, key.public, key.first_entry)
    _require(identity == (kept.kind, kept.public, kept.first_entry), f"key {name} changed")
    _require(kept.first_entry <= kept.last_entry <= key.last_entry, f"block of key {name} widened or emptied")
    _require(kept.last_on <= key.last_on, f"last day of key {name} put off")
    _require(kept.retired or not key.retired, f"key {name} was retired and can not return")


def _require_disjoint_blocks(proposed: TrustKeys) -> None:
    blocks = [key for key in proposed.keys.values() if key.kind == Kind.CERTIFICATE]
    blocks.sort(key=lambda key: key.first_entry)
    for earlier, later in pairwise(blocks):
        _require(earlier.last_entry < later.first_entry, f"two keys share entry {later.first_entry}")


def _same_meaning(profile: Profile, proposed: Mapping[int, Profile]) -> bool:
    kept = proposed.get(profile.code)
    return kept is not None and replace(kept, status=profile.status) == profile


def _require(lawful: bool, why: str) -> None:
    if not lawful:
        raise UnlawfulSuccession(why)
