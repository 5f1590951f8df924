"""The monitor catching up on a whole log, beside reading its bundles and hashing their leaves and nothing else.

The log is that of an honest register: series of ten thousand certificates, its files as a log serves them, in a folder.
"""

import resource
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.comparison import compare, rate_of
from bench.report import Floor, Report
from registry.directory.profiles import load_profiles
from signing.log.leaf import Issue, SeriesOpened
from signing.log.note import Head, NoteKey, SignatureKind
from signing.log.tile import WIDTH, Tile, bundle, bundles_of
from signing.merkle import leaf_hash
from signing.offline.log_files import LogFiles
from signing.offline.monitor.finding import Code
from signing.offline.monitor.new_leaves import new_leaves
from signing.offline.monitor.news import Moment
from signing.offline.monitor.right_edge import RightEdge
from signing.offline.monitor.rules import Rules
from signing.offline.monitor.state import State, read_state, write_state
from signing.offline.source import FolderSource

LEAVES = 1_000_000
PER_SERIES = 10_000
ORIGIN, WITNESS = "log.example/bench", "witness.example"
START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = date(2026, 11, 20)
REPEATS = 2
FLOORS = (
    Floor("read one leaf", "1 SHA-256 over it, 1 over its node", "the same, and its CBOR decoded and judged"),
    Floor(
        "go on after it",
        "the new bundles, and the tiles above them",
        "the same, and the state read and written",
    ),
)


def measure(leaves: int = LEAVES) -> Report:
    """Measure catching up from the first leaf, and going on with a state of that size."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        head = write_log(folder / "log", leaves)
        catch_up = compare(
            f"catch up on {leaves:,} leaves",
            lambda: rate_of(lambda: follow(folder, head), count=leaves),
            against="read and hash the leaves alone",
            baseline=lambda: rate_of(lambda: hash_alone(folder, head), count=leaves),
            unit="/s",
            repeats=REPEATS,
        )
        path = folder / "state"
        write_state(path, follow(folder, head))
        again = rate_of(lambda: write_state(path, read_state(path) or State("bench", ORIGIN)), count=1)
        size = path.stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    notes = (
        f"By the clock, {leaves / catch_up.ours_rate:.0f} s for all of it (aim: a minute or two); greatest resident "
        f"memory of this process {peak:.0f} MiB, making the log included (aim: well below 1 GiB).",
        f"A state of {size / 1e6:.0f} MB, read and written again: {1 / again:.1f} s.",
    )
    return Report("Monitor", [catch_up], FLOORS, notes)


def follow(folder: Path, head: Head) -> State:
    """Read the whole log as a first run does; return the state that it would keep."""
    state = State("bench", ORIGIN, note=note_of(head))
    profiles = {profile.code: profile for profile in load_profiles().layouts}
    head_at = int(START.timestamp()) + head.size
    rules = Rules(state.ledger, profiles, Moment(head_at, 0), ())
    for first, found in new_leaves(LogFiles(FolderSource(folder)), state.edge, head):
        for index, leaf in enumerate(found, first):
            rules.read(index, leaf)
    rules.finish()
    if rules.findings.counts:
        raise RuntimeError(f"an honest log was found at fault: {rules.findings.kept[0]}, {list(Code)}")
    return state


def hash_alone(folder: Path, head: Head) -> None:
    """Read the bundles and hash their leaves up to the root."""
    files, edge = LogFiles(FolderSource(folder)), RightEdge()
    for part in bundles_of(head.size):
        edge.grow(list(map(leaf_hash, files.leaves(part))))
    if edge.root() != head.root:
        raise RuntimeError("another tree")


def write_log(folder: Path, size: int) -> Head:
    """Write an honest log of so many leaves; return its head. The tiles are those of its hashes, bundle by bundle."""
    edge, waiting = RightEdge(), []
    for leaf in made_leaves(size):
        waiting.append(leaf)
        if len(waiting) == WIDTH:
            _write_bundle(folder, edge, waiting)
            waiting = []
    if waiting:
        _write_bundle(folder, edge, waiting)
    for tile, row in edge.partial():
        _write(folder, tile, b"".join(row))
    head = Head(ORIGIN, size, edge.root())
    (folder / "checkpoint").write_bytes(note_of(head))
    return head


def made_leaves(size: int) -> Iterator[bytes]:
    """Yield the leaves: a series opened, then its certificates, and so on."""
    profile = load_profiles().issuing.layout
    entry = opened = 0
    for index in range(size):
        at = START + timedelta(seconds=index)
        series, place = divmod(index, PER_SERIES + 1)
        parts = ("S", f"{series % 10_000:04}", "21", f"{series:06}", "26", "3")
        if not place:
            # The serial is the last field of the number, so numbers follow each other as integers do.
            opened = int.from_bytes(profile.pack(f"{''.join(parts)}000000"))
            yield SeriesOpened(at=at, profile=profile.code, parts=parts).to_bytes()
            continue
        entry += 1
        number = (opened + place).to_bytes(1 + profile.size)
        digest = sha256(entry.to_bytes(8)).digest()
        yield Issue(at=at, entry=entry, number=number, version=1, issued_on=DAY, digest=digest).to_bytes()


def note_of(head: Head) -> bytes:
    """Return a checkpoint by keys of this run; the floor of one verification is none of this."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    named = NoteKey(ORIGIN, SignatureKind.LOG_ED25519, public)
    return f"{head.to_text()}\n{named.line(key.sign(named.message(head, 0)))}".encode()


def _write_bundle(folder: Path, edge: RightEdge, leaves: list[bytes]) -> None:
    index = edge.size // WIDTH
    _write(folder, Tile(None, index, len(leaves)), bundle(leaves))
    for tile, row in edge.grow(list(map(leaf_hash, leaves))):
        _write(folder, tile, b"".join(row))


def _write(folder: Path, tile: Tile, data: bytes) -> None:
    path = folder / tile.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
