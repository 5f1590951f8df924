"""The public log's part of a check: looked at once, checked in pieces up to there, put together at the end."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from registry.audit.evidence import FILE, Places
from registry.audit.finding import Finding, Kind, Outcome
from registry.audit.log_leaves import LogExtent
from registry.audit.log_seen import BEGINNING, LogSeen, Row, last_leaf, longest_now, read_row, see_log
from registry.audit.log_tree import LAST_CHECK, LogTree, single_bundles
from registry.audit.reading import guarded
from registry.log.files import FOLDER
from signing.log.checkpoint import LogPolicy

T = TypeVar("T")


class Ask(Protocol):
    """Runs a query whose rows may be damaged."""

    def __call__(self, table: str, query: Callable[[Session], T], otherwise: T, /) -> T:
        """Return what the query returned, or ``otherwise`` if what it read can not be read."""


@dataclass(frozen=True, slots=True)
class LogCheck:
    """What was seen of the log when the check began; ``row`` looks at the register's row anew."""

    policy: LogPolicy
    places: Places | None
    row: Callable[[], Row]
    seen: LogSeen
    last: int

    @classmethod
    def begun(cls, policy: LogPolicy, places: Places | None, ask: Ask) -> "LogCheck":
        """Look at the log; without ``places`` at the database alone.

        ``ask`` runs a query that may meet anything: what its table is, the query, and what counts if it fails.
        """
        memory, public_dir = (places.log_memory, places.public_dir) if places else (None, None)
        row = partial(ask, "log_head", read_row, Row(*BEGINNING))
        seen = see_log(row, policy, memory, public_dir)
        return cls(policy, places, row, seen, ask("event", last_leaf, 0))

    @property
    def extent(self) -> LogExtent:
        """What the pieces check."""
        public_dir = self.places.public_dir if self.places else None
        # One leaf more than there can be is enough to find that it is missing.
        size = max(0, min(self.seen.row.size, self.last + 1))
        return LogExtent(size, public_dir, single_bundles(self.seen))

    @property
    def counts(self) -> dict[str, int]:
        """How many leaves not enough witnesses have signed yet, under ``uncosigned``; nothing if there are none."""
        waiting = self.seen.row.size - self.seen.row.cosigned
        return {"uncosigned": waiting} if waiting > 0 else {}

    @property
    def remembered(self) -> tuple[int, str]:
        """What the next check builds upon: size and root (hex)."""
        return self.extent.size, self.seen.row.root.hex()

    def tree_faults(self, found: Outcome, known: tuple[int, str] | None) -> list[Finding]:
        """Return what is wrong with the tree, after what the pieces ``found``.

        ``known`` is what the last check left, ``None`` if everything was checked.
        """
        if known is not None and known[0]:
            self.seen.trees.append((LAST_CHECK, known[0], bytes.fromhex(known[1])))
        memory = self.places.log_memory if self.places else None
        longest = partial(longest_now, self.row, self.policy, memory)
        named = {finding.row for finding in found.findings if finding.kind is Kind.LOG}
        tree = LogTree(self.seen, found.log, self.extent.public_dir, longest, known is None, named)
        return guarded(FILE, FOLDER, tree.faults)
