"""The public log bound to this installation: its keys and memory beside the other keys, its witnesses, its files."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from keys.errors import WitnessUnreachable
from keys.log_memory import LogMemory
from keys.note_keys import NoteKeys, NoteSigner
from keys.witness.link import LocalWitness, RemoteWitness, WitnessLink
from keys.witness.place import name_at
from keys.witness.witness import Witness
from registry.certificate.release import ANY_SIZE
from registry.installation import Installation
from registry.log.files import LogFiles
from registry.log.growth import PublicLog
from registry.log.head import read_head
from registry.operator.custody import Custody
from registry.operator.errors import WitnessesUnset
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
    """Return the way to each witness that is set up: those of the settings, or the one of this installation.

    Raises ``WitnessesUnset`` if there is neither.
    """
    settings = custody.settings
    if not settings.witnesses:
        if not settings.witness_dir.exists():
            raise WitnessesUnset([witness.name for witness in policy.witnesses], settings.witness_dir)
        return [LocalWitness(Witness.open(settings.witness_dir, custody.identity), now)]
    return [ListedWitness(listed, policy) for listed in settings.witnesses]


class ListedWitness:
    """A witness of the settings: ``NAME=URL``, or a URL alone, whose witness is asked for its name before its word."""

    def __init__(self, listed: str, policy: LogPolicy) -> None:
        """Connect to nothing yet."""
        self._named, _, self._url = listed.rpartition("=")
        self._keys = {witness.name: witness.keys for witness in policy.witnesses}

    @property
    def name(self) -> str:
        """The witness's name, its URL as long as it did not say it."""
        return self._named or self._url

    def cosign(self, old: int, proof: Sequence[bytes], checkpoint: bytes, /) -> bytes:
        """Return the witness's signature lines; see ``WitnessLink``."""
        self._named = self._named or name_at(self._url)
        if self._named not in self._keys:
            raise WitnessUnreachable(self._url, f"the trust bundle names no witness {self._named}")
        return RemoteWitness(self._url, self._keys[self._named]).cosign(old, proof, checkpoint)


def show_in_log(installation: Installation, custody: Custody, *, now: Callable[[], datetime]) -> None:
    """Give all that was done its place in the journal's chain, and bring it into the public log."""
    is_shown = partial(is_public, installation, custody)
    opening = partial(open_log, installation, custody, now=now)
    for _ in log_all(installation.sessions, opening, now=now, is_shown=is_shown):
        pass


def is_public(installation: Installation, custody: Custody) -> bool:
    """Say whether the public checkpoint covers all that the register knows to be cosigned."""
    cosigned = installation.sessions.read(lambda session: read_head(session).cosigned)
    return shown_size(custody) >= cosigned


def shown_size(custody: Custody) -> int:
    """Return how many leaves the public checkpoint covers, if enough witnesses signed it; else 0.

    Read and verified each time, as any outsider would: what is released must be seen. Without a log, there is no bound.
    """
    logs = custody.trust.logs
    if not logs:
        return ANY_SIZE
    shown = LogFiles(custody.settings.public_dir).shown(logs[-1])
    return shown.head.size if shown is not None and shown.is_cosigned else 0
