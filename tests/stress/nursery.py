"""Raises issuers and kills them: by SIGKILL, at random, one after the other, until standard input ends.

A process of its own that has everything imported, so that a new issuer costs a fork; an issuer inherits the program
and nothing that was opened. It is the parent of the issuers, so no id of one can be anybody else's, and it takes the
orphans that they leave (signing processes), so that in the end it can say that nobody is left.
"""

import argparse
import ctypes
import json
import os
import select
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

from sqlalchemy.orm import configure_mappers

from tests.stress.issuer import forked

READY = "ready"
LAST_ONE_SECONDS = 30.0
POLL_SECONDS = 0.02

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(slots=True)
class Toll:
    """How many issuers were born and killed, how many ended by themselves, and how many processes were left over."""

    born: int = 0
    kills: int = 0
    broken: int = 0
    strays: int = 0


@dataclass
class Nursery:
    """The issuers that live, by process id with the slot of each, and those that were sent their signal."""

    folder: Path
    seed: int
    toll: Toll = field(default_factory=Toll)
    living: dict[int, int] = field(default_factory=dict)
    killed: set[int] = field(default_factory=set)

    def bear(self, slot: int) -> None:
        """Start an issuer."""
        self.toll.born += 1
        self.living[forked(self.folder, serial=self.toll.born, slot=slot, seed=self.seed)] = slot

    def kill(self, pid: int) -> int:
        """Kill an issuer; return the slot that is free now, for it comes back from no system call."""
        os.kill(pid, signal.SIGKILL)
        self.killed.add(pid)
        return self.living.pop(pid)

    def victim(self, chance: Random) -> int:
        """Choose who dies: the higher the slot, the rarer.

        So some live for a moment and some for a minute, and no act is so long that it is never done.
        """
        living = list(self.living.items())
        weights = [(1 + slot) ** -2 for _, slot in living]
        return chance.choices(living, weights)[0][0]

    def bury(self) -> bool:
        """Take in who has ended, and raise another issuer for one that ended by itself; return whether any is left."""
        while self._any_left():
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return True
            # An id that has ended may be given to somebody else.
            slot, killed = self.living.pop(pid, None), pid in self.killed
            self.killed.discard(pid)
            if slot is not None or (killed and not _was_killed(status)):
                self.toll.broken += 1
            elif killed:
                self.toll.kills += 1
            if slot is not None:
                self.bear(slot)
        return False

    def end(self) -> None:
        """Kill everybody, and wait for them and for what they left."""
        for pid in list(self.living):
            self.kill(pid)
        deadline = time.monotonic() + LAST_ONE_SECONDS
        while self.bury():
            if time.monotonic() > deadline:
                self.toll.strays += 1
                return
            time.sleep(POLL_SECONDS)

    def _any_left(self) -> bool:
        # Asks without taking anybody in.
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return False
        return True


def _was_killed(status: int) -> bool:
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def main() -> None:
    """Run until standard input ends; say on standard output when it begins, and in the end the toll in JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--issuers", type=int, required=True)
    parser.add_argument("--kill-seconds", type=float, required=True, help="mean time between two kills")
    parser.add_argument("--seed", type=int, required=True)
    chosen = parser.parse_args()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    chance = Random(chosen.seed)
    nursery = Nursery(chosen.folder, chosen.seed)
    # Once for all who are born.
    configure_mappers()
    for slot in range(chosen.issuers):
        nursery.bear(slot)
    print(READY, flush=True)
    while not _ended(chance.uniform(0, 2 * chosen.kill_seconds)):
        nursery.bury()
        nursery.bear(nursery.kill(nursery.victim(chance)))
    nursery.end()
    print(json.dumps(asdict(nursery.toll)), flush=True)


def _ended(seconds: float) -> bool:
    """Wait so long; return whether standard input ended meanwhile."""
    return bool(select.select([sys.stdin], [], [], seconds)[0])


if __name__ == "__main__":
    main()
