"""The log's growth: one head at a time, each durable step before the next, and every step again after a crash.

1. The leaves of the acts behind the head are made. Nothing is durable yet.
2. The witnesses are asked whether they know more than this register; if a quorum does not, the log signs the grown tree
   into its memory, leaves and all (``keys.log_memory``). From here on there is no way back: these leaves, or nothing.
3. Tiles and bundles are written. Nobody knows of them yet: no public checkpoint covers them.
4. The register enters the new size, and where each act's leaf is, by compare and swap.
5. The witnesses are asked. Too few, and all that waits for them stays unreleased.
6. The checkpoint with their signatures becomes public.
7. The register enters that it is cosigned. Only then is anything released.

A crash before 2 leaves nothing; one after it is found by the difference between memory and register, and the same
leaves go the same way again. A register that knows less than the log's memory or than a witness was put back from
an older copy: it says so in its own row, and goes no further.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from sqlalchemy import Update, update
from sqlalchemy.orm import Session

from keys.crash_points import reach
from keys.errors import LogMemoryDamaged, LogMoved
from keys.log_memory import Grown, LogMemory
from keys.note_keys import NoteKeys
from keys.witness.link import WitnessLink
from registry.database.sessions import Sessions
from registry.directory.profiles import Profiles
from registry.journal.tables import LogHead
from registry.log.cosigning import Answers, Cosigners
from registry.log.errors import (
    FilesUnsound,
    MachineBehind,
    OtherHistory,
    RegisterBehind,
    WitnessContradicts,
)
from registry.log.files import LogFiles
from registry.log.head import HEAD, enter_behind, enter_cosigned, enter_growth, read_head
from registry.log.leaves import Growth, unlogged
from signing.errors import Malformed
from signing.log.checkpoint import Checkpoint, LogPolicy
from signing.log.tile import WIDTH, BundleReader, Tile, TileReader, grown_bundles, grown_tiles
from signing.merkle import leaf_hash, subtree_hash

MOST = 8192
"""Leaves of one head; a single act on more entries goes whole."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the register's row says."""

    place: int
    size: int
    root: bytes
    cosigned: int

    @classmethod
    def read(cls, session: Session) -> "_Known":
        head = read_head(session)
        return cls(head.place, head.size, head.root, head.cosigned)


@dataclass(frozen=True, slots=True)
class PublicLog:
    """The log of one register, as the one machine lets it grow that has its keys and its memory."""

    sessions: Sessions
    profiles: Profiles
    policy: LogPolicy
    keys: NoteKeys
    memory: LogMemory
    witnesses: Sequence[WitnessLink]
    files: LogFiles
    # Roots of heads that a quorum is known to have seen no more than, since this log was opened.
    confirmed: set[bytes] = field(default_factory=set, compare=False)
    # What an operator should look into, in words.
    doubts: list[str] = field(default_factory=list, compare=False)

    def grow(self, *, now: Callable[[], datetime], most: int = MOST) -> int:
        """Take the log one head further, or bring the last one to its end; return how many leaves are cosigned by that.

        0 if there was nothing to do. Raises a ``LogError`` or a ``KeysError``; whatever it was, the next call goes
        on from what is durable.
        """
        with self.memory.alone():
            return self.step(now=now, most=most)

    def step(self, *, now: Callable[[], datetime], most: int = MOST) -> int:
        """Do what ``grow`` does, for a caller that is ``alone`` with the memory already."""
        known = self.sessions.read(_Known.read)
        last = self.memory.last(self.policy.keys)
        growth = self._staged(known, last)
        if growth is None and known.cosigned == known.size:
            growth = self._unlogged(known, most)
            if not growth.leaves:
                self._pass(known, growth)
                self._mend_checkpoint(last, known, now=now)
                return 0
            self._require_newest(last, known)
            last = self.memory.grow(last, growth.leaves, self.keys, now=now())
            reach("log.staged")
        if growth is not None:
            self._write(last)
            reach("log.written")
            self._enter(known, last, growth)
            reach("log.entered")
        self._publish(last, known, now=now)
        return last.size - known.cosigned

    def shown(self) -> Checkpoint | None:
        """Return the public checkpoint, ``None`` if there is none that the log signed."""
        return self.files.shown(self.policy)

    def require_current(self) -> None:
        """Raise ``RegisterBehind``, ``MachineBehind`` or ``OtherHistory`` unless memory and register go on together."""
        self._staged(self.sessions.read(_Known.read), self.memory.last(self.policy.keys))

    def _staged(self, known: _Known, last: Grown) -> Growth | None:
        """Return the growth that memory has and the register has not entered; ``None`` if both are at one size.

        Raises ``RegisterBehind``, ``MachineBehind`` or ``OtherHistory``.
        """
        # 1. The memory is that of the log which the trust bundle names.
        if last.origin != self.policy.origin:
            raise LogMemoryDamaged(self.memory.path, f"it is of the log {last.origin}")
        # 2. Nothing longer is public, which this machine signed before it was put back whole.
        self._require_nothing_longer_public(known, last)
        # 3. Both at one size: the same tree.
        if known.size == last.size:
            if known.root != last.head.root:
                raise OtherHistory(known.size)
            return None
        if known.size > last.size:
            raise MachineBehind(self.memory.path, last.size, known.size)
        # 4. The register before the last growth: the acts behind its head are those that were signed.
        if known.size < last.before.size or known.root != last.before.root:
            raise self.behind("the log's memory", last.size, known.size)
        growth = self._unlogged(known, len(last.leaves))
        if len(growth.leaves) < len(last.leaves):
            raise self.behind("the log's memory", last.size, known.size + len(growth.leaves))
        for at, (ours, signed) in enumerate(zip(growth.leaves, last.leaves, strict=False)):
            if ours != signed:
                raise OtherHistory(known.size + at)
        return growth

    def require_nothing_longer_public(self) -> None:
        """Raise ``RegisterBehind`` if the public checkpoint is that of a longer log than memory and register know."""
        self._require_nothing_longer_public(
            self.sessions.read(_Known.read), self.memory.last(self.policy.keys)
        )

    def _require_nothing_longer_public(self, known: _Known, last: Grown) -> None:
        shown = self.shown()
        if shown is not None and shown.head.size > max(known.size, last.size):
            raise self.behind("the public checkpoint", shown.head.size, known.size)

    def _unlogged(self, known: _Known, most: int) -> Growth:
        return self.sessions.read(
            lambda session: unlogged(session, self.profiles, place=known.place, most=most)
        )

    def behind(self, who: str, known: int, size: int) -> RegisterBehind:
        """Enter that this register is an older copy; return the refusal that says so."""
        refusal = RegisterBehind(who, known, size)
        self.sessions.run(lambda session: enter_behind(session, str(refusal)), idempotent=True)
        return refusal

    def _pass(self, known: _Known, growth: Growth) -> None:
        """Pass by acts that have no leaf, so that they are not read again."""
        if growth.place > known.place:
            later = (
                update(LogHead)
                .where(LogHead.id == HEAD, LogHead.size == known.size, LogHead.place < growth.place)
                .values(place=growth.place)
            )
            self.sessions.run(lambda session: _do(session, later), idempotent=True)

    def _write(self, last: Grown) -> None:
        """Write what the tree before lacks; the old right edge is believed only if it has the root that was signed."""
        old = last.before.size
        edge = TileReader(self.files.read, old)
        try:
            root, rest = subtree_hash(edge, 0, old), self._last_leaves(edge, old)
        except Malformed as fault:
            raise FilesUnsound(self.files.folder, str(fault)) from None
        if root != last.before.root:
            raise FilesUnsound(self.files.folder, f"not the tree of {old} leaves that was signed")
        tiles = grown_tiles(edge, old, [leaf_hash(leaf) for leaf in last.leaves])
        self.files.write_all(chain(tiles, grown_bundles(rest, old, last.leaves)))

    def _last_leaves(self, edge: TileReader, old: int) -> list[bytes]:
        """Return the leaves of the tree before that no full bundle has, as its tile has them."""
        place, width = divmod(old, WIDTH)
        if not width:
            return []
        leaves = BundleReader(self.files.read, old)(place)
        if [leaf_hash(leaf) for leaf in leaves] != edge.tile(0, place):
            raise Malformed(f"{Tile(None, place, width).path} is not what its tile says")
        return leaves

    def _enter(self, known: _Known, last: Grown, growth: Growth) -> None:
        entered = self.sessions.run(
            lambda session: enter_growth(
                session, growth, size=known.size, root=known.root, grown_root=last.head.root
            ),
            idempotent=True,
        )
        if not entered and self.sessions.read(_Known.read).root != last.head.root:
            raise LogMoved(self.memory.path)

    def _publish(self, last: Grown, known: _Known, *, now: Callable[[], datetime]) -> None:
        """Have the head cosigned, make it public, and enter that it is."""
        if known.cosigned < last.size:
            self._show(last, known.cosigned, now=now)

    def _mend_checkpoint(self, last: Grown, known: _Known, *, now: Callable[[], datetime]) -> None:
        """Make the last head public once more if its checkpoint is not there: every reader waits for it."""
        shown = self.shown()
        if last.size and (shown is None or not shown.is_cosigned or shown.head.size < last.size):
            self._show(last, known.cosigned, now=now)

    def show_again(self, *, now: Callable[[], datetime]) -> int:
        """Have the last head cosigned once more and make it public, as when the public checkpoint was lost.

        Returns its size. For a log that has no growth under way, and a caller that is ``alone`` with the memory; raises
        as ``grow`` does.
        """
        known = self.sessions.read(_Known.read)
        last = self.memory.last(self.policy.keys)
        if self._staged(known, last) is None and last.size:
            self._show(last, known.cosigned, now=now)
        return last.size

    def _require_newest(self, last: Grown, known: _Known) -> None:
        """Raise unless a quorum of witnesses has seen nothing beyond the last head: else another history would begin.

        Asked once for each head that this log did not bring before them itself since it was opened: a machine that was
        put back whole, memory and all, signs nothing before it has learnt what it forgot.
        """
        if last.head.root in self.confirmed:
            return
        answers = self.cosigners.poll(last.size, last.note)
        self.require_believed(answers, known.size)
        self.cosigners.require_quorum(answers)
        self.confirmed.add(last.head.root)

    def require_believed(self, answers: Answers, size: int) -> None:
        """Raise if a witness knows more than ``size`` leaves, or another tree; the register's row says it from then on.

        One that stands alone against so many that no quorum can be with it is told in ``doubts``, and stops nothing.
        Raises ``RegisterBehind`` or ``WitnessContradicts``.
        """
        if self.cosigners.outweighs(answers, size):
            odd = [answers.ahead(size), answers.contradicting]
            self.doubts.extend(
                f"witness {one.name} says that it saw another log" for one in odd if one is not None
            )
            return
        ahead = answers.ahead(size)
        if ahead is not None:
            raise self.behind(f"witness {ahead.name}", ahead.seen or 0, size)
        other = answers.contradicting
        if other is not None:
            refusal = WitnessContradicts(other.name, other.why or "it saw another tree")
            self.sessions.run(lambda session: enter_behind(session, str(refusal)), idempotent=True)
            raise refusal

    @property
    def cosigners(self) -> Cosigners:
        """The witnesses, as they are asked."""
        return Cosigners(self.policy, self.witnesses, self.files)

    def _show(self, last: Grown, old: int, *, now: Callable[[], datetime]) -> None:
        checkpoint, answers = self.cosigners.cosign(last, old, now=now)
        self.require_believed(answers, last.size)
        if checkpoint is None:
            raise self.cosigners.missing(answers.signed, answers)
        reach("log.cosigned")
        self.files.write_checkpoint(checkpoint.data)
        reach("log.public")
        self.sessions.run(lambda session: enter_cosigned(session, last.size), idempotent=True)
        self.confirmed.add(last.head.root)


def _do(session: Session, statement: Update) -> None:
    session.execute(statement)
