"""The public log without its server: leaves into a tree and its files, proofs out of tiles, proofs verified.

The baseline is bare SHA-256, as often and of as many bytes as the work can not do without, or the bare signatures. The
files are made as the tests make them (``GrownLog``); what is measured is the package ``signing`` at work.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from unittest.mock import patch

from bench.comparison import Comparison, compare, cpu_rate_of, rate_of
from bench.report import Floor, Report
from bench.tokens import NOW, TODAY
from registry.directory.profiles import load_profiles
from registry.publication.public_files import write_public_file
from signing import merkle
from signing.log.leaf import Issue, read_leaf
from signing.log.note import Head
from signing.log.proof import Proof, open_proof
from signing.log.tile import Tile, bundles_of, tiles_of
from signing.merkle import NodeHash, prove_consistency, prove_inclusion, verify_consistency, verify_inclusion
from tests.signing.log.grown_log import GrownLog
from tests.signing.log.signers import BOTH, ORIGIN, STAMP, W1, W1_PQ, W2, W2_PQ, note, policy

SIZE = 70_000
SAMPLE = 100
"""Proofs of one measurement."""
BATCH = 1000
"""Leaves that came together, as those of a batch of certificates do."""
WRITTEN = 10_000
"""Leaves of one measurement that writes to the disk."""
REPEATS = 7
NODE = b"\x01" + bytes(64)
TOKEN = b"a token"
SIGNERS = (*BOTH, W1, W1_PQ, W2, W2_PQ)

FLOORS = (
    Floor("put a leaf into the tree", "1 SHA-256 of the leaf, 1 of 65 bytes", "the same"),
    Floor("verify an inclusion", "1 SHA-256 of the leaf, 1 of 65 bytes for each step", "the same"),
    Floor("open a certificate's proof", f"{len(SIGNERS)} verifications and the inclusion", "the same"),
)
NOTES = (
    f"A log of {SIZE:,} leaves, the last of them of a token. In CPU time, but for the files on disk: by the clock.",
    "Proofs are made out of tiles in memory: by a reader of its own each, or by one for all.",
    "A certificate's proof has the lines of the log and of two witnesses, each of Ed25519 and ML-DSA-44.",
)

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Sample:
    """A log in memory, and places and earlier sizes of it."""

    log: GrownLog
    places: list[int]
    olds: list[int]


def measure() -> Report:
    """Measure leaves, files, proofs made and proofs verified."""
    chance = Random(1)
    log = GrownLog([issue(serial, b"token %d" % serial) for serial in range(1, SIZE)] + [issue(SIZE, TOKEN)])
    sample = Sample(log, chance.sample(range(SIZE), SAMPLE), chance.sample(range(1, SIZE), SAMPLE))
    comparisons = [*leaves(log), on_disk(log), *made(sample), *verified(sample), opened(log)]
    return Report("The public log", comparisons, FLOORS, NOTES)


def issue(serial: int, token: bytes) -> bytes:
    """Return the leaf of an issue."""
    number = load_profiles().issuing.packed(f"S000121000001263{serial:06d}")
    return Issue(NOW, serial, number, 1, TODAY, sha256(token).digest()).to_bytes()


def leaves(log: GrownLog) -> Iterator[Comparison]:
    """Compare putting leaves into a tree, making its files, and reading leaves."""
    against = "SHA-256 of each leaf, and of 65 bytes for each"

    def bare() -> None:
        hash_each(log.leaves)
        hash_nodes(SIZE)

    yield by_cpu("leaves into a tree", lambda: GrownLog(log.leaves), SIZE, against, bare)
    yield by_cpu("the same, with its files", lambda: files_of(log.leaves), SIZE, against, bare)
    some = log.leaves[:WRITTEN]
    yield by_cpu(
        "leaves read (read_leaf)",
        lambda: [read_leaf(leaf) for leaf in some],
        WRITTEN,
        "SHA-256 of each leaf",
        lambda: hash_each(some),
    )


def on_disk(log: GrownLog) -> Comparison:
    """Compare writing the files of a tree, each durable before the next, with the same bytes in one durable file."""
    some, whole = log.leaves[:WRITTEN], b"".join(files_of(log.leaves[:WRITTEN]).values())
    with TemporaryDirectory() as folder:
        fresh = (Path(folder) / str(serial) for serial in count())

        def write_all() -> None:
            place = next(fresh)
            for tile, data in files_of(some).items():
                write_public_file(place, tile.path, data)

        return compare(
            f"leaves into a tree and its {len(files_of(some))} files on disk",
            lambda: rate_of(write_all, count=WRITTEN),
            against="the same bytes in one file",
            baseline=lambda: rate_of(lambda: write_public_file(next(fresh), "all", whole), count=WRITTEN),
            unit="/s",
            repeats=REPEATS,
        )


def made(sample: Sample) -> Iterator[Comparison]:
    """Compare making proofs out of tiles with the hashes of nodes that they need."""
    log, last = sample.log, range(SIZE - BATCH, SIZE)
    kinds: dict[str, tuple[int, Work]] = {
        "inclusion proofs made, each by itself": (
            SAMPLE,
            lambda: [prove_inclusion(log.reader(), place, SIZE) for place in sample.places],
        ),
        "consistency proofs made, each by itself": (
            SAMPLE,
            lambda: [prove_consistency(log.reader(), old, SIZE) for old in sample.olds],
        ),
        f"inclusion proofs of the last {BATCH:,} leaves": (BATCH, lambda: prove_all(log.reader(), last)),
    }
    for name, (units, make) in kinds.items():
        yield by_nodes(name, make, units)


def prove_all(read: NodeHash, places: range) -> None:
    """Make the proof of each of these leaves with one reader."""
    for place in places:
        prove_inclusion(read, place, SIZE)


def verified(sample: Sample) -> Iterator[Comparison]:
    """Compare verifying proofs with the hashes of nodes in them."""
    log, root, read = sample.log, sample.log.root(), sample.log.reader()
    inclusions = [(log.leaves[at], at, SIZE, prove_inclusion(read, at, SIZE), root) for at in sample.places]
    growths = [(old, SIZE, log.root(old), root, prove_consistency(read, old, SIZE)) for old in sample.olds]
    checks: dict[str, Work] = {
        "inclusion proofs verified": lambda: require(verify_inclusion(*one) for one in inclusions),
        "consistency proofs verified": lambda: require(verify_consistency(*one) for one in growths),
    }
    for name, check in checks.items():
        yield by_nodes(name, check, SAMPLE)


def opened(log: GrownLog) -> Comparison:
    """Compare opening a certificate's proof with as many signatures verified."""
    head, trust = Head(ORIGIN, SIZE, log.root()), policy()
    steps = prove_inclusion(log.reader(), SIZE - 1, SIZE)
    proof = Proof(log.leaves[-1], SIZE - 1, steps, note(*SIGNERS, head=head)).to_bytes()
    signed = [(signer, signer.key.message(head, STAMP)) for signer in SIGNERS]
    bare = [
        (signer.private.public_key(), signer.private.sign(message), message) for signer, message in signed
    ]
    return by_cpu(
        "certificates' proofs opened (open_proof)",
        lambda: [open_proof(Proof.parse(proof), TOKEN, trust) for _ in range(SAMPLE)],
        SAMPLE,
        f"{len(SIGNERS)} signatures verified",
        lambda: [public.verify(*rest) for _ in range(SAMPLE) for public, *rest in bare],
    )


def by_nodes(claim: str, work: Work, units: int) -> Comparison:
    """Compare work on as many proofs with the hashes of nodes that it takes, counted once."""
    hashed = 0

    def counting(left: bytes, right: bytes) -> bytes:
        nonlocal hashed
        hashed += 1
        return sha256(b"\x01" + left + right).digest()

    with patch.object(merkle, "_node_hash", counting):
        work()
    against = f"SHA-256 of 65 bytes, {hashed / units:,.0f} for each"
    return by_cpu(claim, work, units, against, lambda: hash_nodes(hashed))


def by_cpu(claim: str, work: Work, units: int, against: str, bare: Work) -> Comparison:
    """Compare two pieces of work of as many units in CPU time."""
    return compare(
        claim,
        lambda: cpu_rate_of(work, count=units),
        against=against,
        baseline=lambda: cpu_rate_of(bare, count=units),
        unit="/s",
        repeats=REPEATS,
    )


def files_of(content: list[bytes]) -> dict[Tile, bytes]:
    """Return all files of a log of these leaves."""
    log = GrownLog(content)
    return {tile: log.data(tile) for tile in (*tiles_of(log.size), *bundles_of(log.size))}


def hash_each(content: list[bytes]) -> None:
    """Hash each leaf and nothing else."""
    for leaf in content:
        sha256(leaf).digest()


def hash_nodes(hashes: int) -> None:
    """Hash 65 bytes so many times."""
    for _ in range(hashes):
        sha256(NODE).digest()


def require(answers: Iterator[bool]) -> None:
    """Fail loudly if a proof does not hold: then there is nothing to measure."""
    if not all(answers):
        raise AssertionError("a proof does not hold")
