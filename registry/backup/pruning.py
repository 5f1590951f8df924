"""Pruning: old backups go, and with them the chunks that no other backup names."""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.backup.errors import BackupDamaged, NewestBehind
from registry.backup.folder import BackupFolder


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed: backups by name, and how many files of chunks."""

    backups: tuple[str, ...]
    chunks: int


def prune(folder: BackupFolder, *, keep: int) -> Pruned:
    """Remove all but the newest ``keep`` verified backups (at least one); backups newer than those stay too.

    One that knows more entries than the newest is never removed: the newest is then of an old copy of the register
    (``NewestBehind``). Every manifest that stays is opened first: while one of them does not open, nobody knows which
    chunks it names, and nothing is removed (``BackupDamaged``, ``NotThisRegister``, ``WrongIdentity``). Raises
    ``BackupInUse``.
    """
    with folder.locked():
        names = folder.names()
        verified = [name for name in names if folder.verified_at(name) is not None]
        if not verified:
            return Pruned((), 0)
        oldest_kept = verified[-max(keep, 1) :][0]
        kept = [name for name in names if name >= oldest_kept]
        named = frozenset(chunk.name for name in kept for chunk in folder.manifest(name).chunks)
        gone = tuple(name for name in names if name < oldest_kept)
        _require_newest_ahead(folder, names[-1], gone)
        # Manifests first: a crash in between leaves chunks that nobody names, never a backup without its chunks.
        for name in gone:
            folder.remove(name)
        return Pruned(gone, folder.sweep(named))


def _require_newest_ahead(folder: BackupFolder, newest: str, gone: Sequence[str]) -> None:
    entry = folder.manifest(newest).entry
    for name in gone:
        try:
            known = folder.manifest(name).entry
        except BackupDamaged:
            # Nobody could restore it.
            continue
        if known > entry:
            raise NewestBehind(newest, entry, name, known)
