"""A log in memory: leaves, the checkpoints that it signs, and the requests that it sends to a witness."""

from dataclasses import dataclass, field

from keys.note_keys import NoteKeys
from keys.witness.protocol import AddCheckpoint
from signing.log.note import Head
from signing.merkle import Node, leaf_hash, prove_consistency, root_of_hashes, tree_hash

ORIGIN = "log.example/register"
NAME = "witness.example/w1"
EMPTY = Head(ORIGIN, 0, tree_hash([]))


@dataclass
class SmallLog:
    """A log's keys, and its leaves from the first to the last."""

    keys: NoteKeys
    leaves: list[bytes] = field(default_factory=lambda: [b"leaf %d" % place for place in range(40)])

    def forked_at(self, size: int) -> "SmallLog":
        """Return a log with the same keys, and other leaves from ``size`` on."""
        return SmallLog(
            self.keys, [leaf if at < size else leaf + b"!" for at, leaf in enumerate(self.leaves)]
        )

    def head(self, size: int) -> Head:
        return Head(self.keys.name, size, tree_hash(self.leaves[:size]))

    def signed(self, head: Head, *, stamp: int = 1) -> bytes:
        """Return the checkpoint of a head, right or wrong."""
        return f"{head.to_text()}\n{self.keys.sign(head, stamp=stamp)}".encode()

    def checkpoint(self, size: int) -> bytes:
        return self.signed(self.head(size))

    def proof(self, old: int, size: int) -> tuple[bytes, ...]:
        hashes = [leaf_hash(leaf) for leaf in self.leaves]

        def read(node: Node) -> bytes:
            return root_of_hashes(hashes[node.place << node.height :][: 1 << node.height])

        return prove_consistency(read, old, size)

    def request(self, old: int, size: int) -> bytes:
        """Return the body of an honest request."""
        return AddCheckpoint(old, self.proof(old, size), self.checkpoint(size)).to_bytes()
