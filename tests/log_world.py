"""A small public log, made with ``signing.log`` alone: keys from fixed seeds, an honest register, its log as files.

``Register`` does what registers do and remembers the leaves and the tokens; ``write_log`` writes leaves as a log does,
with the checkpoint that its witnesses cosigned. Tests plant what is wrong by changing the leaves in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from signing.log.checkpoint import LogPolicy, Witness
from signing.log.leaf import Change, Issue, KeyEvent, LeafKind, SeriesOpened, Void
from signing.log.note import Head, NoteKey, SignatureKind
from signing.log.tile import HEIGHT, WIDTH, Tile, bundle, bundles_of, tiles_of
from signing.merkle import leaf_hash, root_of_hashes, tree_hash
from tests.vectors import world
from tests.vectors.world import DAY, NOW, SeedKey

ORIGIN = "log.example/register"
LOG = SeedKey("log")
LOG_KEY = NoteKey(ORIGIN, SignatureKind.LOG_ED25519, LOG.public)
WITNESSES = [SeedKey(f"witness {place}") for place in range(3)]
WITNESS_KEYS = [
    NoteKey(f"witness{place}.example", SignatureKind.COSIGNATURE_ED25519, key.public)
    for place, key in enumerate(WITNESSES)
]
POLICY = LogPolicy(ORIGIN, (LOG_KEY,), tuple(Witness(key.name, (key,)) for key in WITNESS_KEYS), quorum=2)
MINUTE = timedelta(minutes=1)
START = NOW - 60 * DAY


def checkpoint(head: Head, *, at: datetime, witnesses: Sequence[int] = (0, 1), log: SeedKey = LOG) -> bytes:
    """Return the note of a head, signed by the log and cosigned by some witnesses at an instant."""
    key = NoteKey(head.origin, SignatureKind.LOG_ED25519, log.public)
    lines = [key.line(log.private.sign(key.message(head, 0)))]
    stamp = int(at.timestamp())
    for place in witnesses:
        signed = WITNESSES[place].private.sign(WITNESS_KEYS[place].message(head, stamp))
        lines.append(WITNESS_KEYS[place].line(signed, stamp))
    return (head.to_text() + "\n" + "".join(lines)).encode()


def head_of(leaves: Sequence[bytes], origin: str = ORIGIN) -> Head:
    """Return the head of the tree over these leaves."""
    return Head(origin, len(leaves), tree_hash(leaves))


def write_log(
    folder: Path,
    leaves: Sequence[bytes],
    *,
    at: datetime,
    after: int = 0,
    witnesses: Sequence[int] = (0, 1),
    log: SeedKey = LOG,
) -> Head:
    """Write a log as it stands with these leaves, cosigned at an instant; of which ``after`` leaves are there."""
    rows = [list(map(leaf_hash, leaves))]
    while len(rows[-1]) >= WIDTH:
        row = rows[-1]
        full = range(0, len(row) - WIDTH + 1, WIDTH)
        rows.append([root_of_hashes(row[at : at + WIDTH]) for at in full])
    for tile in tiles_of(len(leaves), after=after):
        assert tile.level is not None
        _write(folder, tile, b"".join(_part(rows[tile.level], tile)))
    for part in bundles_of(len(leaves), after=after):
        _write(folder, part, bundle(_part(leaves, part)))
    folder.mkdir(parents=True, exist_ok=True)
    head = Head(ORIGIN, len(leaves), root_of_hashes(rows[0]))
    (folder / "checkpoint").write_bytes(checkpoint(head, at=at, witnesses=witnesses, log=log))
    return head


def _part(row: Sequence[bytes], tile: Tile) -> Sequence[bytes]:
    return row[tile.index * WIDTH : tile.index * WIDTH + tile.width]


def _write(folder: Path, tile: Tile, data: bytes) -> None:
    path = folder / tile.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


assert WIDTH == 1 << HEIGHT


@dataclass
class Register:
    """An honest register: every act is a leaf, a minute after the last one.

    ``tokens`` are by entry; ``numbers`` tell the number and version that an entry has.
    """

    clock: datetime = START
    leaves: list[bytes] = field(default_factory=list)
    tokens: dict[int, bytes] = field(default_factory=dict)
    numbers: dict[int, tuple[str, int]] = field(default_factory=dict)
    entries: int = 0
    serials: dict[str, int] = field(default_factory=dict)

    def open(self, body: str = "S0001", *, year: str = "26", level: str = "3") -> str:
        """Open a series of a body; return what its numbers begin with."""
        parts = (body[0], body[1:], "23", "000001", year, level)
        self.serials["".join(parts)] = 0
        self.log(SeriesOpened(at=self.tick(), profile=1, parts=parts))
        return "".join(parts)

    def issue(self, series: str, *, count: int = 1, name: str = "张小明") -> list[int]:
        """Issue certificates in an open series; return their entries."""
        made = []
        for _ in range(count):
            self.serials[series] += 1
            made.append(self.sign(f"{series}{self.serials[series]:06}", 1, name=name))
        return made

    def correct(self, entry: int) -> int:
        """Issue the next version of an entry's number, which supersedes it; return the new entry."""
        number, version = self.numbers[entry]
        fresh = self.sign(number, version + 1)
        self.change(LeafKind.SUPERSEDE, entry)
        return fresh

    def sign(self, number: str, version: int, *, name: str = "张小明", entry: int | None = None) -> int:
        """Sign a token for a number and log it; return its entry, the next one unless it is given."""
        self.entries += entry is None
        entry = self.entries if entry is None else entry
        token = token_of(entry, number, name)
        self.tokens[entry], self.numbers[entry] = token, (number, version)
        self.log(issue_leaf(entry, number, token, version=version, at=self.tick()))
        return entry

    def void(self, number: str | None = None, *, entry: int | None = None) -> int:
        """Void an entry, the next one unless it is given; return it."""
        self.entries += entry is None
        entry = self.entries if entry is None else entry
        packed = None if number is None else world.DTE.pack(number)
        self.log(Void(at=self.tick(), entry=entry, number=packed, version=None if number is None else 1))
        return entry

    def change(self, kind: LeafKind, entry: int) -> None:
        """Log what became of an entry."""
        self.log(Change(at=self.tick(), kind=kind, entry=entry))

    def ceremony(self) -> None:
        """Log a ceremony of the keys."""
        self.log(
            KeyEvent(
                self.tick(), "open_epoch", "trust/keys", 7, sha256(b"7").digest(), (b"\x01\x02\x03\x04",)
            )
        )

    def log(self, leaf: Issue | Void | Change | SeriesOpened | KeyEvent) -> None:
        """Add a leaf as it stands."""
        self.leaves.append(leaf.to_bytes())

    def tick(self) -> datetime:
        """Let a minute pass; return the instant."""
        self.clock += MINUTE
        return self.clock


def token_of(entry: int, number: str, name: str = "张小明", *, key: SeedKey = world.ISSUING) -> bytes:
    """Return a token for a number of the ordinary profile."""
    return world.token(world.statement(entry, number=world.DTE.pack(number), holder_name=name), key)


def issue_leaf(
    entry: int,
    number: str,
    token: bytes,
    *,
    version: int = 1,
    at: datetime,
    issued_on: date = date(2026, 10, 20),
) -> Issue:
    """Return the leaf of a token."""
    return Issue(
        at=at, entry=entry, number=world.DTE.pack(number), version=version, issued_on=issued_on,
        digest=sha256(token).digest(),
    )  # fmt: skip
