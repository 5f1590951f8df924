"""A proof made out of a log's files opens, wherever the leaf stands; and is looked for where its entry is likely."""

import random
from hashlib import sha256

import pytest

from signing.errors import LogRefused
from signing.log.leaf import Change, Issue, LeafKind
from signing.log.proof import Proof, open_proof
from signing.log.proof_making import bundles_near, make_proof
from signing.log.tile import WIDTH, Tile, TileReader
from signing.merkle import leaf_hash, prove_inclusion, root_of_hashes
from tests.log_world import POLICY, START, checkpoint, head_of
from tests.vectors import world
from tests.vectors.world import NOW

LEAVES = 3_000
SAMPLE = random.Random(20261120)


def issue(entry):
    return Issue(
        at=START, entry=entry, number=world.NUMBER, version=1, issued_on=world.statement().issued_on,
        digest=sha256(token(entry)).digest(),
    ).to_bytes()  # fmt: skip


def token(entry):
    return b"token %d" % entry


def change(entry):
    return Change(at=START, kind=LeafKind.SUSPEND, entry=entry).to_bytes()


ENTRIES = sorted(range(1, LEAVES + 1), key=lambda entry: entry + SAMPLE.randrange(40))
"""Out of order as far as things are that happen at one moment."""
LOG = [issue(entry) for entry in ENTRIES]


def opened(leaves):
    return POLICY.open(checkpoint(head_of(leaves), at=NOW))


def reader(leaves):
    rows = {0: list(map(leaf_hash, leaves))}
    rows[1] = [root_of_hashes(rows[0][at : at + WIDTH]) for at in range(0, len(leaves) - WIDTH + 1, WIDTH)]

    def fetch(tile: Tile) -> bytes:
        return b"".join(rows[tile.level][tile.index * WIDTH : tile.index * WIDTH + tile.width])

    return TileReader(fetch, len(leaves))


def bundles(leaves):
    return [(at, leaves[at : at + WIDTH]) for at in range(0, len(leaves), WIDTH)]


@pytest.mark.parametrize("index", [0, 1, 255, 256, 1024, 2815, 2816, 2999])
def test_it_opens_for_its_token(index):
    head, entry = opened(LOG), ENTRIES[index]

    proof = make_proof(token(entry), head, reader(LOG), bundles(LOG))

    proven = open_proof(Proof.parse(proof.to_bytes()), token(entry), POLICY)
    assert (proven.index, proven.issue.entry, proven.checkpoint.head) == (index, entry, head.head)


def test_in_the_smallest_log_it_is_the_leaf_alone():
    proof = make_proof(token(7), opened([issue(7)]), reader([issue(7)]), bundles([issue(7)]))

    assert proof.steps == ()
    assert open_proof(proof, token(7), POLICY).index == 0


@pytest.mark.parametrize("leaves", [[], LOG, [change(7)], [b"", b"\xff", sha256(token(9999)).digest()]])
def test_a_token_without_leaf_has_none(leaves):
    with pytest.raises(LogRefused, match="no leaf"):
        make_proof(token(9999), opened(leaves), reader(leaves), bundles(leaves))


def test_a_leaf_beyond_the_checkpoint_is_not_proven():
    with pytest.raises(LogRefused):
        make_proof(token(ENTRIES[299]), opened(LOG[:256]), reader(LOG[:256]), bundles(LOG[:300]))


def test_what_the_tiles_do_not_prove_is_found_by_who_opens_it():
    wrong = [*LOG[:5], issue(9000), *LOG[6:]]

    proof = make_proof(token(ENTRIES[0]), opened(LOG), reader(wrong), bundles(LOG))

    with pytest.raises(LogRefused):
        open_proof(proof, token(ENTRIES[0]), POLICY)


class Shelf:
    """Bundles, and which of them were asked for."""

    def __init__(self, leaves):
        self.leaves, self.asked = leaves, []

    def __call__(self, place):
        self.asked.append(place)
        return self.leaves[place * WIDTH : place * WIDTH + WIDTH]


@pytest.mark.parametrize("entry", [1, 2, 300, 1500, 2990, 3000])
def test_the_bundle_of_an_entry_is_found_by_few_looks(entry):
    shelf = Shelf(LOG)

    near = bundles_near(shelf, len(LOG), entry)
    first, leaves = next((first, leaves) for first, leaves in near if issue(entry) in leaves)

    assert LOG[first : first + WIDTH] == leaves
    assert len(set(shelf.asked)) <= 7


@pytest.mark.parametrize(
    "leaves", [[], LOG[:1], LOG[:256], LOG[:257], [change(1)] * 700, [b"\xff"] * 700, LOG]
)
@pytest.mark.parametrize("entry", [1, 1500, 2**32 - 1])
def test_every_bundle_is_looked_at_in_the_end_and_once(leaves, entry):
    found = [first for first, _ in bundles_near(Shelf(leaves), len(leaves), entry)]

    assert sorted(found) == list(range(0, len(leaves), WIDTH))


def test_the_steps_are_those_of_the_tree():
    proof = make_proof(token(ENTRIES[700]), opened(LOG), reader(LOG), bundles(LOG))

    assert proof.steps == prove_inclusion(reader(LOG), 700, LEAVES)
