"""The public log bound to this installation: its keys and memory beside the other keys, its witnesses, its files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from keys.errors import WitnessUnreachable
from keys.log_memory import LogMemory
from keys.note_keys import NoteKeys, NoteSigner
from keys.witness.link import LocalWitness, RemoteWitness, WitnessLink
from keys.witness.place import name_at
from keys.witness.witness import Witness
from registry.installation import Installation
from registry.log.files import LogFiles
from registry.log.growth import PublicLog
from registry.operator.custody import Custody
from registry.work.log_growing import log_all
from signing.log.checkpoint import LogPolicy


def open_log(
    installation: Installation, custody: Custody, *, now: Callable[[], datetime]
) -> PublicLog | None:
    """Open the log that the trust bundle names last, ``None`` if it names none. Raises a ``KeysError``."""
    logs = custody.trust.logs
    if not logs:
        return None
    return PublicLog(
        installation.sessions,
        installation.profiles,
        logs[-1],
        NoteKeys.open(custody.log_keys_path, NoteSigner.LOG, custody.identity),
        LogMemory(custody.log_memory_path),
        witnesses(custody, logs[-1], now=now),
        LogFiles(installation.settings.public_dir),
    )


def witnesses(custody: Custody, policy: LogPolicy, *, now: Callable[[], datetime]) -> list[WitnessLink]:
    """Return the way to each witness that is set up: those of the settings, or the one of this installation."""
    settings = custody.settings
    if not settings.witnesses:
        return [LocalWitness(Witness.open(settings.witness_dir, custody.identity), now)]
    return [_remote(url, policy) for url in settings.witnesses]


def _remote(url: str, policy: LogPolicy) -> WitnessLink:
    """Return the way to the witness at a URL, whose name tells which keys are its own.

    One that does not answer now, or that the trust bundle does not name, is still asked for its word: it gives none,
    and says why.
    """
    keys = {witness.name: witness.keys for witness in policy.witnesses}
    try:
        name = name_at(url)
    except WitnessUnreachable as fault:
        return SilentWitness(url, fault)
    if name not in keys:
        return SilentWitness(url, WitnessUnreachable(url, f"the trust bundle names no witness {name}"))
    return RemoteWitness(url, keys[name])


@dataclass(frozen=True, slots=True)
class SilentWitness:
    """A witness that can not be asked, in the place of the one that could."""

    name: str
    why: WitnessUnreachable

    def cosign(self, _old: int, _proof: Sequence[bytes], _checkpoint: bytes, /) -> bytes:
        """Raise why it can not be asked."""
        raise self.why


def show_in_log(installation: Installation, custody: Custody, *, now: Callable[[], datetime]) -> None:
    """Give all that was done its place in the journal's chain, and bring it into the public log."""
    for _ in log_all(installation.sessions, lambda: open_log(installation, custody, now=now), now=now):
        pass
