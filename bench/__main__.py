"""``python -m bench [ROOM …]``: measure all, or the rooms named (``ROOMS``)."""

import gc
import sys
import time
from collections.abc import Callable

from bench import (
    checking,
    core_time,
    flood,
    growth,
    hsm,
    intake,
    issuing,
    log,
    lookup,
    monitor,
    photos,
    signer,
    status,
    tokens,
)
from bench.report import Report, machine, render

ROOMS: dict[str, Callable[[], Report]] = {
    "tokens": tokens.measure,
    "signer": signer.measure,
    "hsm": hsm.measure,
    "issuing": issuing.measure,
    "core-time": core_time.measure,
    "memory": lambda: issuing.memory(100_000),
    "lookup": lookup.measure,
    "checking": checking.measure,
    "status": status.measure,
    "log": log.measure,
    "growth": growth.measure,
    "monitor": monitor.measure,
    "intake": intake.measure,
    "photos": photos.measure,
    "flood": flood.measure,
}


def main(names: list[str]) -> int:
    """Print one table for each room."""
    unknown = set(names) - ROOMS.keys()
    if unknown:
        print(f"usage: python -m bench [{'] ['.join(ROOMS)}]", file=sys.stderr)
        return 64
    # As `certreg` does when it is loaded.
    gc.freeze()
    print(f"Measured claims. {machine()}")
    started = time.monotonic()
    for name in names or ROOMS:
        print(f"measuring {name}…", file=sys.stderr, flush=True)
        print(render(ROOMS[name]()), flush=True)
    print(f"\n{time.monotonic() - started:.0f} s in all. What each line means: bench/README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
