"""Accounts, appointments and enrolled keys: loading an actor, and whose signature this is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from registry.civil_time import civil_date
from registry.journal.record import record
from registry.people.coverage import account_digest, key_digest
from registry.people.errors import KeyAlreadyEnrolled, KeyFault, KeyNotValid, UnknownKey
from registry.people.permission import NATIONAL, Act, Actor, Role, require
from registry.people.tables import Account, Appointment, EnrolledKey
from signing.cose import key_id
from signing.ed25519 import PublicKey, admit

ROLES: Final = frozenset(Role)

_ACTORS = (
    select(Account.id, Account.name, Appointment.role, Appointment.scope)
    .outerjoin(Appointment, Appointment.account_id == Account.id)
    .where(Account.id.in_(bindparam("ids", expanding=True)))
)


class Purpose(StrEnum):
    """What signatures of an enrolled key count for."""

    SUBMISSION = "submission"
    # Opens the API of its body, and nothing else.
    ACCESS = "access"
    # Registers and revokes keys of its body, and nothing else.
    ADMINISTRATION = "administration"
    DECISION = "decision"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class Signatory:
    """The actor behind a signature, and the admitted key to verify it with."""

    actor: Actor
    key_id: bytes
    public_key: PublicKey


def create_account(
    session: Session, name: str, roles: set[tuple[Role, str]], *, now: datetime, by: UUID | None = None
) -> Actor:
    """Create an account with its appointments; return it as an actor. Asks nobody: for founding, and ``appoint``.

    ``by`` is the account that appoints, ``None`` at the founding.
    """
    account = Account(id=uuid4(), name=name, created_at=now)
    session.add(account)
    session.flush()
    held = [
        Appointment(id=uuid4(), account_id=account.id, role=role, scope=scope, appointed_at=now)
        for role, scope in sorted(roles)
    ]
    session.add_all(held)
    digest, subject = account_digest(account, held), f"account:{account.id}"
    record(session, "create_account", subject, at=now, by=by, digest=digest, roles=sorted(map(list, roles)))
    return Actor(account.id, name, frozenset(roles))


def appoint(session: Session, by: Actor, name: str, roles: set[tuple[Role, str]], *, now: datetime) -> Actor:
    """Create an account as a registrar; return it as an actor. Raises ``NotPermitted``."""
    require(by, Act.APPOINT, scope=NATIONAL)
    return create_account(session, name, roles, now=now, by=by.account_id)


def load_actor(session: Session, account_id: UUID) -> Actor:
    """Return the account as an actor, with the roles it holds now."""
    account = session.get_one(Account, account_id)
    rows = session.execute(
        select(Appointment.role, Appointment.scope).where(Appointment.account_id == account_id)
    )
    held = frozenset((Role(role), scope) for role, scope in rows if role in ROLES)
    return Actor(account.id, account.name, held)


def load_actors(session: Session, account_ids: Collection[UUID]) -> dict[UUID, Actor]:
    """Return several accounts as actors, by their ids, in one query."""
    names: dict[UUID, str] = {}
    held: dict[UUID, set[tuple[Role, str]]] = {}
    for account_id, name, role, scope in session.connection().execute(_ACTORS, {"ids": list(account_ids)}):
        names[account_id] = name
        roles = held.setdefault(account_id, set())
        # What somebody wrote there as a role and is none, entitles to nothing.
        if role in ROLES:
            roles.add((Role(role), scope))
    return {
        account_id: Actor(account_id, name, frozenset(held[account_id])) for account_id, name in names.items()
    }


def enrol_key(
    session: Session,
    actor: Actor,
    public: bytes,
    purpose: Purpose,
    *,
    valid_from_on: date,
    valid_to_on: date,
    now: datetime,
    by: UUID | None = None,
) -> bytes:
    """Let signatures of this 32-byte public key count as the actor's; return its 4-byte key id.

    The key is admitted by the strict rule (prime order) first. ``by`` is the account that enrols it, ``None`` at the
    founding. Asks nobody: it is part of an appointment. Raises ``InadmissibleKey`` or ``KeyAlreadyEnrolled``.
    """
    admit(public)
    identifier = key_id(public)
    if session.get(EnrolledKey, identifier) is not None:
        raise KeyAlreadyEnrolled(identifier)
    key = EnrolledKey(
        key_id=identifier,
        account_id=actor.account_id,
        public=public,
        purpose=purpose,
        valid_from_on=valid_from_on,
        valid_to_on=valid_to_on,
        revoked_at=None,
    )
    session.add(key)
    subject, digest = f"account:{actor.account_id}", key_digest(key)
    record(session, "enrol_key", subject, at=now, by=by, digest=digest, key=identifier.hex(), purpose=purpose)
    return identifier


def signatory(session: Session, identifier: bytes, purpose: Purpose, *, now: datetime) -> Signatory:
    """Return who signs with this key id, if the key counts for this purpose today.

    Raises ``UnknownKey`` or ``KeyNotValid``. The signature itself is verified by the caller, with the
    ``public_key`` returned.
    """
    key = session.get(EnrolledKey, identifier)
    if key is None:
        raise UnknownKey(identifier)
    if key.purpose != purpose:
        raise KeyNotValid(identifier, KeyFault.PURPOSE, f"it is enrolled for another purpose: {key.purpose}")
    require_standing(key, now=now)
    return Signatory(load_actor(session, key.account_id), identifier, admit(key.public))


def hold_standing(session: Session, identifier: bytes, *, now: datetime) -> None:
    """Keep a key from being revoked until the transaction ends; raises ``KeyNotValid`` if it is already.

    For what is stored long after its signature was looked at.
    """
    require_standing(session.get_one(EnrolledKey, identifier, with_for_update={"read": True}), now=now)


def require_standing(key: EnrolledKey, *, now: datetime) -> None:
    """Return if the key is not revoked and today is one of its days, else raise ``KeyNotValid``."""
    if key.revoked_at is not None:
        raise KeyNotValid(key.key_id, KeyFault.REVOKED, "it is revoked")
    if not key.valid_from_on <= civil_date(now) <= key.valid_to_on:
        days = f"it counts from {key.valid_from_on} to {key.valid_to_on}"
        raise KeyNotValid(key.key_id, KeyFault.DAYS, days)
