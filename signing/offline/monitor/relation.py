"""Whether two signed heads are of one tree.

That a proof of consistency fails proves nothing against a log: a tile may be damaged. A fork is told only where the
tiles lead to the newer root and, by the same hashes, to another root than the older one that was signed.
"""

from enum import Enum, auto

from signing.errors import LogRefused, Malformed
from signing.log.note import Head
from signing.log.tile import TileReader
from signing.merkle import prove_consistency, root_of_hashes, subtree_hash, verify_consistency


class Relation(Enum):
    """How a head is related to a newer one, or one of the same size."""

    BEGINNING = auto()
    FORKED = auto()


def relation(older: Head, newer: Head, read: TileReader) -> Relation:
    """Return how ``older`` is related to ``newer``, which is at least as large; ``read`` is of the newer tree.

    Raises ``LogRefused`` where the tiles do not tell, and whatever reading them raises.
    """
    if older.size == newer.size:
        return Relation.BEGINNING if older.root == newer.root else Relation.FORKED
    if not older.size:
        return Relation.BEGINNING if older.root == root_of_hashes([]) else Relation.FORKED
    try:
        proof = prove_consistency(read, older.size, newer.size)
        begun = subtree_hash(read, 0, older.size)
    except Malformed as fault:
        raise LogRefused(str(fault)) from None
    if verify_consistency(older.size, newer.size, older.root, newer.root, proof):
        return Relation.BEGINNING
    if begun != older.root and verify_consistency(older.size, newer.size, begun, newer.root, proof):
        return Relation.FORKED
    raise LogRefused("the tiles do not lead to the root of the checkpoint")
