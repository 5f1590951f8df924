"""The first registrar's own key, which opens series for the signer; sealed to the register's identity."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.holder_key import HolderKey
from keys.key_file import public_path
from keys.sealing import Identity
from registry.certificate.numbering import Scope
from registry.certificate.opening import open_series, sign_opening
from registry.civil_time import civil_date
from registry.installation import Installation
from registry.operator.errors import NotFounded
from registry.people.accounts import Purpose, enrol_key
from registry.people.permission import Actor
from registry.people.tables import EnrolledKey
from registry.settings import Settings

KEY_YEARS = 3


def registrar_key_path(settings: Settings) -> Path:
    """Return where the first registrar's key lies."""
    return settings.keys_dir / "registrar" / "registrar.age"


def open_registrar_key(path: Path, identity: Identity) -> HolderKey:
    """Open a registrar's key. Raises ``NotFounded`` or ``KeyUnavailable``."""
    if not path.exists():
        raise NotFounded(
            f"registrar's key at {path}", "make it with `certreg init`, or name another with --key"
        )
    return HolderKey.open(path, identity)


def enrol_registrar_key(
    installation: Installation, settings: Settings, identity: Identity, registrar: Actor, *, now: datetime
) -> bool:
    """Make and enrol the first registrar's key, if no key for opening series is enrolled; return whether it was.

    A key that was made and not enrolled, because somebody stopped in between, is enrolled now.
    """
    enrolled = select(EnrolledKey.key_id).where(EnrolledKey.purpose == Purpose.SERIES).limit(1)
    if installation.sessions.read(lambda session: session.scalar(enrolled)) is not None:
        return False
    path = registrar_key_path(settings)
    there = path.exists() and public_path(path).exists()
    key = HolderKey.open(path, identity) if there else HolderKey.create(path, identity, now=now)
    today = civil_date(now)
    last = today.replace(year=today.year + KEY_YEARS, day=min(today.day, 28))

    def enrol(session: Session) -> None:
        if session.get(EnrolledKey, key.key_id) is None:
            by = registrar.account_id
            enrol_key(
                session,
                registrar,
                key.public,
                Purpose.SERIES,
                valid_from_on=today,
                valid_to_on=last,
                now=now,
                by=by,
            )

    installation.sessions.run(enrol, idempotent=True)
    return True


def open_in_person(
    installation: Installation, registrar: Actor, key: HolderKey, scope: Scope, *, now: datetime
) -> bool:
    """Sign the opening of a series with this key and record it; return whether anything was opened."""
    profile, environment = installation.profiles.issuing, installation.settings.environment
    signed = sign_opening(key, profile, scope, environment=environment, now=now)
    return installation.sessions.run(
        lambda session: open_series(session, registrar, profile, signed, environment=environment, now=now),
        idempotent=True,
    )
