"""What anybody can hold a log against, who has nothing but its leaves: dense, nothing twice, every change lawful."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from signing.log.leaf import Change, Issue, Leaf, LeafKind, SeriesOpened, Void
from signing.merkle import tree_hash
from tests.registry.world import PROFILE

CHANGES = {
    ("unseen", LeafKind.VOID): "void",
    ("issued", LeafKind.VOID): "void",
    ("issued", LeafKind.SUSPEND): "suspended",
    ("suspended", LeafKind.REINSTATE): "issued",
    ("issued", LeafKind.REVOKE): "revoked",
    ("suspended", LeafKind.REVOKE): "revoked",
    ("issued", LeafKind.SUPERSEDE): "superseded",
}


@dataclass
class Outsider:
    """One reading of the leaves; ``faults`` is what is wrong."""

    standings: dict[int, str] = field(default_factory=dict)
    digests: dict[int, bytes] = field(default_factory=dict)
    serials: dict[str, set[int]] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    @classmethod
    def reading(cls, leaves: Iterable[Leaf]) -> "Outsider":
        """Read leaves in their order."""
        outsider = cls()
        for place, leaf in enumerate(leaves):
            outsider._read(place, leaf)
        return outsider

    def _read(self, place: int, leaf: Leaf) -> None:
        if isinstance(leaf, SeriesOpened):
            key = ":".join(leaf.parts)
            if key in self.opened:
                self.faults.append(f"{place}: series {key} is opened twice")
            self.opened.add(key)
        elif isinstance(leaf, Issue):
            if self.digests.get(leaf.entry, leaf.digest) != leaf.digest or leaf.entry in self.standings:
                self.faults.append(f"{place}: entry {leaf.entry} is issued, and was seen")
            self.digests[leaf.entry] = leaf.digest
            self.standings[leaf.entry] = "issued"
            self._count(leaf.number)
        elif isinstance(leaf, Void):
            self._move(place, leaf.entry, LeafKind.VOID)
            if leaf.number is not None:
                self._count(leaf.number)
        elif isinstance(leaf, Change):
            self._move(place, leaf.entry, leaf.kind)

    def _move(self, place: int, entry: int, kind: LeafKind) -> None:
        standing = self.standings.get(entry, "unseen")
        after = CHANGES.get((standing, kind))
        if after is None:
            self.faults.append(f"{place}: {kind.name} of entry {entry}, which is {standing}")
        self.standings[entry] = after or standing

    def _count(self, number: bytes) -> None:
        fields = PROFILE.layout.parse(PROFILE.layout.unpack(number))
        series = ":".join(text for name, text in fields.items() if name != PROFILE.serial)
        self.serials.setdefault(series, set()).add(int(fields[PROFILE.serial]))

    @property
    def is_dense(self) -> bool:
        """Whether entries, and the serials of each series, are 1..N."""
        lines = [set(self.standings), *self.serials.values()]
        return all(line == set(range(1, len(line) + 1)) for line in lines)


def goes_on_from(leaves: list[bytes], heads: Iterable[bytes], policy) -> bool:
    """Say whether the tree of these leaves begins with every tree of these notes."""
    known = [policy.open(note).head for note in heads]
    return all(tree_hash(leaves[: head.size]) == head.root for head in known)
