"""Refusals of the log room.

RegistryError
└── LogError
    ├── NoLog              the trust bundle names no public log
    ├── LeafUnknown        a row from which a leaf would be made is not what an act writes
    ├── RegisterBehind     others know a longer log: this register was put back from a backup
    ├── MachineBehind      this machine's memory of the log is older than the register: the log grows elsewhere
    ├── OtherHistory       what the register says now is not what the log signed
    ├── LeavesMissing      others know leaves that are found nowhere
    ├── LeavesUnproven     the leaves that were found are not those that the log signed
    ├── LeafContradicts    a lost leaf and a row tell of an entry what can not both be true
    ├── HeadsContradict    the log signed two trees of one size
    ├── FilesUnsound       the public files are not, or not all, of the tree that the log signed
    ├── TileContradicts    a public file of the log holds other bytes than it must
    ├── LogFileUnwritable  a public file of the log can not be written
    ├── WitnessesMissing   too few witnesses signed the last head; nothing new is released
    └── WitnessContradicts a witness saw another history of this log
"""

from collections.abc import Mapping
from pathlib import Path

from registry.errors import RegistryError


class LogError(RegistryError):
    """Any refusal of this room."""


class NoLog(LogError):
    """The trust bundle names no public log, so there is none to keep."""

    def __init__(self) -> None:
        super().__init__("the trust bundle names no public log; `certreg key found-log` begins one")


class LeafUnknown(LogError):
    """A row from which a leaf would be made is not what an act writes; the log does not go on past it."""


class RegisterBehind(LogError):
    """Others know a longer log than this register does: its database was put back from an older copy.

    ``known`` is how many leaves ``who`` knows, ``size`` how many the register does.
    """

    def __init__(self, who: str, known: int, size: int) -> None:
        super().__init__(
            f"{who} knows {known} leaves of the public log, this register {size}: it is an older copy of itself. "
            "Nothing is numbered, signed or released; run `certreg log rebuild` (--from DIR, a mirror's public folder)"
        )
        self.who = who
        self.known = known
        self.size = size


class MachineBehind(LogError):
    """This machine's memory of the log is older than the register: the log grows on another machine."""

    def __init__(self, path: Path, known: int, size: int) -> None:
        super().__init__(
            f"{path} knows {known} leaves of the public log, the register {size}: the log grows on another machine, "
            "or this file was put back from a backup (then run `certreg log rebuild`)"
        )
        self.path = path
        self.known = known
        self.size = size


class OtherHistory(LogError):
    """What the register says now of acts that the log has signed is something else."""

    def __init__(self, place: int) -> None:
        super().__init__(
            f"leaf {place} of the public log is not what the register says now; somebody changed its rows"
        )
        self.place = place


class LeavesMissing(LogError):
    """Others know leaves that are found nowhere: neither in the log's memory nor in any copy of its public files."""

    def __init__(self, place: int, end: int) -> None:
        super().__init__(
            f"leaves {place} to {end - 1} of the public log are known to others and found nowhere here; "
            "run `certreg log rebuild --from DIR` with a mirror's copy of the public folder"
        )
        self.place = place
        self.end = end


class LeavesUnproven(LogError):
    """The leaves that were found are not those that the log signed: a copy was spoilt, or the register's rows were."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"the leaves that were found do not make the tree of {size} leaves that the log signed; try another copy "
            "with `certreg log rebuild --from DIR`, and keep this one as evidence"
        )
        self.size = size


class LeafContradicts(LogError):
    """A lost leaf and a row tell of an entry what can not both be true; nothing was changed."""

    def __init__(self, entry: int, stored: str, told: str) -> None:
        super().__init__(
            f"entry {entry} is {stored} in the database and {told} in the public log: both are final, so one of them "
            "was changed by somebody"
        )
        self.entry = entry
        self.stored = stored
        self.told = told


class HeadsContradict(LogError):
    """The log signed two trees of one size: it has forked, and nobody can go on from it."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"the log signed two different trees of {size} leaves; keep all copies as evidence, and see "
            "docs/operations.md, When the log is beyond repair"
        )
        self.size = size


class FilesUnsound(LogError):
    """The public files of the log are not, or not all, of the tree that the log signed; it does not go on from them."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            f"{folder}: {why}; see with `certreg log check`, write what is missing with `certreg log build`"
        )
        self.folder = folder
        self.why = why


class TileContradicts(LogError):
    """A public file of the log holds other bytes than it must; it is not overwritten."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} holds other bytes than the register's; see with `certreg log check`, and keep a copy as evidence"
        )
        self.path = path


class LogFileUnwritable(LogError):
    """A public file of the log can not be written; nothing is released before it is."""

    def __init__(self, path: Path, fault: OSError) -> None:
        super().__init__(f"{path} can not be written: {fault.strerror or fault}")
        self.path = path


class WitnessesMissing(LogError):
    """Too few witnesses signed the last head. What waits for them stays unreleased; nobody may pass them by."""

    def __init__(self, signed: int, quorum: int, why: Mapping[str, str]) -> None:
        told = "; ".join(f"{name}: {text}" for name, text in sorted(why.items()))
        super().__init__(f"{signed} of {quorum} witnesses needed signed the public log's head ({told})")
        self.signed = signed
        self.quorum = quorum
        self.why = dict(why)


class WitnessContradicts(LogError):
    """A witness saw another history of this log than the register's: one of the two machines was put back, or lies."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"witness {name} contradicts this register's public log ({why}). Nothing is numbered, signed or released; "
            "see docs/operations.md, and run `certreg log rebuild` (--from DIR, a mirror's public folder)"
        )
        self.name = name
        self.why = why
