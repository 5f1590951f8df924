"""Founding a register: an empty database in its present shape, its secrets, its directory, its first registrar."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.database.migrate import upgrade
from registry.directory.loading import LoadReport, load_directory
from registry.operator.ceremony import create_identity
from registry.operator.desk import Desk
from registry.people.accounts import create_account
from registry.people.permission import NATIONAL, Role
from registry.people.tables import Appointment
from registry.personal_data import create_secret


@dataclass(frozen=True, slots=True)
class Foundation:
    """What founding did; run again, it changes nothing but what is missing."""

    directory: LoadReport
    new_secrets: tuple[str, ...]
    new_registrar: bool


def found_register(desk: Desk, *, registrar: str) -> Foundation:
    """Bring the database to its present shape, make the secrets that are missing, load the directory.

    Secrets that exist are kept: another data key would make what is sealed unreadable.
    """
    settings, now = desk.settings, desk.now()
    upgrade(settings.database_url)
    made = []
    for path in (settings.data_key_file, settings.lookup_key_file):
        if not path.exists():
            create_secret(path)
            made.append(str(path))
    if not settings.key_identity_file.exists():
        create_identity(desk.custody)
        made.append(str(settings.key_identity_file))
    sessions = desk.installation.sessions
    report = sessions.run(lambda session: load_directory(session, now=now))
    new = sessions.run(lambda session: _first_registrar(session, registrar, now=now))
    return Foundation(report, tuple(made), new)


def _first_registrar(session: Session, name: str, *, now: datetime) -> bool:
    if session.scalar(select(Appointment.id).where(Appointment.role == Role.REGISTRAR).limit(1)):
        return False
    create_account(session, name, {(Role.REGISTRAR, NATIONAL)}, now=now)
    return True
