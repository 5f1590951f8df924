"""Checkpoints that contradict each other, kept beside the state: whoever sees both needs no other proof.

Each is a note with the signatures it came with, so it can be held against the log's key by anybody, for ever.
"""

from pathlib import Path

from signing.log.note import Head
from signing.offline.kept import sync_folder


def keep_evidence(state: Path, *notes: tuple[Head, bytes]) -> list[str]:
    """Write notes into ``STATE.evidence/``, named by size and root; return the paths. Raises ``OSError``.

    A note that is there already stays as it is.
    """
    folder = state.with_name(f"{state.name}.evidence")
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for head, data in notes:
        path = folder / f"{head.size}-{head.root.hex()[:16]}.checkpoint"
        if not path.exists():
            path.write_bytes(data)
        paths.append(str(path))
    sync_folder(folder)
    return paths
