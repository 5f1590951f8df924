"""The keys of an assessment body, kept by the body itself: its administrator registers new ones and revokes old ones.

He does so for accounts that belong to his body alone, and for the purposes that are the body's: never a decision key,
never another body's. To rotate a key is to register the new one, let both count for a while, and revoke the old one.
Revocation is final, and counts from the next request on.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.civil_time import civil_date
from registry.journal.record import record
from registry.people.accounts import Purpose, enrol_key, load_actors, require_standing
from registry.people.errors import KeyNotValid, KeyRefused, LastAdministrationKey, NoSuchKey, UnknownKey
from registry.people.permission import BODY_ROLES, NATIONAL, Act, Actor, Role, may, require
from registry.people.tables import Account, Appointment, EnrolledKey
from signing.cose import key_id

REVOKE_KEY: Final = "revoke_key"

ROLES_OF: Final[Mapping[Purpose, frozenset[Role]]] = {
    Purpose.SUBMISSION: frozenset({Role.SUBMITTER}),
    Purpose.ACCESS: frozenset({Role.BODY_SYSTEM, Role.SUBMITTER}),
    Purpose.ADMINISTRATION: frozenset({Role.BODY_ADMINISTRATOR}),
}
"""The purposes that are a body's, each with the roles of which an account needs one to have such a key."""

REGISTERED: Final = frozenset({Purpose.SUBMISSION, Purpose.ACCESS})
"""What an administrator registers; administration keys are enrolled by the register's operator."""

LONGEST_DAYS: Final = 3 * 366


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that is to be registered; ``account_id`` is ``None`` where the body has only one account for it."""

    public: bytes
    purpose: Purpose
    valid_from_on: date
    valid_to_on: date
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyKey:
    """A key of the body, as its administrator sees it; ``revoked_at`` is ``None`` while it is not revoked."""

    key_id: bytes
    public: bytes
    purpose: Purpose
    account_id: UUID
    account: str
    valid_from_on: date
    valid_to_on: date
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Registered:
    """A key that counts; ``repeated`` means that it was registered before, and nothing was done now."""

    key: BodyKey
    repeated: bool


def keys_of_body(session: Session, actor: Actor, issuer: str) -> list[BodyKey]:
    """Return the keys of the body's own accounts, the newest last. Raises ``NotPermitted``."""
    require(actor, Act.MANAGE_KEYS, scope=issuer)
    accounts = _accounts(session, issuer)
    query = select(EnrolledKey).where(
        EnrolledKey.account_id.in_(list(accounts)), EnrolledKey.purpose.in_(list(ROLES_OF))
    )
    rows = session.scalars(query.order_by(EnrolledKey.valid_from_on, EnrolledKey.key_id))
    return [_seen(row, accounts[row.account_id]) for row in rows]


def register_key(session: Session, actor: Actor, issuer: str, new: NewKey, *, now: datetime) -> Registered:
    """Let a new key count for an account of the body; asked for by its administrator, who showed its possession.

    The very same key for the same account, purpose and days is returned as it is, unless it was revoked: whoever lost
    the answer asks again. Raises ``NotPermitted``, ``KeyRefused``, ``KeyAlreadyEnrolled``, or ``InadmissibleKey``.
    """
    require(actor, Act.MANAGE_KEYS, scope=issuer)
    account = _account_for(new, _accounts(session, issuer).values())
    # Of two that register the same at once, the second finds what the first made.
    session.get_one(Account, account.account_id, with_for_update=True)
    present = session.get(EnrolledKey, key_id(new.public), populate_existing=True)
    if present is not None and _is_the_same(present, new, account):
        return Registered(_seen(present, account), repeated=True)
    _require_days(new, today=civil_date(now))
    identifier = enrol_key(
        session,
        account,
        new.public,
        new.purpose,
        valid_from_on=new.valid_from_on,
        valid_to_on=new.valid_to_on,
        now=now,
        by=actor.account_id,
    )
    session.flush()
    return Registered(_seen(session.get_one(EnrolledKey, identifier), account), repeated=False)


def revoke_body_key(
    session: Session, actor: Actor, issuer: str, key_id: bytes, *, confirm_last: bool, now: datetime
) -> None:
    """Revoke a key of the body, for its administrator. Once it is revoked, asking again changes nothing.

    Raises ``NotPermitted``, ``NoSuchKey`` for a key that is not the body's, or ``LastAdministrationKey``.
    """
    require(actor, Act.MANAGE_KEYS, scope=issuer)
    accounts = _accounts(session, issuer)
    # The administration keys in one order: of two administrators who revoke each other's, the second sees the first.
    query = select(EnrolledKey).where(
        EnrolledKey.account_id.in_(list(accounts)),
        (EnrolledKey.key_id == key_id) | (EnrolledKey.purpose == Purpose.ADMINISTRATION),
    )
    rows = {row.key_id: row for row in session.scalars(query.order_by(EnrolledKey.key_id).with_for_update())}
    key = rows.get(key_id)
    if key is None or key.purpose not in list(ROLES_OF):
        raise NoSuchKey(key_id.hex())
    if key.purpose == Purpose.ADMINISTRATION and not confirm_last:
        others = [row for row in rows.values() if row is not key and row.purpose == Purpose.ADMINISTRATION]
        if _counts(key, now=now) and not any(_counts(row, now=now) for row in others):
            raise LastAdministrationKey(key_id)
    _revoke(session, key, by=actor.account_id, now=now)


def revoke_key(session: Session, by: Actor, key_id: bytes, *, now: datetime) -> None:
    """Revoke a body's key, for the register's operator: when the body has no administrator who could.

    Keys of reviewers and registrars end with the roster, which custodians sign. Raises ``NotPermitted`` or
    ``UnknownKey``.
    """
    require(by, Act.APPOINT, scope=NATIONAL)
    key = session.get(EnrolledKey, key_id, with_for_update=True)
    if key is None or key.purpose not in list(ROLES_OF):
        raise UnknownKey(key_id)
    _revoke(session, key, by=by.account_id, now=now)


def account_may_have(actor: Actor, purpose: Purpose) -> bool:
    """Tell whether an account holds a role for which keys of this purpose, one of a body's, are."""
    return any(role in ROLES_OF[purpose] for role, _ in actor.appointments)


def may_revoke(session: Session, account_id: UUID | None, purpose: str, scopes: Collection[str]) -> bool:
    """Tell whether an account may revoke a key of this purpose that is held in these scopes: for the full check."""
    if account_id is None or purpose not in list(ROLES_OF):
        return False
    actor = load_actors(session, [account_id]).get(account_id)
    if actor is None:
        return False
    administers = bool(scopes) and all(may(actor, Act.MANAGE_KEYS, scope=scope) for scope in scopes)
    return administers or may(actor, Act.APPOINT, scope=NATIONAL)


def _revoke(session: Session, key: EnrolledKey, *, by: UUID, now: datetime) -> None:
    if key.revoked_at is not None:
        return
    key.revoked_at = now
    session.flush()
    record(session, REVOKE_KEY, f"account:{key.account_id}", at=now, by=by, key=key.key_id.hex())


def _accounts(session: Session, issuer: str) -> dict[UUID, Actor]:
    """Return the accounts that belong to this body and to nobody else besides."""
    named = select(Appointment.account_id).where(
        Appointment.scope == issuer, Appointment.role.in_(list(BODY_ROLES))
    )
    found = load_actors(session, set(session.scalars(named)))
    return {
        account_id: actor
        for account_id, actor in found.items()
        if all(role in BODY_ROLES and scope == issuer for role, scope in actor.appointments)
    }


def _account_for(new: NewKey, accounts: Iterable[Actor]) -> Actor:
    if new.purpose not in REGISTERED:
        raise KeyRefused(f"the purpose is one of {', '.join(sorted(REGISTERED))}")
    fit = [actor for actor in accounts if account_may_have(actor, new.purpose)]
    chosen = [actor for actor in fit if new.account_id in (None, actor.account_id)]
    if len(chosen) == 1:
        return chosen[0]
    names = (
        ", ".join(f"{actor.account_id} ({actor.name})" for actor in fit)
        or "none; ask the register's operator"
    )
    raise KeyRefused(f"name one account of the body that may have a key for {new.purpose}: {names}")


def _is_the_same(present: EnrolledKey, new: NewKey, account: Actor) -> bool:
    asked = (new.public, new.purpose, account.account_id, new.valid_from_on, new.valid_to_on)
    found = (
        present.public,
        present.purpose,
        present.account_id,
        present.valid_from_on,
        present.valid_to_on,
    )
    return found == asked and present.revoked_at is None


def _require_days(new: NewKey, *, today: date) -> None:
    if new.valid_to_on < max(today, new.valid_from_on):
        raise KeyRefused(f"its last day, {new.valid_to_on}, is before its first day or before today")
    if (new.valid_to_on - new.valid_from_on).days > LONGEST_DAYS:
        raise KeyRefused(f"a key counts for {LONGEST_DAYS} days at most; choose an earlier last day")


def _counts(key: EnrolledKey, *, now: datetime) -> bool:
    try:
        require_standing(key, now=now)
    except KeyNotValid:
        return False
    return True


def _seen(row: EnrolledKey, actor: Actor) -> BodyKey:
    return BodyKey(
        key_id=row.key_id,
        public=row.public,
        purpose=Purpose(row.purpose),
        account_id=row.account_id,
        account=actor.name,
        valid_from_on=row.valid_from_on,
        valid_to_on=row.valid_to_on,
        revoked_at=row.revoked_at,
    )
