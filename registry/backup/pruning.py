"""Pruning: old backups go, and with them the chunks that no other backup names."""

from dataclasses import dataclass

from registry.backup.folder import BackupFolder


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed: backups by name, and how many files of chunks."""

    backups: tuple[str, ...]
    chunks: int


def prune(folder: BackupFolder, *, keep: int) -> Pruned:
    """Remove all but the newest ``keep`` verified backups (at least one); backups newer than those stay too.

    Every manifest that stays is opened first: while one of them does not open, nobody knows which chunks it names,
    and nothing is removed (``BackupDamaged``, ``NotThisRegister``, ``WrongIdentity``). Raises ``BackupInUse``.
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
        # Manifests first: a crash in between leaves chunks that nobody names, never a backup without its chunks.
        for name in gone:
            folder.remove(name)
        return Pruned(gone, folder.sweep(named))
