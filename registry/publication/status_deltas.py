"""The deltas beside the status file: each from a fixed version to the present one (formats.md §7).

Nothing else remembers them: a delta in the public tree holds all that is needed to make its next version, and one
that is lost, damaged, or does not lead to a status that is known, is begun anew. So no fault here costs more than a
verifier's fetching the whole file. No key is needed; what a delta makes is signed by the status key or refused.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from registry.publication.public_files import STATUS, read_public_file, remove_public_file, write_public_file
from signing import cbor, shape
from signing.cose import Envelope
from signing.errors import SigningError
from signing.status import PLACES, Status
from signing.status_delta import FOLDER, StatusDelta, Step, is_delta_name, kept_names

WORTH_A_DELTA_BYTES = 4096
"""A status of a few packets is there as soon as a delta would be."""


def write_deltas(
    public_dir: Path,
    signed: bytes,
    status: Status,
    last: Status | None,
    *,
    worth_bytes: int = WORTH_A_DELTA_BYTES,
) -> None:
    """Bring the deltas up to ``status``, whose ``signed`` file is about to be published, and remove the old ones.

    Called before the file is replaced: the deltas there lead to the status that is public, or, if the one who
    published last was killed in between, to ``last``, the status that was signed last.
    """
    signature = replace(Envelope.from_bytes(signed), payload=None)
    deltas: dict[str, bytes] = {}
    if len(signed) >= worth_bytes:
        steps = [Step.between(*pair) for pair in pairwise([*_known(public_dir, last), status])]
        for name, may_start in kept_names(status.made_at).items():
            delta = _next(public_dir, name, steps, signature)
            if delta is not None and len(delta) < len(signed):
                deltas[name] = delta
            elif may_start:
                deltas[name] = StatusDelta.starting_at(status, signature).to_bytes()
    for name in deltas_there(public_dir):
        if name not in deltas:
            remove_public_file(public_dir, name)
    for name, delta in deltas.items():
        write_public_file(public_dir, name, delta)


def deltas_there(public_dir: Path) -> Sequence[str]:
    """Return the names of the deltas in the public tree."""
    folder = public_dir / FOLDER
    names = [f"{FOLDER}/{path.name}" for path in sorted(folder.iterdir())] if folder.is_dir() else []
    return [name for name in names if is_delta_name(name)]


def _next(public_dir: Path, name: str, steps: Sequence[Step], signature: Envelope) -> bytes | None:
    """Return the delta of this name to the end of the steps, or ``None`` if none is there that leads into them."""
    data = read_public_file(public_dir, name)
    if data is None:
        return None
    try:
        delta = StatusDelta.from_bytes(data)
        ahead = [step for step in steps if step.before >= delta.after.version]
        if not ahead:
            return None
        # Step by step: whoever holds a status in between may see what is nowhere else.
        for step in ahead:
            delta = delta.extended(step, signature)
        return delta.to_bytes()
    except SigningError:
        return None


def _known(public_dir: Path, last: Status | None) -> Sequence[Status]:
    """Return the statuses that deltas may lead to, ascending by version: the public one and the last signed one."""
    public = read_public_file(public_dir, STATUS)
    found = [] if last is None else [last]
    if public is not None:
        with suppress(SigningError):
            items = shape.fields(cbor.decode(Envelope.from_bytes(public).payload or b""), PLACES)
            # Mostly they are the same, and the sets need not be read.
            if last is None or items[3] != last.version:
                found.append(Status.from_items(items))
    return sorted(found, key=lambda status: status.version)
