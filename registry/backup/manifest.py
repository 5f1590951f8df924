"""The manifest: what a backup consists of, and how far the register had come.

Sealed like the chunks it names; written last, so a backup that was killed has none. JSON in one line, then the keyed
digest over it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from registry.backup.errors import BackupDamaged, NotThisRegister
from registry.backup.sealing import BackupSeal

FORMAT: Final = 1
PROOF_BYTES: Final = 32
NAME: Final = re.compile(r"[0-9]{8}T[0-9]{12}Z-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a table: the file that holds them, and the digest of their text."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TableContent:
    """All rows of one table, in the order of reading."""

    name: str
    columns: tuple[str, ...]
    chunks: tuple[Chunk, ...]

    @property
    def rows(self) -> int:
        """How many rows the table had."""
        return sum(chunk.rows for chunk in self.chunks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One backup.

    The snapshot lies between ``made_at`` and ``ended_at`` (UTC). ``place`` and ``hash`` (hex) are the head of the
    journal's chain, ``entry`` the last entry given, 0 before the first epoch; ``series`` gives the highest serial of
    each.
    """

    environment: str
    revision: str
    made_at: datetime
    ended_at: datetime
    place: int
    hash: str
    entry: int
    series: Mapping[str, int]
    tables: tuple[TableContent, ...]

    @property
    def rows(self) -> int:
        """How many rows the backup holds."""
        return sum(table.rows for table in self.tables)

    @property
    def chunks(self) -> list[Chunk]:
        """All chunks."""
        return [chunk for table in self.tables for chunk in table.chunks]

    def to_bytes(self, seal: BackupSeal) -> bytes:
        """Return the manifest as it is sealed."""
        items = asdict(self) | {"made_at": self.made_at.isoformat(), "ended_at": self.ended_at.isoformat()}
        content = json.dumps({"format": FORMAT, **items}, sort_keys=True, separators=(",", ":")).encode()
        return content + seal.proof(content)

    @classmethod
    def from_bytes(cls, data: bytes, seal: BackupSeal, *, name: str) -> "Manifest":
        """Read a manifest; raises ``NotThisRegister``, or ``BackupDamaged`` for a format of another program."""
        content, proof = data[:-PROOF_BYTES], data[-PROOF_BYTES:]
        if seal.proof(content) != proof:
            raise NotThisRegister(name)
        items = json.loads(content)
        if items.pop("format") != FORMAT:
            raise BackupDamaged(name, "is of a format that this program does not read")
        tables = tuple(_table(item) for item in items.pop("tables"))
        made_at, ended_at = (datetime.fromisoformat(items.pop(key)) for key in ("made_at", "ended_at"))
        return cls(tables=tables, made_at=made_at, ended_at=ended_at, **items)


def name_of(manifest: Manifest, data: bytes) -> str:
    """Return the file name of a manifest, without its suffix: names sort as the backups were made."""
    return f"{manifest.made_at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{sha256(data).hexdigest()[:8]}"


def is_name(text: str) -> bool:
    """Say whether ``name_of`` could have made this name."""
    return NAME.fullmatch(text) is not None


def _table(item: dict[str, Any]) -> TableContent:
    chunks = tuple(Chunk(**chunk) for chunk in item["chunks"])
    return TableContent(item["name"], tuple(item["columns"]), chunks)
