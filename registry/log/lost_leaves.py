"""Leaves that others know and this register does not: where they are found, and what shows that they are the log's.

Nobody who has them is believed: they go on from the register's own tree, and make every tree that the log signed and
that is known here. The longest of these is signed into the log's memory, or cosigned by enough witnesses.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from keys.log_memory import Grown
from registry.log.errors import HeadsContradict, LeavesMissing, LeavesUnproven
from registry.log.files import LogFiles
from signing.errors import Malformed
from signing.log.checkpoint import Checkpoint, LogPolicy
from signing.log.note import Head
from signing.log.tile import WIDTH, Tile
from signing.merkle import Frontier, leaf_hash


@dataclass(frozen=True, slots=True)
class Copy:
    """Public files of the log, here or on a mirror, with their cosigned checkpoint (``None`` if that is lost).

    ``sizes`` are those of trees that are known, whose last bundles may lie there.
    """

    files: LogFiles
    shown: Checkpoint | None
    sizes: frozenset[int]

    def bundle_from(self, place: int) -> list[bytes]:
        """Return the leaves of a bundle from ``place`` on, as they lie there; none if it has none."""
        index, at = divmod(place, WIDTH)
        widths = sorted((size - index * WIDTH for size in self.sizes), reverse=True)
        tiles = [Tile(None, index)] + [Tile(None, index, width) for width in widths if 0 < width < WIDTH]
        for tile in tiles:
            data = self.files.read(tile)
            with suppress(Malformed):
                if data is not None:
                    return tile.leaves(data)[at:]
        return []


@dataclass(frozen=True, slots=True)
class LostLeaves:
    """The leaves ``start..end-1`` of the log, wherever they are.

    ``heads`` are the roots that the log signed, by size; of the last of them ``cosigned`` leaves are in a checkpoint
    that enough witnesses signed. ``head`` is the longest, ``note`` its bytes.
    """

    start: int
    head: Head
    note: bytes
    cosigned: int
    heads: Mapping[int, bytes]
    last: Grown | None
    copies: Sequence[Copy]

    @property
    def end(self) -> int:
        """How many leaves the log has."""
        return self.head.size

    def proven(self, edge: Frontier) -> Iterator[bytes]:
        """Yield the leaves in their order; ``edge`` is that of the register's own tree, and is let grow.

        Raises ``LeavesMissing``, or ``LeavesUnproven`` before the leaf that would make another tree than a signed one.
        Not before the last one came are they all shown to be the log's.
        """
        for leaf in self._found():
            edge.extend((leaf_hash(leaf),))
            if self.heads.get(edge.size, edge.root) != edge.root:
                raise LeavesUnproven(edge.size)
            yield leaf

    def _found(self) -> Iterator[bytes]:
        place = self.start
        while place < self.end:
            part = self._from(place)[: self.end - place]
            if not part:
                raise LeavesMissing(place, self.end)
            yield from part
            place += len(part)

    def _from(self, place: int) -> Sequence[bytes]:
        """Return some leaves from a place on: what the log staged, or what the best of the copies has."""
        last = self.last
        if last is not None and last.before.size <= place < last.size:
            return last.leaves[place - last.before.size :]
        return max((copy.bundle_from(place) for copy in self.copies), key=len, default=[])


@dataclass(frozen=True, slots=True)
class KnownLog:
    """All that is known of the log outside the database: its memory (``None`` if it is lost), and public files."""

    policy: LogPolicy
    last: Grown | None
    trees: Sequence[LogFiles]

    def beyond(self, size: int) -> LostLeaves | None:
        """Return the leaves from ``size`` on, ``None`` if nobody knows any. Raises ``HeadsContradict``."""
        copies = self._copies()
        heads: dict[int, bytes] = {}
        for head, _ in self._heads(copies):
            if heads.setdefault(head.size, head.root) != head.root:
                raise HeadsContradict(head.size)
        longest, note = self.longest()
        if longest.size <= size:
            return None
        cosigned = max((copy.shown.head.size for copy in copies if copy.shown), default=0)
        return LostLeaves(size, longest, note, cosigned, heads, self.last, copies)

    def longest(self) -> tuple[Head, bytes]:
        """Return the head of the longest tree that is known, and the note that the log signed."""
        nothing = Head(self.policy.origin, 0, b""), b""
        return max(self._heads(self._copies()), key=lambda each: each[0].size, default=nothing)

    def _copies(self) -> list[Copy]:
        shown = [self._shown(files) for files in self.trees]
        sizes = {each.head.size for each in shown if each is not None}
        if self.last is not None:
            sizes |= {self.last.size, self.last.before.size}
        pairs = zip(self.trees, shown, strict=True)
        return [Copy(files, checkpoint, frozenset(sizes)) for files, checkpoint in pairs]

    def _heads(self, copies: Sequence[Copy]) -> Iterator[tuple[Head, bytes]]:
        if self.last is not None:
            before = self.last.before
            yield self.last.head, self.last.note
            yield Head(self.policy.origin, before.size, before.root), b""
        for copy in copies:
            if copy.shown is not None:
                yield copy.shown.head, copy.shown.data

    def _shown(self, files: LogFiles) -> Checkpoint | None:
        """Return the checkpoint of a copy, if it is one that enough witnesses signed."""
        shown = files.shown(self.policy)
        return shown if shown is not None and shown.is_cosigned else None
