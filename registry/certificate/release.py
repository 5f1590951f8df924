"""Release: a signed entry becomes a certificate that people can hold and look up, and a reinstated one is that again.

A status is one word in a row, and anybody who writes into the database can write it; so nothing is released whose
token this run's own signer did not make, or whose signature does not verify. Where the trust bundle names a public
log, nothing is released before its leaf is in a checkpoint that enough witnesses signed: what anybody can download or
look up, everybody can see. A lifted suspension waits for its leaf in the same way.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, select
from sqlalchemy.orm import Session, aliased

from keys.crash_points import reach
from registry.certificate.errors import TokenNotGenuine
from registry.certificate.genuine import is_genuine, was_signed
from registry.certificate.issuance import Memory
from registry.certificate.lifecycle import Action, Status, move_all
from registry.certificate.refusals import HeldBack
from registry.certificate.tables import Entry
from registry.database.sessions import Sessions
from registry.database.typed_rows import OddRow, TypedQuery
from registry.journal.currency import require_up_to_date
from registry.journal.tables import Event, LogHead
from registry.people.permission import NATIONAL, Act, Actor, require
from signing.trust import TrustKeys

BATCH = 1000
ANY_SIZE = (1 << 63) - 1

_Refused = dict[int, TokenNotGenuine]


class _Version(NamedTuple):
    """One version of a certificate, with its token where that is asked."""

    entry: int
    certificate_id: UUID
    version: int
    to_be_signed: bytes | None
    token: bytes | None

    @property
    def follows(self) -> tuple[UUID, int]:
        """The version before it."""
        return self.certificate_id, self.version - 1


# The status of the version before, looked up for each correction: a join may read all entries there are.
_BEFORE = aliased(Entry)
_STATUS_BEFORE = (
    select(_BEFORE.status)
    .where(_BEFORE.certificate_id == Entry.certificate_id, _BEFORE.version == Entry.version - 1)
    .scalar_subquery()
)
_SIGNED = (
    select(Entry.entry, Entry.certificate_id, Entry.version, Entry.to_be_signed, Entry.token)
    .where(
        Entry.status == Status.SIGNED,
        Entry.entry > bindparam("after"),
        (Entry.version == 1) | (_STATUS_BEFORE == Status.RELEASED),
    )
    .order_by(Entry.entry)
    .limit(bindparam("most"))
    .with_for_update(of=Entry, skip_locked=True)
)
# The place of an entry's leaf: that of the run it was signed in. Runs of one act have no entry in common.
_LEAF = (
    select(Event.leaf + Entry.entry - Event.first_entry)
    .where(Event.act == Action.SIGN, Event.first_entry <= Entry.entry)
    .order_by(Event.first_entry.desc())
    .limit(1)
    .scalar_subquery()
)
_COSIGNED = select(LogHead.cosigned).where(LogHead.id == 1).scalar_subquery()
# How many leaves the public checkpoint covers, as whoever releases has seen: a row is anybody's word.
_SHOWN = bindparam("shown", type_=BigInteger)
_LIFTED = (
    select(Entry.entry, Entry.to_be_signed, Entry.token)
    .where(Entry.status == Status.REINSTATED, Entry.entry > bindparam("after"))
    .order_by(Entry.entry)
    .limit(bindparam("most"))
    .with_for_update(of=Entry, skip_locked=True)
)
# A suspension may be lifted more than once: the act counts that made the entry what it is.
_ITS_LEAF = (
    select(Event.leaf)
    .where(Event.act == Action.REINSTATE, Event.first_entry == Entry.entry, Event.at == Entry.changed_at)
    .order_by(Event.id.desc())
    .limit(1)
    .scalar_subquery()
)
_WAITING, _WAITING_LOGGED = TypedQuery(_SIGNED), TypedQuery(_SIGNED.where(_COSIGNED > _LEAF, _SHOWN > _LEAF))
_REINSTATED, _REINSTATED_LOGGED = (
    TypedQuery(_LIFTED),
    TypedQuery(_LIFTED.where(_COSIGNED > _ITS_LEAF, _SHOWN > _ITS_LEAF)),
)
_RELEASED = TypedQuery(
    select(Entry.entry, Entry.certificate_id, Entry.version)
    .where(
        Entry.certificate_id.in_(bindparam("certificates", expanding=True)), Entry.status == Status.RELEASED
    )
    .order_by(Entry.entry)
    .with_for_update()
)


def release_signed(
    sessions: Sessions,
    actor: Actor,
    trust: TrustKeys,
    *,
    now: datetime,
    held_back: HeldBack | None = None,
    memory: Memory | None = None,
    shown: int = ANY_SIZE,
) -> int:
    """Release the oldest signed entries that no other worker is at, at most ``BATCH``, and as many reinstated ones.

    Returns how many of both. Of a register with a public log, only those whose leaf is cosigned; the others wait.

    A correcting version supersedes its predecessor in the same transaction, so nobody ever sees both as valid, or
    neither. It waits, signed, while its predecessor is suspended or revoked: a correction must not revive it, so the
    predecessor is locked and looked at again before it is superseded.

    An entry whose token does not verify under ``trust`` is put into ``held_back`` as ``TokenNotGenuine``, and keeps no
    other waiting; without ``held_back`` it is raised, and nothing is released. ``memory`` has the tokens that this run
    had signed. ``shown`` is how many leaves the public checkpoint covers, which the caller has verified: nothing above
    is released, whatever a row says. Raises ``NotPermitted`` or ``RegisterOutdated``.
    """
    passed: HeldBack = {} if held_back is None else held_back
    known = {} if memory is None else memory.signed

    def act(session: Session) -> tuple[list[int], _Refused]:
        # It may run twice: what one run refuses is its own, and the next begins from the same marks.
        refused: _Refused = {}
        require(actor, Act.ISSUE, scope=NATIONAL)
        require_up_to_date(session)
        lifted = _lifted(session, trust, passed, refused, shown)
        waiting = _signed(session, trust, known, passed, refused, shown)
        if refused and held_back is None:
            raise next(iter(refused.values()))
        before = _still_released(session, [item for item in waiting if item.version > 1])
        released = [item.entry for item in waiting if item.version == 1 or item.follows in before]
        superseded = [before[item.follows] for item in waiting if item.follows in before]
        move_all(session, actor, superseded, Status.RELEASED, Action.SUPERSEDE, now=now)
        move_all(session, actor, released, Status.SIGNED, Action.RELEASE, now=now)
        move_all(session, actor, lifted, Status.REINSTATED, Action.RELEASE, now=now)
        reach("release.before_commit")
        return [*released, *lifted], refused

    released, refused = sessions.run(act, idempotent=True)
    passed.update(refused)
    while refused and not released:
        # Nothing but what is refused: whoever calls until nothing is released would end here, before the others.
        released, refused = sessions.run(act, idempotent=True)
        passed.update(refused)
    for entry in released:
        known.pop(entry, None)
    reach("release.committed")
    return len(released)


def _signed(
    session: Session,
    trust: TrustKeys,
    known: Mapping[int, bytes],
    passed: HeldBack,
    refused: _Refused,
    shown: int,
) -> list[_Version]:
    """Lock the signed entries that may be released; return them, and refuse those whose token is not genuine."""
    rows = (_WAITING_LOGGED if trust.logs else _WAITING).read(
        session, _after(passed, Status.SIGNED, trust, shown)
    )
    found = [_Version._make(row) for row in _readable(rows, Status.SIGNED, refused)]
    return [item for item in found if _is_genuine(item, trust, known, refused)]


def _lifted(session: Session, trust: TrustKeys, passed: HeldBack, refused: _Refused, shown: int) -> list[int]:
    """Lock the reinstated entries that may be released; return them, and refuse those with a token of nobody's.

    It was released before, and its key may be distrusted since: verifiers refuse it for that. What a restore brought
    back without its token is in people's hands all the same.
    """
    wanted = _after(passed, Status.REINSTATED, trust, shown)
    rows = (_REINSTATED_LOGGED if trust.logs else _REINSTATED).read(session, wanted)
    lifted = []
    for entry, to_be_signed, token in _readable(rows, Status.REINSTATED, refused):
        if token is None or was_signed(entry, to_be_signed, token, trust):
            lifted.append(entry)
        else:
            refused[entry] = TokenNotGenuine(entry, Status.REINSTATED)
    return lifted


def _after(passed: HeldBack, status: Status, trust: TrustKeys, shown: int) -> dict[str, int]:
    """Return where to look for entries in a status: behind those in it that were refused.

    One mark for each status, or a reinstated entry with a high number would hide what is signed below it.
    """
    marks = (
        entry for entry, why in passed.items() if isinstance(why, TokenNotGenuine) and why.status == status
    )
    wanted = {"after": max(marks, default=0), "most": BATCH}
    return wanted | {"shown": shown} if trust.logs else wanted


def _readable(rows: Sequence[Any], status: Status, refused: _Refused) -> list[Sequence[Any]]:
    """Return the rows that can be read; what stands in another is no token, nor bytes that one could be over."""
    for row in rows:
        if isinstance(row, OddRow) and row.values[0] is not None:
            refused[row.values[0]] = TokenNotGenuine(row.values[0], status)
    return [row for row in rows if not isinstance(row, OddRow)]


def _is_genuine(item: _Version, trust: TrustKeys, known: Mapping[int, bytes], refused: _Refused) -> bool:
    """Say whether the token is one that this run had signed, or that verifies and is over the entry's bytes."""
    if item.token is not None and known.get(item.entry) == item.token:
        return True
    genuine = is_genuine(item.entry, item.to_be_signed, item.token, trust)
    if not genuine:
        refused[item.entry] = TokenNotGenuine(item.entry, Status.SIGNED)
    return genuine


def _still_released(session: Session, corrections: Sequence[_Version]) -> dict[tuple[UUID, int], int]:
    """Lock the released versions of these certificates; return their entries by certificate and version.

    One that somebody suspended or revoked in the meantime is not among them.
    """
    if not corrections:
        return {}
    wanted = {"certificates": [item.certificate_id for item in corrections]}
    rows = _RELEASED.read(session, wanted)
    found = [_Version._make((*row, None, None)) for row in rows if not isinstance(row, OddRow)]
    return {(item.certificate_id, item.version): item.entry for item in found}
