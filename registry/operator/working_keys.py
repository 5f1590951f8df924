"""The keys of a worker that lives for months: opened once, and anew after a fault, a new trust bundle or roster."""

from collections.abc import Mapping
from contextlib import suppress

from keys.durable_files import content_stamp
from keys.signer import BatchSigner
from registry.operator.custody import Custody
from registry.publication.public_files import STATUS, read_public_file
from registry.settings import Settings
from signing.errors import SigningError
from signing.status import open_status

JOURNAL, REMEMBERED, PUBLIC = (
    "the signer's journal",
    "the last status that was signed",
    "the public status file",
)


class KnownEntries:
    """Asks who else knows how many entries there are: a database that knows less is an old copy of the register.

    The signer's journal is asked at each call; a status file is read again when it has changed. A public status file
    that does not verify says nothing. Raises a ``KeysError`` if the journal can not be read, ``SigningError`` for a
    damaged memory of the last status, ``NotAPlainFile`` for a public status file that can not be read: the next
    publication puts a file there.
    """

    def __init__(self, custody: Custody) -> None:
        self._custody = custody
        self._stamp: object = None
        self._sizes: Mapping[str, int] = {}

    def __call__(self) -> Mapping[str, int]:
        """Return the highest entry that each of them knows."""
        public = self._custody.settings.public_dir / STATUS
        stamp = content_stamp(self._custody.status_memory.path), content_stamp(public)
        if stamp != self._stamp:
            self._sizes, self._stamp = self._read_sizes(), stamp
        return {JOURNAL: self._custody.last_signed_entry(), **self._sizes}

    def _read_sizes(self) -> Mapping[str, int]:
        remembered = self._custody.status_memory.last()
        sizes = {REMEMBERED: remembered.size if remembered else 0}
        with suppress(SigningError):
            data = read_public_file(self._custody.settings.public_dir, STATUS)
            if data is not None:
                sizes[PUBLIC] = open_status(data, self._custody.trust).size
        return sizes


class WorkingKeys:
    """Custody, signers and known entries of one worker."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.renew()

    def renew(self) -> None:
        """Forget what is open; the next use opens it anew."""
        self.close()
        self.custody = Custody(self._settings)
        self.known_entries = KnownEntries(self.custody)
        self._signers: tuple[object, Mapping[bytes, BatchSigner]] | None = None

    def signers(self) -> Mapping[bytes, BatchSigner]:
        """Return the signers of all open epochs, by key id, as the present trust bundle and roster say."""
        state = self.custody.stamp
        if self._signers is None or self._signers[0] != state:
            self._signers = state, self.custody.certificate_signers()
        return self._signers[1]

    def close(self) -> None:
        """Close what is open."""
        if "custody" in self.__dict__:
            self.custody.close()
