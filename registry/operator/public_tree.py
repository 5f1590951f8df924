"""Publishing: trust bundle and status file into the public tree, in the order in which verifiers need them."""

from datetime import datetime
from pathlib import Path

from keys.crash_points import around, reach
from registry.installation import Installation
from registry.operator.custody import Custody
from registry.operator.errors import NotFounded
from registry.publication.errors import NotPublished
from registry.publication.public_files import (
    STATUS,
    TRUST_KEYS,
    TRUST_NAMES,
    remove_left_behind,
    write_public_file,
)
from registry.publication.status_payload import compose_status
from signing.status import Status


def publish(installation: Installation, custody: Custody, *, now: datetime) -> Status:
    """Write the public tree anew; return the status that was published.

    The trust bundle goes first: a status by a new key must find its key there. Each file is replaced whole. Of
    two who publish at once, the second waits and reads the register after the first. Raises
    ``EntriesMissing`` or ``UnlawfulStatus`` if the register's rows are not what they were, ``NotPublished`` if a file
    can not be written; what is public stays then, and grows old.
    """
    with custody.publishing():
        return _publish(installation, custody, now=now)


def _publish(installation: Installation, custody: Custody, *, now: datetime) -> Status:
    public_dir, trust = installation.settings.public_dir, custody.trust
    remove_left_behind(public_dir)
    for name, path in ((TRUST_KEYS, custody.home.keys_path), (TRUST_NAMES, custody.home.names_path)):
        if not path.exists():
            raise NotFounded(name, "make it with `certreg key found`")
        with around("publish.file"):
            _write(public_dir, name, path.read_bytes())
    last = custody.status_memory.last()
    status = installation.sessions.read(
        lambda session: compose_status(
            session,
            environment=installation.settings.environment,
            trust_keys_version=trust.version,
            previous=last.version if last else 0,
            now=now,
        )
    )
    signed = custody.sign_status(status.to_payload())
    # A crash here leaves a status that was signed and never came out: the next one is lawful after it too.
    with around("publish.file"):
        _write(public_dir, STATUS, signed)
    reach("publish.done")
    return status


def _write(public_dir: Path, name: str, data: bytes) -> None:
    try:
        write_public_file(public_dir, name, data)
    except OSError as fault:
        raise NotPublished(public_dir / name, fault) from fault
