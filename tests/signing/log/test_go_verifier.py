"""A log of ours is a log to another implementation: golang.org/x/mod opens it, and finds what was tampered with."""

import base64
import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from signing.log.leaf import Change, Issue, KeyEvent, Leaf, LeafKind, SeriesOpened, Void
from signing.log.note import Head
from signing.log.tile import Tile, TileReader
from signing.merkle import prove_consistency, prove_inclusion
from tests.signing.log.grown_log import GrownLog
from tests.signing.log.signers import BOTH, LOG, LOG_ED25519, LOG_PQ, ORIGIN, W1, W1_PQ, Signer, note
from tests.vectors.world import DTE

SOURCE = Path(__file__).parents[2] / "oracles" / "log" / "verify.go"
LIBRARY = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")
MISSING = (
    "Go or its x/mod is missing: `.ci/install-debian test` installs golang-go and golang-golang-x-mod-dev"
)

START = datetime(2026, 11, 20, tzinfo=UTC)
SIZES = [1, 2, 255, 256, 257, 300, 5000, 65_535, 65_536, 65_537, 70_000, 70_123]
LAST = SIZES[-1]

Ask = Callable[..., dict[str, Any]]


def leaf(place: int) -> Leaf:
    """Return what a register might have done: mostly issues, now and then something else."""
    at, entry = START + timedelta(seconds=place), place + 1
    number = DTE.pack(f"S0001210000012{6 + entry // 999_999}3{entry % 999_999 + 1:06d}")
    match place % 1000:
        case 0:
            return SeriesOpened(at, 1, ("S", "0001", "21", f"{place:06d}", "26", "3"))
        case 1:
            return KeyEvent(at, "renew", "trust/keys", entry, sha256(b"file").digest(), (bytes(4),))
        case 500 | 501:
            return Change(at, LeafKind.REVOKE if place % 2 else LeafKind.SUSPEND, entry - 400)
        case 502:
            return Void(at, entry, number, 1)
    return Issue(at, entry, number, 1, date(2026, 11, 20), sha256(b"token %d" % entry).digest())


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The verifier, compiled."""
    if shutil.which("go") is None or not LIBRARY.exists():
        raise RuntimeError(MISSING)
    folder = tmp_path_factory.mktemp("go")
    # What Debian has is used and nothing else is looked for.
    settings = {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOFLAGS": "",
        "GOCACHE": str(folder / "cache"),
        "CGO_ENABLED": "0",
    }
    command = ["go", "build", "-o", str(folder / "verify"), str(SOURCE)]
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{SOURCE.name} does not compile:\n{done.stderr}")
    return folder / "verify"


@pytest.fixture(scope="module")
def log() -> GrownLog:
    """The log of all leaves."""
    return GrownLog([leaf(place).to_bytes() for place in range(LAST)])


@pytest.fixture(scope="module")
def folder(log: GrownLog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log as files, as it grew from checkpoint to checkpoint."""
    place = tmp_path_factory.mktemp("log")
    growing = GrownLog()
    for size in SIZES:
        before = growing.size
        growing.grow(log.leaves[before:size])
        growing.write(place, after=before)
    head = Head(ORIGIN, LAST, log.root())
    (place / "checkpoint").write_bytes(note(*BOTH, W1, W1_PQ, head=head))
    return place


@pytest.fixture(scope="module")
def ask(program: Path, folder: Path) -> Ask:
    """Ask the verifier about the log, by a key, with proofs."""

    def asking(vkey: str = LOG.key.vkey, **proofs: Any) -> dict[str, Any]:
        question = {"folder": str(folder), "vkey": vkey, "records": [], "growths": []} | proofs
        asked = json.dumps(question, default=lambda data: base64.b64encode(data).decode())
        done = subprocess.run([program], input=asked, capture_output=True, text=True, check=True)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return asking


def record(log: GrownLog, folder: Path, index: int, size: int) -> dict[str, Any]:
    """Return a leaf and its proof, made out of the files by us."""
    steps = prove_inclusion(reader(folder, size), index, size)
    return {"index": index, "size": size, "root": log.root(size), "leaf": log.leaves[index], "proof": steps}


def growth(log: GrownLog, folder: Path, old: int, size: int) -> dict[str, Any]:
    """Return two trees and the proof that one goes on from the other, made out of the files by us."""
    steps = prove_consistency(reader(folder, size), old, size)
    return {"old": old, "old_root": log.root(old), "size": size, "root": log.root(size), "proof": steps}


def reader(folder: Path, size: int) -> TileReader:
    def fetch(tile: Tile) -> bytes | None:
        file = folder / tile.path
        return file.read_bytes() if file.exists() else None

    return TileReader(fetch, size)


@pytest.fixture(scope="module")
def records(log: GrownLog, folder: Path) -> list[dict[str, Any]]:
    """Proofs of leaves: at the edges of tiles, and some by chance."""
    chance = random.Random(7)
    edges = (0, 1, 254, 255, 256, 299, 65_535, 65_536)
    pairs = {(index, size) for size in SIZES for index in (*edges, size // 2, size - 1) if index < size}
    pairs |= {(chance.randrange(LAST), LAST) for _ in range(40)}
    return [record(log, folder, index, size) for index, size in sorted(pairs)]


@pytest.fixture(scope="module")
def growths(log: GrownLog, folder: Path) -> list[dict[str, Any]]:
    """Proofs of growth from every checkpoint to every later one."""
    return [growth(log, folder, old, size) for size in SIZES for old in SIZES if old <= size]


@contextmanager
def tampered(file: Path, at: int) -> Iterator[None]:
    """Flip one bit of a file for a while."""
    data = file.read_bytes()
    file.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    try:
        yield
    finally:
        file.write_bytes(data)


def test_it_opens_the_checkpoint_and_passes_by_what_it_does_not_know(ask, log):
    answer = ask()

    assert answer["checkpoint"] == ""
    assert (answer["name"], answer["size"]) == (ORIGIN, LAST)
    assert base64.b64decode(answer["root"]) == log.root()
    assert answer["signed"] == [f"{ORIGIN}+{LOG.key.key_id.hex()}"]
    # The ML-DSA line of the log has the log's name, and is passed by as a witness's is.
    assert answer["passed_by"] == [f"{it.name}+{it.key.key_id.hex()}" for it in (LOG_PQ, W1, W1_PQ)]


def test_leaves_and_tiles_have_the_root_of_the_checkpoint(ask):
    answer = ask()

    assert (answer["leaves"], answer["tiles"]) == ("", "")


def test_it_takes_our_proofs_and_makes_the_same(ask, records, growths):
    answer = ask(records=records, growths=growths)

    assert len(records) > 100
    assert len(growths) == 78
    assert set(answer["records"]) == set(answer["growths"]) == {""}
    assert set(answer["own_records"]) == set(answer["own_growths"]) == {True}


def wrongs(proofs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each proof with a step flipped, left out, doubled, or two steps turned round."""
    for proof in proofs:
        steps = list(proof["proof"])
        for place, step in enumerate(steps):
            rest = steps[:place], steps[place + 1 :]
            yield proof | {"proof": [*rest[0], bytes([step[0] ^ 1]) + step[1:], *rest[1]]}
            yield proof | {"proof": [*rest[0], *rest[1]]}
            yield proof | {"proof": [*rest[0], step, step, *rest[1]]}
            if rest[1]:
                yield proof | {"proof": [*rest[0], rest[1][0], step, *rest[1][1:]]}


def test_it_refuses_the_proofs_that_we_refuse(ask, records, growths):
    wrong_records = [*wrongs(records[::5]), *(it | {"leaf": it["leaf"] + b"\x00"} for it in records)]
    wrong_records += [it | {"index": it["index"] - 1} for it in records if it["index"]]
    wrong_growths = [*wrongs(growths[::5]), *(it | {"old_root": bytes(32)} for it in growths)]

    answer = ask(records=wrong_records, growths=wrong_growths)

    assert len(answer["records"]) == len(wrong_records) > 500
    assert len(answer["growths"]) == len(wrong_growths) > 200
    assert "" not in answer["records"]
    assert "" not in answer["growths"]


FLIPPED = {
    "the first tile": ("tile/0/000", 0),
    "a tile in the middle": ("tile/0/200", 4000),
    "the partial tile": ("tile/0/273.p/235", 234 * 32),
    "a tile above": ("tile/1/000", 100 * 32 + 31),
    "the partial tile above": ("tile/1/001.p/17", 0),
    "the topmost tile": ("tile/2/000.p/1", 5),
}


@pytest.mark.parametrize(("name", "at"), FLIPPED.values(), ids=FLIPPED)
def test_it_finds_one_flipped_bit_in_a_tile(name, at, ask, folder):
    with tampered(folder / name, at):
        answer = ask()

    assert answer["leaves"] == ""
    assert answer["tiles"] == f"{name.replace('tile/', 'tile/8/')} is not the tile of its leaves"


@pytest.mark.parametrize(
    ("name", "at"), [("tile/entries/000", 1), ("tile/entries/199", 40), ("tile/entries/273.p/235", 40)]
)
def test_it_finds_one_flipped_bit_in_a_bundle(name, at, ask, folder):
    with tampered(folder / name, at):
        answer = ask()

    assert answer["leaves"] != ""


def test_the_full_tile_stands_in_for_a_partial_one(ask, log, folder):
    gone = folder / "tile/0/001.p/44"
    data = gone.read_bytes()
    gone.unlink()

    answer = ask(records=[record(log, folder, 299, 300)])
    gone.write_bytes(data)

    assert (answer["records"], answer["own_records"]) == ([""], [True])


def test_it_refuses_a_checkpoint_of_another_key(ask):
    other = Signer(ORIGIN, LOG_ED25519, "other").key.vkey

    assert ask(vkey=other)["checkpoint"] == "note has no verifiable signatures"


def test_it_does_not_know_the_key_of_a_witness(ask):
    assert ask(vkey=W1.key.vkey)["checkpoint"] == "unknown verifier algorithm"


def test_it_refuses_a_checkpoint_that_was_changed(ask, folder):
    with tampered(folder / "checkpoint", len(ORIGIN) + 2):
        answer = ask()

    assert "invalid signature" in answer["checkpoint"]
