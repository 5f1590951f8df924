"""What a folder of backups holds: every backup that can be opened, and what is odd there.

One odd file keeps nobody from seeing the others: on the worst day the folder is what it is.
"""

from dataclasses import dataclass
from datetime import datetime

from keys.errors import KeysError
from registry.backup.errors import BackupMissing
from registry.backup.folder import BackupFolder
from registry.backup.manifest import Manifest
from registry.errors import RegistryError
from registry.plain_files import shown


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup; ``verified_at`` is when it was last read back whole, ``None`` if never."""

    name: str
    manifest: Manifest
    verified_at: datetime | None


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something that is no backup, or one that does not open; ``why`` is in words."""

    name: str
    why: str


def backups_in(folder: BackupFolder) -> tuple[list[Backup], list[Oddity]]:
    """Return the backups of a folder, the oldest first, and what is odd in it. Raises ``OSError`` for no folder."""
    found: list[Backup] = []
    odd: list[Oddity] = []
    for name in folder.names():
        try:
            found.append(Backup(name, folder.manifest(name), folder.verified_at(name)))
        except BackupMissing:
            # Pruned just now.
            continue
        except (RegistryError, KeysError) as refusal:
            odd.append(Oddity(name, str(refusal)))
    for path in folder.strangers():
        odd.append(Oddity(shown(path.relative_to(folder.path)), "is no part of a backup"))
    return found, odd
