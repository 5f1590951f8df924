"""Publishing: trust bundle, status file and the metadata around them, in the order in which clients need them."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from keys.crash_points import around, reach
from keys.distribution.publication import OfflinePart, compose_publication, published_version
from keys.distribution.roles import TIMESTAMP_NAME
from keys.distribution.spare import spare_files
from keys.kept_trust import KEYS, NAMES, KeptTrust, offline_part
from registry.installation import Installation
from registry.operator.custody import Custody
from registry.operator.errors import NotFounded
from registry.plain_files import NotAPlainFile
from registry.publication.errors import NotPublished, NoVersionLeft
from registry.publication.newly_released import require_tokens
from registry.publication.public_files import (
    STATUS,
    TRUST_KEYS,
    TRUST_NAMES,
    public_names,
    read_public_file,
    remove_left_behind,
    remove_public_file,
    write_public_file,
)
from registry.publication.status_deltas import write_deltas
from registry.publication.status_payload import compose_status
from signing import cbor
from signing.errors import SigningError
from signing.status import Status, open_status
from signing.trust import TrustKeys


def publish(installation: Installation, custody: Custody, *, now: datetime) -> Status:
    """Write the public tree anew; return the status that was published.

    Of two who publish at once, the second waits and reads the register after the first. Each file is replaced whole,
    the timestamp after all that it makes current; what nobody needs any more goes last. Raises ``EntriesMissing``,
    ``UnknownStatus``, ``ReleasedWithoutToken`` or ``UnlawfulStatus`` if the register's rows are not what they were.
    Whatever keeps a new status from being signed, the one that is public stays then, and grows old, but a new trust
    bundle comes out all the same. Raises ``NotPublished`` if a file can not be written, ``NoVersionLeft`` if the public
    metadata have the last version.
    """
    with custody.publishing():
        return _publish(installation, custody, now=now)


def is_whole(installation: Installation, custody: Custody) -> bool:
    """Say whether status and timestamp are in the tree, and the trust bundle and roots there are those in custody."""
    public_dir, kept = installation.settings.public_dir, custody.home.kept()
    present = {TRUST_KEYS: kept.files.get(KEYS), TRUST_NAMES: kept.files.get(NAMES), **kept.roots}
    there = all(_stands(public_dir, name) is not None for name in (STATUS, TIMESTAMP_NAME))
    return there and all(_stands(public_dir, name) == data for name, data in present.items())


def _publish(installation: Installation, custody: Custody, *, now: datetime) -> Status:
    public_dir = installation.settings.public_dir
    remove_left_behind(public_dir)
    offline = _offline_part(custody, public_dir)
    seen = _seen_version(offline, public_dir)
    last = None
    try:
        last = custody.status_memory.last()
        previous = max(last.version if last else 0, seen)
        known = _last_known(custody, offline.trust, last)
        status, signed = _signed_status(
            installation, custody, offline.trust, known=known, previous=previous, now=now
        )
    except Exception:
        # Somebody may have to learn at once that a key is distrusted, whatever became of the rows or of the memory.
        stands = _stands(public_dir, STATUS)
        if stands is not None:
            version = max(last.version if last else 0, seen) + 1
            _write(custody, offline, stands, version=version, now=now)
        raise
    # A crash here leaves a status that was signed and never came out: the next one is lawful after it too.
    # A fault in the deltas must not keep a revocation from coming out; it is told after it.
    try:
        with around("publish.deltas"):
            write_deltas(public_dir, signed, status, last)
    finally:
        _write(custody, offline, signed, version=status.version, now=now)
    reach("publish.done")
    for name in spare_files(public_names(public_dir), lambda name: _stands(public_dir, name)):
        remove_public_file(public_dir, name)
    return status


def _stands(public_dir: Path, name: str) -> bytes | None:
    """Return what stands in the tree under a name; ``None`` also for what is no plain file.

    Published anew, a link or a pipe gives way to the file; what does not is told as the publication's failure.
    """
    try:
        return read_public_file(public_dir, name)
    except NotAPlainFile:
        return None


def _offline_part(custody: Custody, public_dir: Path) -> OfflinePart:
    kept = custody.home.kept()
    for name, path in ((TRUST_KEYS, KEYS), (TRUST_NAMES, NAMES)):
        if path not in kept.files:
            raise NotFounded(name, "make it with `certreg key found`")
    return offline_part(kept, custody.pinned, shown=_shown_root(kept, public_dir))


def _shown_root(kept: KeptTrust, public_dir: Path) -> int:
    """Return the version of the newest root that clients can have from the tree, 0 if they have none."""
    shown = [
        version
        for (name, data), version in zip(kept.roots.items(), sorted(kept.root_files), strict=True)
        if _stands(public_dir, name) == data
    ]
    return max(shown, default=0)


def _seen_version(offline: OfflinePart, public_dir: Path) -> int:
    """Return the highest version that clients have seen. Raises ``NoVersionLeft``."""
    seen = published_version(_stands(public_dir, TIMESTAMP_NAME), offline.links[-1])
    if seen >= cbor.MAX_INTEGER:
        raise NoVersionLeft(public_dir / TIMESTAMP_NAME, seen)
    return seen


def _last_known(custody: Custody, trust: TrustKeys, last: Status | None) -> Status | None:
    """Return the last status that was signed here, or else the one in the public tree."""
    if last is None:
        data = _stands(custody.settings.public_dir, STATUS)
        with suppress(SigningError):
            return None if data is None else open_status(data, trust)
    return last


def _signed_status(
    installation: Installation,
    custody: Custody,
    trust: TrustKeys,
    *,
    known: Status | None,
    previous: int,
    now: datetime,
) -> tuple[Status, bytes]:
    def compose(session: Session) -> Status:
        composed = compose_status(
            session,
            environment=installation.settings.environment,
            trust_keys_version=trust.version,
            previous=previous,
            now=now,
        )
        require_tokens(session, composed, known, trust)
        return composed

    status = installation.sessions.read(compose)
    signer = custody.status_signer(trust)
    return status, custody.status_memory.sign(status.to_payload(), signer, trust=trust)


def _write(custody: Custody, offline: OfflinePart, status: bytes, *, version: int, now: datetime) -> None:
    """Write the files that are not there yet as they should be."""
    files = compose_publication(
        offline,
        {STATUS: status},
        version=version,
        status_signers=[custody.status_signer(offline.trust)],
        publication_signers=custody.publication_signers(offline.links),
        now=now,
    )
    public_dir = custody.settings.public_dir
    for name, data in files:
        if _stands(public_dir, name) != data:
            with around("publish.file"):
                _put(public_dir, name, data)


def _put(public_dir: Path, name: str, data: bytes) -> None:
    try:
        write_public_file(public_dir, name, data)
    except OSError as fault:
        raise NotPublished(public_dir / name, fault) from fault
