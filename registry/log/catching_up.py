"""A register that is behind its log catches up, and so does a memory that was put back: ``certreg log rebuild``.

1. Whatever is known of the log here is gathered: its memory, its public files, a mirror's copy of them.
2. Every witness is asked whether it knows more than all of these: then nothing is done, for leaves are missing. Nor is
   anything done before a quorum has answered, with the one that made this register read-only among it.
3. The register knows the lost leaves again, and its entries follow them (``readmission``). Where the log knows entries
   that no row does, numbering is held.
4. A memory that is behind signs the tree that enough witnesses signed, and no other.

Killed anywhere, it is run again and goes on. Public files are ``rebuilding``'s work, which comes after it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from registry.certificate.lifecycle import Status
from registry.journal.tables import LogHead
from registry.log.errors import MachineBehind, WitnessesMissing
from registry.log.files import LogFiles
from registry.log.growth import MOST, PublicLog
from registry.log.head import read_head
from registry.log.lost_leaves import KnownLog, LostLeaves
from registry.log.lost_word import follow_log, stay_suspended
from registry.log.readmission import Readmitted, clear_behind, hold_numbering, readmit
from registry.log.remaking import Progress, edge_of, remade, unseen
from registry.people.permission import Actor
from signing.merkle import Frontier


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What was done: leaves that were readmitted (``None`` if none was lost), and how the entries followed them.

    ``moved`` counts entries by status before and after, ``staying`` those that stay suspended though the log told that
    their suspension was lifted. ``held_because`` says why numbering is held, ``None`` if it is not; ``signed`` how many
    leaves the log's memory caught up with.
    """

    readmitted: Readmitted | None
    moved: dict[tuple[Status, Status], int]
    staying: int
    held_because: str | None
    signed: int


def catch_up(
    log: PublicLog,
    mirrors: Sequence[LogFiles],
    actor: Actor,
    *,
    now: Callable[[], datetime],
    progress: Progress = unseen,
) -> CaughtUp:
    """Let the register and the log's memory know all that is known of the log; return what was done.

    ``progress`` is told each leaf of the register's own, which are remade. Raises ``RegisterBehind`` if a witness knows
    more, ``WitnessContradicts`` if one knows another history, ``WitnessesMissing``, ``LeavesMissing``,
    ``LeavesUnproven``, ``LeafContradicts``, ``HeadsContradict``, ``OtherHistory`` or ``MachineBehind``; then the
    register is as it was.
    """
    with log.memory.alone():
        return _catch_up(log, mirrors, actor, now=now, progress=progress)


def _catch_up(
    log: PublicLog,
    mirrors: Sequence[LogFiles],
    actor: Actor,
    *,
    now: Callable[[], datetime],
    progress: Progress,
) -> CaughtUp:
    head = log.sessions.read(read_head)
    known = KnownLog(log.policy, log.memory.last(log.policy.keys), [*mirrors, log.files])
    lost = known.beyond(head.size)
    _require_nobody_ahead(log, known, head)
    if lost is None:
        log.require_nothing_longer_public()
    done = CaughtUp(None, {}, 0, None, 0)
    if lost is not None or head.behind is not None:
        edge = edge_of(log.sessions.read, log.profiles, head.size, head.root, progress=progress)
        act = partial(_readmit, actor=actor, log=log, lost=lost, edge=edge, now=now())
        done = log.sessions.run(act)
    signed = _bring_memory_on(log, known, now=now)
    return CaughtUp(done.readmitted, done.moved, done.staying, done.held_because, signed)


def _readmit(
    session: Session, actor: Actor, log: PublicLog, lost: LostLeaves | None, edge: Frontier, now: datetime
) -> CaughtUp:
    if lost is None:
        return CaughtUp(clear_behind(session, actor, now=now), {}, 0, None, 0)
    done = readmit(session, actor, log.profiles, lost, edge, now=now)
    followed = follow_log(session, actor, done.word, now=now)
    stay_suspended(session, actor, followed.still_suspended, now=now)
    held = hold_numbering(session, actor, done.word.highest, now=now)
    moved = {move: len(entries) for move, entries in followed.moved.items()}
    return CaughtUp(done, moved, len(followed.still_suspended), held, 0)


def _require_nobody_ahead(log: PublicLog, known: KnownLog, head: LogHead) -> None:
    """Raise ``RegisterBehind`` if a witness has seen a longer log than all that is known here.

    Asked for the head that it may have seen last, it either cosigns that once more or says what it has seen. The word
    of a quorum is needed, and that of the witness on whose word this register only reads.
    """
    longest, note = known.longest()
    answers = log.cosigners.poll(longest.size, note)
    log.require_believed(answers, max(longest.size, head.size))
    log.cosigners.require_quorum(answers)
    for witness in log.policy.witnesses:
        if (
            head.behind is not None
            and f"witness {witness.name} " in head.behind
            and witness.name not in answers.heard
        ):
            why = answers.why | {witness.name: "on its word this register only reads, and it did not answer"}
            raise WitnessesMissing(len(answers.heard), log.policy.quorum, why)


def _bring_memory_on(log: PublicLog, known: KnownLog, *, now: Callable[[], datetime]) -> int:
    """Let a memory that is behind the register sign what enough witnesses signed; return how many leaves it caught up.

    Raises ``MachineBehind`` where no cosigned checkpoint has the register's tree: it is not signed on its word.
    """
    head, last = log.sessions.read(read_head), log.memory.last(log.policy.keys)
    first = last.size
    if first >= head.size:
        return 0
    shown = known.beyond(first)
    if shown is None or shown.heads.get(head.size) != head.root or shown.cosigned < head.size:
        raise MachineBehind(log.memory.path, first, head.size)
    edge_of(log.sessions.read, log.profiles, head.size, head.root)
    for begin in range(first, head.size, MOST):
        end = min(begin + MOST, head.size)
        leaves = log.sessions.read(partial(remade, profiles=log.profiles, first=begin, end=end))
        last = log.memory.grow(last, leaves, log.keys, now=now())
    return head.size - first
