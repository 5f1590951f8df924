"""Checkpoints that contradict each other, kept beside the state: whoever sees both needs no other proof.

Each is a note with the signatures it came with, so it can be held against the log's key by anybody, for ever.
"""

from pathlib import Path
from typing import Final

from signing.log.note import Head
from signing.offline.kept import replace_whole, sync_folder

MAX_NOTES: Final = 200
"""Beside one state; the first are kept, not the last."""


def keep_evidence(state: Path, *notes: tuple[Head, bytes]) -> list[str]:
    """Write notes into ``STATE.evidence/``, named by size and root; return the paths. Raises ``OSError``.

    A note that is there already stays as it is; where ``MAX_NOTES`` are, no other comes. What is returned is on the
    disk, whole.
    """
    folder = state.with_name(f"{state.name}.evidence")
    folder.mkdir(parents=True, exist_ok=True)
    sync_folder(folder.parent)
    paths = []
    for head, data in notes:
        path = folder / f"{head.size}-{head.root.hex()}.checkpoint"
        if not path.exists():
            if len(list(folder.glob("*.checkpoint"))) >= MAX_NOTES:
                continue
            replace_whole(path, data, mode=0o644)
        paths.append(str(path))
    return paths
