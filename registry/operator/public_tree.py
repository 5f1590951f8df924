"""Publishing: trust bundle and status file into the public tree, in the order in which verifiers need them."""

from datetime import datetime

from registry.installation import Installation
from registry.operator.custody import Custody
from registry.operator.errors import NotFounded
from registry.publication.public_files import (
    STATUS,
    TRUST_KEYS,
    TRUST_NAMES,
    read_public_file,
    write_public_file,
)
from registry.publication.status_payload import compose_status
from signing.errors import SigningError
from signing.status import Status, open_status


def publish(installation: Installation, custody: Custody, *, now: datetime) -> Status:
    """Write the public tree anew; return the status that was published.

    The trust bundle goes first: a status by a new key must find its key there. Each file is replaced whole.
    """
    public_dir, trust = installation.settings.public_dir, custody.trust
    for name, path in ((TRUST_KEYS, custody.home.keys_path), (TRUST_NAMES, custody.home.names_path)):
        if not path.exists():
            raise NotFounded(name, "make it with `certreg key found`")
        write_public_file(public_dir, name, path.read_bytes())
    status = installation.sessions.read(
        lambda session: compose_status(
            session,
            environment=installation.settings.environment,
            trust_keys_version=trust.version,
            previous=_published_version(installation, custody),
            now=now,
        )
    )
    write_public_file(public_dir, STATUS, custody.sign_status(status.to_payload()))
    return status


def _published_version(installation: Installation, custody: Custody) -> int:
    """Return the version of the status that is public now, 0 if there is none that verifies."""
    data = read_public_file(installation.settings.public_dir, STATUS)
    if data is None:
        return 0
    try:
        return open_status(data, custody.trust).version
    except SigningError:
        return 0
