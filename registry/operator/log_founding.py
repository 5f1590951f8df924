"""Founding the public log: its keys, its memory of nothing, its witnesses, and its name in the trust bundle.

Done once, by name, with the root keys at hand. The log's name (its origin) is the address of its files without scheme,
and stays its name should they ever lie elsewhere.
"""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Whose word a head of the log needs: the public keys of each witness, and of how many of them.

    None at all means the register's own witness, which guards against mistakes and not against whoever runs both.
    """

    keys: tuple[tuple[NoteKey, ...], ...] = ()
    quorum: int = 1


OWN_WITNESS = Witnesses()


def add_log(custody: Custody, draft: TrustKeys, witnesses: Witnesses, *, now: datetime) -> TrustKeys:
    """Return the draft with the log in it; its keys and its memory are on disk by then.

    Run again after a crash, it takes what is there.
    """
    origin = log_origin(custody.settings)
    keys = _log_keys(custody, origin)
    memory = LogMemory(custody.log_memory_path)
    if not memory.exists:
        memory.create(keys, now=now)
    return with_log(draft, _policy(custody, keys.keys, witnesses))


def with_witnesses(custody: Custody, draft: TrustKeys, witnesses: Witnesses) -> TrustKeys:
    """Return the draft with other witnesses for the log that grows now."""
    return with_log(draft, _policy(custody, draft.logs[-1].keys, witnesses))


def _policy(custody: Custody, log_keys: tuple[NoteKey, ...], witnesses: Witnesses) -> LogPolicy:
    chosen = witnesses.keys or (own_witness(custody, log_keys),)
    named = tuple(checkpoint.Witness(keys[0].name, keys) for keys in chosen)
    return LogPolicy(log_keys[0].name, log_keys, named, witnesses.quorum)


def own_witness(custody: Custody, log_keys: tuple[NoteKey, ...]) -> tuple[NoteKey, ...]:
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
