"""A signed request counts once: its nonce is used up, and its cost is counted against its body's minute.

The minute is the clock's. Each request is written down first and counted afterwards, in what is committed by then: so
of any number that come at once, in any number of processes, no more than the limit pass in a minute, and no request of
one body waits for a lock of another. Requests that are refused count too, until their body is known to be over
(``exhausted``); the next minute begins at nothing.

A crash after the nonce is stored costs the sender that nonce: he sends the request again with a new one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.access.errors import RequestNotSigned, SignatureFault, TooManyRequests
from registry.access.tables import RequestNonce
from registry.database.sessions import Sessions

MINUTE: Final = timedelta(minutes=1)
BITE: Final = 200

_INSERT = insert(RequestNonce)
_USED = select(func.sum(RequestNonce.cost)).where(
    RequestNonce.issuer == bindparam("issuer"), RequestNonce.seen_at >= bindparam("since")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of a key; ``valid_until`` is the last moment at which the same signature could be sent again."""

    key_id: bytes
    nonce: str
    issuer: str
    cost: int
    seen_at: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit, and after how many seconds all of it is there again."""

    limit: int
    remaining: int
    reset_seconds: int


def spend(sessions: Sessions, use: Use, *, limit: int) -> Allowance:
    """Use the nonce up, and count the request; return what is left of the minute.

    Raises ``RequestNotSigned`` (replayed), or ``TooManyRequests``.
    """
    row = {
        "key_id": use.key_id,
        "nonce": use.nonce,
        "issuer": use.issuer,
        "cost": use.cost,
        "seen_at": use.seen_at,
        # Not before its minute has been counted, either.
        "expires_at": max(use.valid_until, use.seen_at + MINUTE) + MINUTE,
    }

    def act(session: Session) -> None:
        session.connection().execute(_INSERT, row)

    try:
        sessions.run(act)
    except IntegrityError:
        why = "a request with this nonce was answered before; take a new nonce, and sign anew, for every attempt"
        raise RequestNotSigned(SignatureFault.REPLAYED, why) from None
    left = seconds_left(use.seen_at)
    ((used,),) = sessions.rows(_USED, {"issuer": use.issuer, "since": minute_of(use.seen_at)})
    if used > limit:
        raise TooManyRequests(limit, left)
    return Allowance(limit, limit - used, left)


def minute_of(at: datetime) -> datetime:
    """Return when the minute of an instant began."""
    return at.replace(second=0, microsecond=0)


def seconds_left(at: datetime) -> int:
    """Return the seconds until the minute of an instant is over, 1 to 60."""
    return 60 - at.second


def forget_expired(sessions: Sessions, *, now: datetime) -> int:
    """Delete a bite of the nonces that can not come again, the oldest; return how many."""
    oldest = select(RequestNonce.expires_at).where(RequestNonce.expires_at < now)

    def act(session: Session) -> int:
        bite = session.scalars(oldest.order_by(RequestNonce.expires_at).limit(BITE)).all()
        if bite:
            session.connection().execute(delete(RequestNonce).where(RequestNonce.expires_at <= bite[-1]))
        return len(bite)

    return sessions.run(act, idempotent=True)
