"""Founding a register: an empty database in its present shape, its secrets, its directory, its first registrar."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.database.migrate import upgrade
from registry.directory.loading import LoadReport, load_directory
from registry.foundation.charter import read_charter, write_charter
from registry.foundation.errors import OtherSecret
from registry.foundation.tables import Charter
from registry.operator.ceremony import create_identity
from registry.operator.desk import Desk
from registry.operator.registrar_key import enrol_registrar_key
from registry.people.accounts import create_account, load_actor
from registry.people.permission import NATIONAL, Actor, Role
from registry.people.tables import Appointment
from registry.personal_data import create_secret, read_secret
from registry.settings import PREFIX


@dataclass(frozen=True, slots=True)
class Foundation:
    """What founding did; run again, it changes nothing but the directory."""

    directory: LoadReport
    new_secrets: tuple[str, ...]
    new_registrar: bool


def found_register(desk: Desk, *, registrar: str) -> Foundation:
    """Bring the database to its present shape, found it if it is new, load the directory.

    Secrets are made only for a register that is not founded yet; a missing one of a founded register raises
    ``OtherSecret``, because another would make what is stored unreadable.
    """
    settings, now = desk.settings, desk.now()
    upgrade(settings.database_url)
    installation = desk.installation
    made: tuple[str, ...] = ()
    if installation.charter is None:
        made = _make_secrets(desk)
        installation.sessions.run(lambda session: _write_charter(session, desk, now=now), idempotent=True)
    else:
        _require_identity(desk, installation.charter)
        installation.require_secrets()
    report = installation.sessions.run(lambda session: load_directory(session, now=now))
    first, new = installation.sessions.run(lambda session: _first_registrar(session, registrar, now=now))
    enrol_registrar_key(installation, settings, desk.custody.identity, first, now=now)
    return Foundation(report, made, new)


def _make_secrets(desk: Desk) -> tuple[str, ...]:
    settings, made = desk.settings, []
    for path in (settings.data_key_file, settings.lookup_key_file):
        if not path.exists():
            create_secret(path)
            made.append(str(path))
    if not settings.key_identity_file.exists():
        create_identity(desk.custody)
        made.append(str(settings.key_identity_file))
    return tuple(made)


def _write_charter(session: Session, desk: Desk, *, now: datetime) -> None:
    if read_charter(session) is None:
        write_charter(
            session,
            environment=desk.settings.environment,
            data_key=read_secret(desk.settings.data_key_file),
            lookup_key=read_secret(desk.settings.lookup_key_file),
            identity_recipient=desk.custody.identity.recipient,
            now=now,
        )


def _require_identity(desk: Desk, charter: Charter) -> None:
    path = desk.settings.key_identity_file
    if not path.exists() or desk.custody.identity.recipient != charter.identity_recipient:
        raise OtherSecret(path, f"{PREFIX}KEY_IDENTITY_FILE")


def _first_registrar(session: Session, name: str, *, now: datetime) -> tuple[Actor, bool]:
    """Return the first registrar, and whether he is new."""
    appointed = select(Appointment.account_id).where(Appointment.role == Role.REGISTRAR)
    found = session.scalar(appointed.order_by(Appointment.appointed_at).limit(1))
    if found is not None:
        return load_actor(session, found), False
    return create_account(session, name, {(Role.REGISTRAR, NATIONAL)}, now=now), True
