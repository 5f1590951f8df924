"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): a request that may be sent again without fear.

A body names its request by a key of its own. The first one is worked on; the same again gets the first answer, for
seven days; another request under the same key is refused. A key is one body's: another's same key is another key.

Only an answer that made something (2xx) is kept. A refusal made nothing, so it frees its key: the same request may be
tried again, and so may a better one. Where nobody knows whether it made something, the key stays what it is, for the
same request alone, and the next attempt has the same resource id.

What a crash means: the row is written before the work and without an answer. Whoever asks again is told to wait, until
``HOLD`` is over; then he takes the work over *with the same resource id*. What the killed attempt made under that id is
there, and is found by it.

Nothing ends a request that takes longer than ``HOLD``: it may still be at work when another takes it over. So an act
behind a key must bear being done twice, and at once, with one effect: it finds what the other made by the resource id,
or by what it is itself. The hold only spares the register doing it twice in the ordinary case.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.access.errors import KeyReused, StillWorking
from registry.access.tables import KeptAnswer
from registry.database.sessions import Sessions

KEPT: Final = timedelta(days=7)
# Longer than any request takes on an ordinary day.
HOLD: Final = timedelta(seconds=150)
WAIT_SECONDS: Final = 2
BITE: Final = 100


@dataclass(frozen=True, slots=True)
class Named:
    """A request that its body named: by ``key``, and what it is by ``digest``."""

    issuer: str
    key: str
    digest: bytes

    @property
    def place(self) -> str:
        """Where its sealed answer belongs."""
        return f"idempotency:{self.issuer}:{self.key}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """The right to work on a request; what the work makes gets ``resource_id``."""

    named: Named
    attempt: UUID
    resource_id: UUID


def request_digest(method: str, target: str, content: bytes) -> bytes:
    """Return what makes two requests the same: method, path with query, content."""
    lines = f"{method}\n{target}\n{hashlib.sha256(content).hexdigest()}\n"
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).digest()


def begin(sessions: Sessions, named: Named, *, now: datetime) -> Attempt | bytes:
    """Begin to work on a request, or return the sealed answer that it got before.

    Raises ``KeyReused`` or ``StillWorking``.
    """
    try:
        return sessions.run(lambda session: _begin(session, named, now=now))
    except IntegrityError:
        # Another one began it in the same moment.
        return sessions.run(lambda session: _begin(session, named, now=now))


def _begin(session: Session, named: Named, *, now: datetime) -> Attempt | bytes:
    row = session.get(KeptAnswer, (named.issuer, named.key), with_for_update=True)
    if row is not None and row.created_at < now - KEPT:
        session.delete(row)
        session.flush()
        row = None
    if row is None:
        return _new(session, named, now=now)
    if row.request_digest != named.digest:
        raise KeyReused
    if row.sealed is not None:
        return row.sealed
    if row.held_until > now:
        raise StillWorking(WAIT_SECONDS)
    row.attempt, row.held_until = uuid4(), now + HOLD
    return Attempt(named, row.attempt, row.resource_id)


def _new(session: Session, named: Named, *, now: datetime) -> Attempt:
    attempt = Attempt(named, uuid4(), uuid4())
    session.add(
        KeptAnswer(
            issuer=named.issuer,
            key=named.key,
            request_digest=named.digest,
            resource_id=attempt.resource_id,
            attempt=attempt.attempt,
            held_until=now + HOLD,
            sealed=None,
            created_at=now,
        )
    )
    session.flush()
    return attempt


def keep(sessions: Sessions, attempt: Attempt, sealed: bytes) -> None:
    """Keep the answer of an attempt, unless another one took over meanwhile."""
    statement = update(KeptAnswer).where(_is(attempt)).values(sealed=sealed)

    def act(session: Session) -> None:
        session.execute(statement)

    sessions.run(act, idempotent=True)


def free(sessions: Sessions, attempt: Attempt) -> None:
    """Forget an attempt that made nothing, unless another one took over meanwhile."""
    statement = delete(KeptAnswer).where(_is(attempt), KeptAnswer.sealed.is_(None))

    def act(session: Session) -> None:
        session.execute(statement)

    sessions.run(act, idempotent=True)


def let_go(sessions: Sessions, attempt: Attempt, *, now: datetime) -> None:
    """End an attempt of which nobody knows what it made: the next one takes over at once."""
    statement = update(KeptAnswer).where(_is(attempt), KeptAnswer.sealed.is_(None)).values(held_until=now)

    def act(session: Session) -> None:
        session.execute(statement)

    sessions.run(act, idempotent=True)


def forget_old(sessions: Sessions, *, now: datetime) -> int:
    """Delete a bite of what was kept long enough, the oldest; return how much."""
    oldest = select(KeptAnswer.created_at).where(KeptAnswer.created_at < now - KEPT)

    def act(session: Session) -> int:
        bite = session.scalars(oldest.order_by(KeptAnswer.created_at).limit(BITE)).all()
        if bite:
            session.execute(delete(KeptAnswer).where(KeptAnswer.created_at <= bite[-1]))
        return len(bite)

    return sessions.run(act, idempotent=True)


def _is(attempt: Attempt) -> ColumnElement[bool]:
    named = attempt.named
    return and_(
        KeptAnswer.issuer == named.issuer,
        KeptAnswer.key == named.key,
        KeptAnswer.attempt == attempt.attempt,
    )
