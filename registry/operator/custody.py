"""The register's keys as the operator's commands use them: opened here, handed on as signers, never as keys."""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from keys.custodians import CustodianMedium, open_custodian
from keys.durable_files import make_folder
from keys.key_file import KeyKind
from keys.roots import RootMedium, open_root, read_pinned_root
from keys.roster import RosterHome
from keys.sealing import Identity
from keys.signer import BatchSigner
from keys.signer.certificate_signer import CertificateSigner
from keys.signer.evidenced_signer import EvidencedSigner
from keys.signer.file_signer import FileSigner
from keys.signer.journal import SignerJournal
from keys.signer.pool import SigningPool
from keys.signer.remote_signer import SignerClient
from keys.status_file import StatusMemory
from keys.store import KeyStore
from keys.trust_changes import open_epochs
from keys.trust_home import TrustHome
from registry.operator.errors import NotFounded
from registry.settings import Settings
from signing.cose import Kind
from signing.root import Root
from signing.roster import Roster
from signing.trust import TrustKeys


def present() -> datetime:
    """Return the present instant; commands read the clock here and pass it down."""
    return datetime.now(UTC)


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

    @property
    def roster_home(self) -> RosterHome:
        """The current roster: whose decisions and openings the signer counts."""
        return RosterHome(self.settings.keys_dir / "signer" / "roster.cbor")

    def signed_roster(self) -> Roster | None:
        """Return the current roster, verified; ``None`` before the first."""
        return self.roster_home.roster(self.trust)

    @cached_property
    def client(self) -> SignerClient | None:
        """The way to the signer's program; ``None`` where this process signs itself."""
        path = self.settings.signer_socket
        return None if path is None else SignerClient(path)

    def last_signed_entry(self) -> int:
        """Return the highest entry that the signer's journal knows. Raises a ``KeysError``."""
        return self.journal.last_entry() if self.client is None else self.client.last_entry()

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
        if self.__dict__.get("client") is not None:
            self.__dict__["client"].close()

    def certificate_signers(self, *, pooled: bool = True) -> dict[bytes, BatchSigner]:
        """Return the signers of all open epochs, by key id: those of the signer's program, if there is one.

        ``pooled=False`` signs everything in this process, where this process signs.
        """
        if self.client is not None:
            return dict(self.client.signers())
        return dict(self.own_signers(now=present, pooled=pooled))

    def own_signers(
        self, *, now: Callable[[], datetime], pooled: bool = True
    ) -> dict[bytes, EvidencedSigner]:
        """Return the signers of all open epochs, opened in this process. Raises ``NotFounded`` or a ``KeysError``."""
        trust, roster = self.trust, self.signed_roster()
        if roster is None:
            raise NotFounded(
                f"roster at {self.roster_home.path}", "let two custodians sign it: `certreg key roster`"
            )
        signers = {}
        for epoch in open_epochs(trust):
            hand = CertificateSigner.open(
                self.store,
                epoch.key_id,
                self.identity,
                journal=self.journal,
                trust=trust,
                pool=self.pool if pooled else None,
            )
            signers[epoch.key_id] = EvidencedSigner(hand, trust, roster, now=now)
        return signers

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

    def sign_status(self, payload: bytes) -> bytes:
        """Return the status file of this payload, signed by the newest status key in good standing."""
        trust = self.trust
        stored = [key for key in self.store.stored_keys(KeyKind.STATUS) if key.key_id in trust.keys]
        usable = [
            key
            for key in stored
            if key.key_id not in trust.tombstones
            and not trust.keys[key.key_id].retired
            and trust.keys[key.key_id].kind == Kind.STATUS
        ]
        if not usable:
            raise NotFounded("status key", "make one with `certreg key found`")
        signer = FileSigner.open(self.store, KeyKind.STATUS, usable[-1].key_id, self.identity)
        return self.status_memory.sign(payload, signer, trust=trust)

    def root_signers(self, media: Sequence[RootMedium]) -> list[FileSigner]:
        """Open the root keys on these media."""
        return [open_root(medium) for medium in media]

    def custodian_signers(self, media: Sequence[CustodianMedium]) -> list[FileSigner]:
        """Open the custodian keys on these media."""
        return [open_custodian(medium) for medium in media]
