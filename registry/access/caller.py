"""Who calls: the account behind a request's key, and the one body that it belongs to.

What a caller may see is decided here once: what is his body's. Another body's object looks exactly like one that is
not there.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from registry.access.errors import NotThere, RequestNotSigned, SignatureFault, WrongPurpose
from registry.people.accounts import Purpose, load_actor, require_standing
from registry.people.errors import KeyFault, KeyNotValid
from registry.people.permission import Act, Actor, body_of, require
from registry.people.tables import EnrolledKey

# What a key of this purpose opens; a key of any other opens nothing here.
OPENS: dict[Purpose, Act] = {Purpose.ACCESS: Act.USE_API, Purpose.ADMINISTRATION: Act.MANAGE_KEYS}
FAULTS = {KeyFault.REVOKED: SignatureFault.KEY_REVOKED, KeyFault.DAYS: SignatureFault.KEY_EXPIRED}


class OfABody(Protocol):
    """Whatever belongs to one body."""

    @property
    def issuer(self) -> str:
        """The body's issuer key."""


T = TypeVar("T", bound=OfABody)


@dataclass(frozen=True, slots=True)
class Caller:
    """A body's account, as the signature of a request named it; ``issuer`` is the body."""

    actor: Actor
    issuer: str
    key_id: bytes
    purpose: Purpose

    def own(self, found: T | None) -> T:
        """Return what was found if it is the caller's body's, else raise ``NotThere``."""
        if found is None or found.issuer != self.issuer:
            raise NotThere
        return found


def enrolled_key(session: Session, key_id: bytes) -> EnrolledKey:
    """Return the key of this id, whatever it is for. Raises ``RequestNotSigned``."""
    key = session.get(EnrolledKey, key_id)
    if key is None:
        why = f"no key {key_id.hex()} is enrolled; check keyid, or have the key registered first"
        raise RequestNotSigned(SignatureFault.UNKNOWN_KEY, why)
    return key


def caller_of(session: Session, key: EnrolledKey, purpose: Purpose, *, now: datetime) -> Caller:
    """Return the caller, if the key counts for this purpose today and its account still may.

    Asked at every request, so that what was revoked a moment ago counts no more. Raises ``RequestNotSigned``,
    ``WrongPurpose`` or ``NotPermitted``.
    """
    # 1. Is it a key for requests?
    if key.purpose not in list(OPENS):
        why = f"key {key.key_id.hex()} is for a {key.purpose} and opens no API; sign requests with an access key"
        raise RequestNotSigned(SignatureFault.WRONG_PURPOSE, why)
    # 2. Does it count today?
    try:
        require_standing(key, now=now)
    except KeyNotValid as error:
        raise RequestNotSigned(FAULTS[error.fault], f"{error}; use a key that counts today") from None
    # 3. Is it for this part of the API?
    if key.purpose != purpose:
        raise WrongPurpose(key.key_id, key.purpose, purpose)
    # 4. Whose is it, and may he?
    actor = load_actor(session, key.account_id)
    issuer = body_of(actor)
    if issuer is None:
        why = "the account of this key belongs to no one assessment body; ask the register's operator"
        raise RequestNotSigned(SignatureFault.NO_BODY, why)
    require(actor, OPENS[purpose], scope=issuer)
    return Caller(actor, issuer, key.key_id, purpose)
