"""What a monitor keeps from run to run: the last checkpoint, the edge of its tree, what leaves told, what was found.

One file, replaced in one step when everything in it is verified, so that a kill at any moment leaves the state before.
Whoever can write into it decides what the monitor believes to have seen; it belongs to its owner alone.
"""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from signing import cbor, shape
from signing.cbor import Value
from signing.errors import FormatError, Malformed
from signing.log.note import Head, Note
from signing.offline.errors import StateNotUsable
from signing.offline.kept import replace_whole
from signing.offline.monitor.finding import Code, Finding, Findings
from signing.offline.monitor.ledger import Ledger
from signing.offline.monitor.right_edge import RightEdge
from signing.offline.reading import is_there

FORMAT: Final = 1
_MARK: Final = b"certmonitor state\n"
_DIGEST_SIZE: Final = 32


@dataclass(slots=True)
class State:
    """What is kept. ``note`` are the bytes of the last checkpoint, empty before the first.

    ``cosigned_at`` is when its quorum had cosigned it, in seconds since 1970; ``trust_version`` the newest trust bundle
    that was used; ``found`` what all runs found in leaves.
    """

    environment: str
    origin: str
    trust_version: int = 0
    note: bytes = b""
    cosigned_at: int = 0
    edge: RightEdge = field(default_factory=RightEdge)
    ledger: Ledger = field(default_factory=Ledger)
    found: Findings = field(default_factory=Findings)

    @property
    def head(self) -> Head:
        """The last head; that of the empty tree before the first."""
        if not self.note:
            return Head(self.origin, 0, RightEdge().root())
        return Head.parse(Note.parse(self.note).text)

    def to_bytes(self) -> bytes:
        """Return the file's content; the same for the same state."""
        kept: list[Value] = [json.dumps(item.to_json(), sort_keys=True) for item in self.found.kept]
        counts: list[Value] = [
            [code.value, count] for code, count in sorted(self.found.counts.items()) if count
        ]
        payload = cbor.encode([
            FORMAT, self.environment, self.origin, self.trust_version, self.note, self.cosigned_at,
            self.edge.to_value(), self.ledger.to_value(), kept, counts,
        ])  # fmt: skip
        return _MARK + sha256(payload).digest() + payload

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a file's content; ``FormatError``, ``ValueError`` or ``KeyError`` if it is not what was written."""
        digest, payload = data[len(_MARK) :][:_DIGEST_SIZE], data[len(_MARK) + _DIGEST_SIZE :]
        if not data.startswith(_MARK) or sha256(payload).digest() != digest:
            raise Malformed("not a state, or damaged")
        items = shape.array(cbor.decode(payload), 10, 10)
        shape.integer(items[0], FORMAT, FORMAT)
        counts = [shape.array(item, 2, 2) for item in shape.array(items[9])]
        found = Findings([Finding.from_json(shape.text(item)) for item in shape.array(items[8])])
        found.counts.update({Code(shape.text(code)): shape.integer(count) for code, count in counts})
        state = cls(
            environment=shape.environment(items[1]),
            origin=shape.text(items[2]),
            trust_version=shape.integer(items[3]),
            note=shape.content(items[4]),
            cosigned_at=shape.integer(items[5]),
            edge=RightEdge.from_value(items[6]),
            ledger=Ledger.from_value(items[7]),
            found=found,
        )
        if (state.head.size, state.head.root) != (state.edge.size, state.edge.root()):
            raise Malformed("an edge of another tree")
        return state


def read_state(path: Path) -> State | None:
    """Return the state that is kept there, ``None`` if there is none yet; ``StateNotUsable`` for a damaged one."""
    if not is_there(path):
        return None
    try:
        return State.from_bytes(path.read_bytes())
    except (OSError, FormatError, ValueError, KeyError):
        raise StateNotUsable(str(path)) from None


def write_state(path: Path, state: State) -> None:
    """Replace the state in one step; it is on the disk when this returns. Raises ``OSError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_whole(path, state.to_bytes(), mode=0o600)
