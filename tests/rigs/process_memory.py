"""The memory of a running process, as its kernel shows it to whoever owns it."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

# What a process can write: its heap, stacks, data. What it only maps from files holds nothing of its own.
_REGION = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw")
_AT_ONCE = 1 << 24


def found_in_memory(pid: int, secrets: Iterable[bytes]) -> set[bytes]:
    """Return those of the secrets that lie in any memory that it can write of the process."""
    wanted, found = set(secrets), set()
    longest = max(map(len, wanted))
    tail = b""
    for content in _memory_of(pid):
        # A region is read in pieces, and a secret may lie across two of them.
        piece = tail + content
        found |= {secret for secret in wanted - found if secret in piece}
        tail = content[-longest:]
    return found


def _memory_of(pid: int) -> Iterator[bytes]:
    regions = _REGION.finditer(Path(f"/proc/{pid}/maps").read_text())
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for region in regions:
            start, end = (int(address, 16) for address in region.groups())
            for place in range(start, end, _AT_ONCE):
                try:
                    memory.seek(place)
                    yield memory.read(min(_AT_ONCE, end - place))
                except (OSError, OverflowError):
                    # What the kernel maps for itself ([vvar], [vsyscall]) is not read.
                    break
