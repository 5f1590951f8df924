"""A small register with a public log: its keys, its memory, its witness, its public files, all in one folder."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from keys.log_memory import LogMemory
from keys.note_keys import NoteKeys, NoteSigner
from keys.sealing import Identity
from keys.trust_changes import with_log
from keys.witness.link import LocalWitness, WitnessLink
from keys.witness.witness import Witness
from registry.database.engine import open_engine
from registry.database.sessions import Sessions
from registry.directory.profiles import load_profiles
from registry.journal.sequencer import chain_events
from registry.journal.tables import Event, LogHead
from registry.log.files import LogFiles
from registry.log.growth import MOST, PublicLog
from signing.log import checkpoint
from signing.log.checkpoint import Checkpoint, LogPolicy
from signing.log.leaf import Leaf, read_leaf
from signing.log.tile import bundles_of
from tests.instants import NOON
from tests.registry.world import World

ORIGIN = "dte.example/public/log"
WITNESS = "dte.example/witness"


@dataclass
class Clock:
    """What stands for the time; a test sets it."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


@dataclass
class LoggedWorld:
    """The log of one world. ``witnesses`` are asked in their order; a test may put others in their place."""

    world: World
    folder: Path
    policy: LogPolicy
    witness: Witness
    identity: Identity
    clock: Clock = field(default_factory=Clock)
    witnesses: list[WitnessLink] = field(default_factory=list)

    @classmethod
    def begun(cls, world: World, folder: Path) -> "LoggedWorld":
        """Begin a log for the world, and let its trust bundle name it."""
        identity = Identity.create(folder / "secrets" / "identity.txt")
        keys = NoteKeys.create(folder / "log" / "log.age", NoteSigner.LOG, ORIGIN, identity)
        witness = Witness.create(folder / "witness", WITNESS, identity)
        witness.state.trust(keys.keys)
        named = checkpoint.Witness(WITNESS, witness.state.keys)
        policy = LogPolicy(ORIGIN, keys.keys, (named,), 1)
        LogMemory(folder / "log" / "memory").create(keys, now=NOON)
        world.trust = with_log(world.trust, policy)
        begun = cls(world, folder, policy, witness, identity)
        begun.witnesses.append(LocalWitness(witness, begun.clock.now))
        return begun

    @classmethod
    def taken_up(cls, world: World, folder: Path) -> "LoggedWorld | None":
        """Take up the log of a world from a copy of its folder, ``None`` if it has none."""
        if not world.trust.logs:
            return None
        identity = Identity.open(folder / "secrets" / "identity.txt")
        witness = Witness.open(folder / "witness", identity)
        taken = cls(world, folder, world.trust.logs[-1], witness, identity)
        taken.witnesses.append(LocalWitness(witness, taken.clock.now))
        return taken

    @property
    def public_dir(self) -> Path:
        return self.folder / "public"

    @property
    def files(self) -> LogFiles:
        return LogFiles(self.public_dir)

    @property
    def memory(self) -> LogMemory:
        return LogMemory(self.folder / "log" / "memory")

    def log(self, **changes: Any) -> PublicLog:
        """Open the log, as a worker that was started now would."""
        opened = PublicLog(
            self.world.sessions,
            load_profiles(),
            self.policy,
            NoteKeys.open(self.folder / "log" / "log.age", NoteSigner.LOG, self.identity),
            self.memory,
            self.witnesses,
            self.files,
        )
        return replace(opened, **changes)

    def chain(self) -> None:
        """Give every act its place."""
        while chain_events(self.world.sessions):
            pass

    def grow(self, *, most: int = MOST, **changes: Any) -> int:
        """Give every act its place, and let the log grow until nothing waits; return how many leaves came."""
        self.chain()
        log = self.log(**changes)
        return sum(iter(lambda: log.grow(now=self.clock.now, most=most), 0))

    def signed(self, count: int = 3, **changes: Mapping[str, Any]) -> None:
        """Bring so many new results as far as their signature."""
        self.world.numbered(*self.world.rows(count, **changes))
        self.world.sign(now=self.clock.at)

    # Being put back, on SQLite alone.

    def keep(self, name: str) -> None:
        """Keep a copy of everything under a name, as a snapshot of the whole machine would."""
        self._copy(self.parts, {part: self.folder / "kept" / name / part for part in self.parts})

    def put_back(self, name: str, *parts: str) -> None:
        """Put parts of the machine back to what they were."""
        self._copy({part: self.folder / "kept" / name / part for part in parts}, self.parts)

    def _copy(self, sources: Mapping[str, Path], targets: Mapping[str, Path]) -> None:
        # The last connection that closes brings everything into the one file.
        self.world.sessions.close()
        for part, source in sources.items():
            target = targets[part]
            if not source.exists():
                continue
            if target.is_dir():
                shutil.rmtree(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copyfile(source, target)
        self.world.sessions = Sessions(open_engine(f"sqlite:///{self.parts['register']}"))

    @property
    def parts(self) -> dict[str, Path]:
        """Where everything lies."""
        return {
            "register": self.folder / "register-1.sqlite3",
            "log": self.folder / "log",
            "witness": self.folder / "witness",
            "public": self.public_dir,
        }

    # Looking.

    def head(self) -> LogHead:
        """Return the register's row."""
        return self.world.all(select(LogHead))[0]

    def events(self) -> list[Event]:
        """Return all acts, in the order of their places."""
        return self.world.all(select(Event).order_by(Event.place))

    def checkpoint(self) -> Checkpoint:
        """Return the public checkpoint, verified."""
        data = self.files.checkpoint()
        assert data is not None
        return self.policy.open(data)

    def public_leaves(self) -> list[bytes]:
        """Return all leaves that the public checkpoint covers, out of the bundles."""
        found: list[bytes] = []
        for tile in bundles_of(self.checkpoint().head.size):
            data = self.files.read(tile)
            assert data is not None, tile
            found += tile.leaves(data)
        return found

    def told(self) -> list[Leaf]:
        """Return what they say."""
        return [read_leaf(leaf) for leaf in self.public_leaves()]
