"""Proofs that a tree only grew, against the vectors and against a slow reading of the RFC."""

import base64
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from signing.merkle import leaf_hash, prove_consistency, verify_consistency
from tests.signing.slow_tree import SlowTree

FILE = Path(__file__).parents[1] / "vectors" / "merkle" / "consistency.json"
CASES = json.loads(FILE.read_text(encoding="utf-8"))

TREE = SlowTree([place.to_bytes(3, "big") for place in range(65_538)])
SMALL = range(1, 71)
LARGE = [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537]
OTHER = leaf_hash(b"other")


def read(node):
    return TREE.mth(node.place << node.height, (node.place + 1) << node.height)


def holds(old, size, proof, *, old_root=None, root=None):
    return verify_consistency(old, size, old_root or TREE.mth(0, old), root or TREE.mth(0, size), proof)


def mutations(proof: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
    """Yield proofs that are not this one: a bit flipped, a step left out, put in, doubled, moved or cut short."""
    chance = random.Random(len(proof))
    for place, step in enumerate(proof):
        before, after = proof[:place], proof[place + 1 :]
        flipped = bytearray(step)
        flipped[chance.randrange(32)] ^= 1 << chance.randrange(8)
        yield (*before, bytes(flipped), *after)
        yield (*before, *after)
        yield (*before, OTHER, step, *after)
        yield (*before, step, step, *after)
        yield (*before, step[:-1], *after)
        yield (*before, step + b"\x00", *after)
        if after:
            yield (*before, after[0], step, *after[1:])
    yield (*proof, OTHER)
    yield (OTHER, *proof)


@pytest.mark.parametrize("case", CASES, ids=[case["file"] for case in CASES])
def test_a_vector_has_its_answer(case):
    proof = [base64.b64decode(step) for step in case["proof"] or []]
    old_root, root = base64.b64decode(case["root1"]), base64.b64decode(case["root2"])

    answer = verify_consistency(case["size1"], case["size2"], old_root, root, proof)

    assert answer is not case["wantErr"]


def test_the_vectors_are_all_there():
    assert len(CASES) == 98
    assert sum(not case["wantErr"] for case in CASES) == 6


@pytest.mark.parametrize("size", [*SMALL, *LARGE])
def test_a_proof_is_that_of_the_rfc_and_holds(size):
    olds = range(1, size + 1) if size < 100 else sorted({1, 2, 3, *LARGE, size // 2, size - 1, size})
    for old in (old for old in olds if old <= size):
        proof = prove_consistency(read, old, size)

        assert proof == TREE.proof(old, size)
        assert holds(old, size, proof)


@pytest.mark.parametrize("size", [*range(1, 24), 33, 63, 64, 65, 256, 65_537])
def test_a_proof_that_was_changed_does_not_hold(size):
    olds = range(1, size + 1) if size < 100 else (1, 129, 255, 256)
    for old in olds:
        for changed in mutations(prove_consistency(read, old, size)):
            assert not holds(old, size, changed), (old, changed)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 31, 40])
def test_a_proof_holds_for_no_other_sizes_and_roots(size):
    for old in range(1, size + 1):
        proof = prove_consistency(read, old, size)
        root, old_root = TREE.mth(0, size), TREE.mth(0, old)
        for other in range(45):
            if other != old:
                assert not holds(other, size, proof, old_root=old_root)
                assert other == 0 or not holds(other, size, proof)
            if other != size:
                assert not holds(old, other, proof)
        assert not holds(old, size, proof, old_root=OTHER)
        assert not holds(old, size, proof, root=OTHER)
        assert old == size or not holds(old, size, proof, old_root=root, root=old_root)


@pytest.mark.parametrize("wrong", [b"", OTHER[:-1], OTHER + b"\x00"], ids=["empty", "31 bytes", "33 bytes"])
def test_no_tree_that_grew_has_a_root_that_is_no_hash(wrong):
    assert not verify_consistency(0, 2, TREE.mth(0, 0), wrong, ())


def test_the_empty_tree_is_the_beginning_of_every_tree():
    for size in range(5):
        assert prove_consistency(read, 0, size) == ()
        assert holds(0, size, ())
        assert not holds(0, size, (OTHER,))
        assert not holds(0, size, (), old_root=OTHER)
    assert not holds(0, 0, (), root=OTHER)
    assert not holds(0, 0, (), root=OTHER, old_root=OTHER)


@pytest.mark.parametrize(("old", "size"), [(-1, 3), (4, 3), (1, 0)])
def test_a_tree_does_not_shrink(old, size):
    with pytest.raises(IndexError):
        prove_consistency(read, old, size)
    assert not verify_consistency(old, size, OTHER, OTHER, ())
