"""The register's keys as the operator's commands use them: opened here, handed on as signers, never as keys."""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from keys.custodians import CustodianMedium, open_custodian
from keys.distribution.metadata import status_keys
from keys.distribution.root_chain import RootLink
from keys.durable_files import content_stamp, make_folder
from keys.hsm.place import HsmPlace
from keys.kept_trust import KEYS
from keys.key_file import KeyKind
from keys.roots import RootMedium, RootSigner, open_root, read_pinned_root
from keys.roster import RosterHome
from keys.sealing import Identity
from keys.signer import BatchSigner, Signer
from keys.signer.certificate_signer import CertificateSigner
from keys.signer.evidenced_signer import EvidencedSigner
from keys.signer.file_signer import FileSigner
from keys.signer.journal import SignerJournal
from keys.signer.pool import SigningPool
from keys.signer.remote_signer import DoubtedSigner, SignerClient
from keys.status_file import StatusMemory
from keys.store import KeyStore, Store, StoredKey
from keys.store_place import StorePlace, hsm_store_at, store_at
from keys.trust_changes import open_epochs
from keys.trust_home import TrustHome
from registry.operator.errors import NoHsm, NotFounded
from registry.operator.intent import IntentFile
from registry.settings import KeyBackend, Settings
from signing.root import Root
from signing.roster import Roster
from signing.trust import TrustKeys

if TYPE_CHECKING:
    from keys.hsm.store import HsmStore


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
    def pinned(self) -> Root:
        """The root that verifiers pin, of whatever version. Raises ``NotFounded``."""
        if not self.settings.root_file.exists():
            raise NotFounded(f"pinned root at {self.settings.root_file}", "make it with `certreg key found`")
        return read_pinned_root(self.settings.root_file)

    def forget_pinned(self) -> None:
        """Read the pinned root anew at its next use: it was renewed."""
        self.__dict__.pop("pinned", None)

    @property
    def root(self) -> Root:
        """The newest root, at the end of the chain from the pinned one. Raises ``NotFounded``."""
        return self.home.root

    @property
    def place(self) -> StorePlace:
        """Where new issuing and status keys are made: the one place that chooses between files and an HSM."""
        module = self.settings.pkcs11_module
        if self.settings.key_store is KeyBackend.FILES or module is None:
            return self.files.folder
        return HsmPlace(module, self.settings.pkcs11_token, self.settings.pkcs11_pin_file)

    @property
    def files(self) -> KeyStore:
        """The folder of sealed keys; after a change to an HSM it holds those of the epochs before."""
        return KeyStore(self.settings.keys_dir / "store")

    @cached_property
    def store(self) -> Store:
        """The issuing and status keys."""
        return store_at(self.place)

    @property
    def stores(self) -> list[Store]:
        """Every store that holds keys of this register; new ones are made in the first."""
        return [self.store] if isinstance(self.place, Path) else [self.store, self.files]

    def stored_keys(self, kind: KeyKind) -> list[StoredKey]:
        """Return the keys of a kind in all stores, oldest first; those that lie where new ones are made come last."""
        return [key for store in reversed(self.stores) for key in store.stored_keys(kind)]

    def signer(self, kind: KeyKind, key_id: bytes) -> Signer:
        """Return the signer of a key, from the store that holds it. Raises ``KeyUnavailable`` or one of its kinds."""
        return self._holding(kind, key_id).signer(kind, key_id, self.identity)

    def _holding(self, kind: KeyKind, key_id: bytes) -> Store:
        held = (
            store for store in self.stores if any(key.key_id == key_id for key in store.stored_keys(kind))
        )
        return next(held, self.store)

    @property
    def hsm(self) -> "HsmStore":
        """The store of the token. Raises ``NoHsm`` if keys are kept in files."""
        if isinstance(self.place, Path):
            raise NoHsm
        return hsm_store_at(self.place)

    @property
    def home(self) -> TrustHome:
        """The current trust bundle."""
        return TrustHome(self.settings.keys_dir / "trust", self.pinned)

    @property
    def intents(self) -> IntentFile:
        """What an unfinished ceremony was to do."""
        return IntentFile(self.settings.keys_dir)

    @property
    def journal_path(self) -> Path:
        """The signer's own journal; it belongs on another volume than the database."""
        return self.settings.keys_dir / "signer" / "journal"

    @property
    def log_keys_path(self) -> Path:
        """The keys of the public log."""
        return self.settings.keys_dir / "log" / "log.age"

    @property
    def log_memory_path(self) -> Path:
        """What the public log signed last; with the keys, outside the database and its backups."""
        return self.settings.keys_dir / "log" / "memory"

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

    @property
    def stamp(self) -> object:
        """What tells one state of trust bundle and roster from the next, as files; asked often, so nothing is read."""
        folder = self.settings.keys_dir / "trust"
        return content_stamp(folder / KEYS), content_stamp(self.roster_home.path)

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
        return SigningPool(self.place, self.settings.key_identity_file)

    def close(self) -> None:
        """Close what was opened."""
        if "pool" in self.__dict__:
            self.pool.close()
        if "journal" in self.__dict__:
            self.journal.close()
        if self.__dict__.get("client") is not None:
            self.__dict__["client"].close()
        if "store" in self.__dict__ and not isinstance(self.place, Path):
            self.hsm.close()

    def certificate_signers(self, *, pooled: bool = True) -> dict[bytes, BatchSigner]:
        """Return the signers of all open epochs, by key id: those of the signer's program, if there is one.

        ``pooled=False`` signs everything in this process, where this process signs.
        """
        path = self.settings.signer_socket
        if self.client is not None and path is not None:
            trust, remote = self.trust, self.client.signers()
            return {
                key_id: DoubtedSigner(path, signer, trust.key(key_id).verifier)
                for key_id, signer in remote.items()
            }
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
        return {
            epoch.key_id: EvidencedSigner(
                self._hand(epoch.key_id, trust, pooled=pooled), trust, roster, now=now
            )
            for epoch in open_epochs(trust)
        }

    def _hand(self, key_id: bytes, trust: TrustKeys, *, pooled: bool) -> CertificateSigner:
        holding = self._holding(KeyKind.CERTIFICATE, key_id)
        return CertificateSigner.open(
            holding,
            key_id,
            self.identity,
            journal=self.journal,
            trust=trust,
            # The pool's processes open the keys of one place; a key that still lies in the other needs none.
            pool=self.pool if pooled and holding is self.store else None,
        )

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

    def usable_status_keys(self, trust: TrustKeys | None = None) -> list[bytes]:
        """Return the status keys of the stores that are in good standing; the one to sign with comes last.

        In the eyes of this trust bundle, ``None`` for the current one.
        """
        standing = status_keys(trust or self.trust)
        return [key.key_id for key in self.stored_keys(KeyKind.STATUS) if key.public in standing]

    def status_signer(self, trust: TrustKeys) -> Signer:
        """Open the newest status key in good standing. Raises ``NotFounded``."""
        usable = self.usable_status_keys(trust)
        if not usable:
            raise NotFounded("status key in good standing", "make one with `certreg key rotate-status`")
        return self.signer(KeyKind.STATUS, usable[-1])

    def publication_signers(self, links: Sequence[RootLink]) -> list[Signer]:
        """Open the publication keys of the newest of these roots, and those of the others that are here.

        Raises ``NotFounded`` without one of the newest.
        """
        named = frozenset[bytes]().union(*(link.publication for link in links))
        stored = [key for key in self.stored_keys(KeyKind.PUBLICATION) if key.public in named]
        if not any(key.public in links[-1].publication for key in stored):
            raise NotFounded("publication key", "make one with `certreg key rotate-publication`")
        return [self.signer(KeyKind.PUBLICATION, key.key_id) for key in stored]

    def root_signers(self, media: Sequence[RootMedium]) -> list[RootSigner]:
        """Open the root keys on these media."""
        return [open_root(medium) for medium in media]

    def custodian_signers(self, media: Sequence[CustodianMedium]) -> list[FileSigner]:
        """Open the custodian keys on these media."""
        return [open_custodian(medium) for medium in media]
