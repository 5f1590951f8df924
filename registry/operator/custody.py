"""The register's keys as the operator's commands use them: opened here, handed on as signers, never as keys."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from keys.durable_files import make_folder
from keys.key_file import KeyKind
from keys.roots import RootMedium, open_root, read_pinned_root
from keys.sealing import Identity
from keys.signer.certificate_signer import CertificateSigner
from keys.signer.file_signer import FileSigner
from keys.signer.journal import SignerJournal
from keys.signer.pool import SigningPool
from keys.status_file import StatusMemory
from keys.store import KeyStore
from keys.trust_changes import open_epochs
from keys.trust_home import TrustHome
from registry.operator.errors import NotFounded
from registry.operator.intent import IntentFile
from registry.settings import Settings
from signing.cose import Kind
from signing.root import Root
from signing.trust import TrustKeys


@dataclass(frozen=True)
class Custody:
    """Where this installation's keys lie. Nothing is opened before it is used."""

    settings: Settings

    @cached_property
    def identity(self) -> Identity:
        """What unseals the keys that are used unattended. Raises ``NotFounded``."""
        if not self.settings.key_identity_file.exists():
            raise NotFounded(f"identity at {self.settings.key_identity_file}", "make one with `certreg init`")
        return Identity.open(self.settings.key_identity_file)

    @cached_property
    def root(self) -> Root:
        """The pinned root. Raises ``NotFounded``."""
        if not self.settings.root_file.exists():
            raise NotFounded(f"pinned root at {self.settings.root_file}", "make it with `certreg key found`")
        return read_pinned_root(self.settings.root_file)

    @property
    def store(self) -> KeyStore:
        """The sealed issuing and status keys."""
        return KeyStore(self.settings.keys_dir / "store")

    @property
    def home(self) -> TrustHome:
        """The current trust bundle."""
        return TrustHome(self.settings.keys_dir / "trust", self.root)

    @property
    def intents(self) -> IntentFile:
        """What an unfinished ceremony was to do."""
        return IntentFile(self.settings.keys_dir)

    @property
    def journal_path(self) -> Path:
        """The signer's own journal; it belongs on another volume than the database."""
        return self.settings.keys_dir / "signer" / "journal"

    @property
    def trust(self) -> TrustKeys:
        """The current ``trust/keys``, verified. Raises ``NotFounded``."""
        trust = self.home.trust_keys()
        if trust is None:
            raise NotFounded("trust bundle", "make one with `certreg key found`")
        return trust

    @cached_property
    def journal(self) -> SignerJournal:
        """The signer's journal, opened once."""
        return SignerJournal.open(self.journal_path)

    @cached_property
    def pool(self) -> SigningPool:
        """The processes that sign large batches on all cores; started with the first of them."""
        return SigningPool(self.store.folder, self.settings.key_identity_file)

    def close(self) -> None:
        """Close what was opened."""
        if "pool" in self.__dict__:
            self.pool.close()
        if "journal" in self.__dict__:
            self.journal.close()

    def certificate_signers(self) -> dict[bytes, CertificateSigner]:
        """Return the signers of all open epochs, by key id."""
        trust = self.trust
        return {
            epoch.key_id: CertificateSigner.open(
                self.store, epoch.key_id, self.identity, journal=self.journal, trust=trust, pool=self.pool
            )
            for epoch in open_epochs(trust)
        }

    @property
    def status_memory(self) -> StatusMemory:
        """The last status that was signed; the next one may not take back what it said."""
        return StatusMemory(self.settings.keys_dir / "status" / "last")

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """Let one publish at a time: an older status must not come out after a newer one, nor be refused for it."""
        place = self.status_memory.path.parent
        make_folder(place)
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def usable_status_keys(self) -> list[bytes]:
        """Return the status keys of the store that are in good standing, the oldest first."""
        trust = self.trust
        return [
            stored.key_id
            for stored in self.store.stored_keys(KeyKind.STATUS)
            if (key := trust.keys.get(stored.key_id)) is not None
            and key.kind == Kind.STATUS
            and not key.retired
            and key.key_id not in trust.tombstones
        ]

    def sign_status(self, payload: bytes) -> bytes:
        """Return the status file of this payload, signed by the newest status key in good standing."""
        usable = self.usable_status_keys()
        if not usable:
            raise NotFounded("status key", "make one with `certreg key found`")
        signer = FileSigner.open(self.store, KeyKind.STATUS, usable[-1], self.identity)
        return self.status_memory.sign(payload, signer, trust=self.trust)

    def root_signers(self, media: Sequence[RootMedium]) -> list[FileSigner]:
        """Open the root keys on these media."""
        return [open_root(medium) for medium in media]
