"""What a command works at: settings, installation, custody, and who is acting."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.installation import Installation, open_installation
from registry.operator.custody import Custody, present
from registry.operator.errors import AmbiguousActor, NotFounded, UnknownAccount
from registry.people.accounts import load_actor
from registry.people.permission import Actor, Role
from registry.people.tables import Account, Appointment
from registry.settings import Settings


@dataclass(frozen=True)
class Desk:
    """One installation as an operator sits before it. ``account`` is whom ``--as`` named, if anybody."""

    settings: Settings
    account: UUID | None = None
    now: Callable[[], datetime] = present

    @cached_property
    def installation(self) -> Installation:
        """The register; raises ``DatabaseError``."""
        return open_installation(self.settings)

    def close(self) -> None:
        """Close what was opened."""
        if "installation" in self.__dict__:
            self.installation.sessions.close()
        if "custody" in self.__dict__:
            self.custody.close()

    @cached_property
    def custody(self) -> Custody:
        """The keys."""
        return Custody(self.settings)

    @cached_property
    def actor(self) -> Actor:
        """Who is acting: the account named, else the only registrar there is."""
        return self.installation.sessions.read(lambda session: actor_of(session, self.account))


def actor_of(session: Session, account: UUID | None) -> Actor:
    """Return who acts in this session: the account that ``--as`` named, else the only registrar there is."""
    if account is not None:
        if session.get(Account, account) is None:
            raise UnknownAccount(account)
        return load_actor(session, account)
    query = select(Account.id, Account.name).join(Appointment).where(Appointment.role == Role.REGISTRAR)
    registrars = dict(session.execute(query.order_by(Account.created_at)).all())
    if not registrars:
        raise NotFounded("registrar", "make one with `certreg init`")
    if len(registrars) > 1:
        raise AmbiguousActor(registrars)
    return load_actor(session, next(iter(registrars)))
