"""Founding the public log: its keys, its memory of nothing, its witnesses, and its name in the trust bundle.

Done once, by name, with the root keys at hand. The log's name (its origin) is the address of its files without scheme,
and stays its name should they ever lie elsewhere.
"""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from keys.errors import KeyExists
from keys.log_memory import LogMemory
from keys.note_keys import NoteKeys, NoteSigner
from keys.trust_changes import with_log
from keys.witness.witness import Witness
from registry.operator.custody import Custody
from registry.settings import Settings
from signing.log import checkpoint
from signing.log.checkpoint import LogPolicy
from signing.log.note import NoteKey
from signing.trust import TrustKeys

PUBLIC_PATH = "public/log"


def log_origin(settings: Settings) -> str:
    """Return the name of this register's log: where the public site shows it, as the prefix of the QR codes says."""
    return f"{urlsplit(settings.qr_prefix).netloc}/{PUBLIC_PATH}"


def add_log(
    custody: Custody,
    draft: TrustKeys,
    witnesses: Sequence[tuple[NoteKey, ...]],
    *,
    quorum: int,
    now: datetime,
) -> TrustKeys:
    """Return the draft with the log in it; its keys and its memory are on disk by then.

    ``witnesses`` are the public keys of each; without any, the register's own witness is made, in its own folder and
    with its own keys, which guards against mistakes and not against whoever runs both. Run again after a crash, it
    takes what is there.
    """
    origin = log_origin(custody.settings)
    keys = _log_keys(custody, origin)
    memory = LogMemory(custody.log_memory_path)
    if not memory.exists:
        memory.create(keys, now=now)
    chosen = list(witnesses) or [own_witness(custody, origin, keys.keys)]
    named = tuple(checkpoint.Witness(each[0].name, each) for each in chosen)
    return with_log(draft, LogPolicy(origin, keys.keys, named, quorum))


def own_witness(custody: Custody, origin: str, log_keys: tuple[NoteKey, ...]) -> tuple[NoteKey, ...]:
    """Return the public keys of the witness of this installation, which knows the log from now on; made if need be."""
    folder = custody.settings.witness_dir
    if not folder.exists():
        Witness.create(folder, f"{urlsplit(custody.settings.qr_prefix).netloc}/witness", custody.identity)
    witness = Witness.open(folder, custody.identity)
    witness.state.trust(log_keys)
    return witness.state.keys


def _log_keys(custody: Custody, origin: str) -> NoteKeys:
    path = custody.log_keys_path
    try:
        return NoteKeys.create(path, NoteSigner.LOG, origin, custody.identity)
    except KeyExists:
        return NoteKeys.open(path, NoteSigner.LOG, custody.identity)
