"""A small register's distribution, with all its keys in memory: composed, written to a folder, and tampered with."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.distribution.offline import write_names_metadata, write_root_metadata, write_targets_metadata
from keys.distribution.publication import compose_publication
from keys.kept_trust import KEYS, NAMES, NAMES_METADATA, TARGETS_METADATA, KeptTrust, offline_part
from keys.signer.file_signer import FileSigner
from keys.trust_bundle import write_trust_keys, write_trust_names
from keys.trust_changes import first_draft, whole_seconds, with_custodian_key, with_epoch, with_status_key
from signing.cose import Kind, assemble, to_be_signed
from signing.root import Root
from signing.status import Status
from signing.trust import TrustKeys, TrustNames, open_trust_keys, open_trust_names
from tests.keys.small_register import ENVIRONMENT, LAST_ON, PROFILE, SALT

NOW = whole_seconds(datetime.now(UTC))
"""The client is the library's own, and goes by the clock."""

A_YEAR = timedelta(days=365)
STATUS = "status/status.cbor"


def new_signer() -> FileSigner:
    private = Ed25519PrivateKey.generate()
    return FileSigner(private, private.public_key().public_bytes_raw())


def new_signers(count: int) -> list[FileSigner]:
    return [new_signer() for _ in range(count)]


def root_of(signers: Sequence[FileSigner], version: int = 1) -> Root:
    return Root(ENVIRONMENT, version, 2, tuple(signer.public for signer in signers))


def status_file(signer: FileSigner, version: int, trust_version: int = 1) -> bytes:
    """Return a status of no entries."""
    nothing = frozenset[int]()
    status = Status(ENVIRONMENT, version, NOW, 0, trust_version, nothing, nothing, nothing, nothing, nothing)
    payload = status.to_payload()
    signed = to_be_signed(key_id=signer.key_id, payload=payload, environment=ENVIRONMENT, kind=Kind.STATUS)
    return assemble(key_id=signer.key_id, payload=payload, signature=signer.sign(signed))


@dataclass
class Repository:
    """All keys of a register, and what its ceremonies made last."""

    roots: list[FileSigner] = field(default_factory=lambda: new_signers(3))
    custodians: list[FileSigner] = field(default_factory=lambda: new_signers(2))
    status: FileSigner = field(default_factory=new_signer)
    publication: FileSigner = field(default_factory=new_signer)
    files: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Found it."""
        self.pinned = root_of(self.roots)
        self.root = self.pinned
        draft = first_draft(ENVIRONMENT, salt=SALT, profiles=[PROFILE], now=NOW)
        for custodian in self.custodians:
            draft = with_custodian_key(draft, custodian.public)
        draft = with_status_key(draft, self.status.public)
        draft = with_epoch(draft, new_signer().public, last_on=LAST_ON, entries=100)
        self.files["tuf/1.root.json"] = write_root_metadata(
            self.root, [self.publication.public], self.roots, now=NOW
        )
        self.sign_keys(draft, None)
        self.sign_names(None)

    @property
    def trust(self) -> TrustKeys:
        return open_trust_keys(self.files[KEYS], self.root)

    @property
    def kept(self) -> KeptTrust:
        return KeptTrust(dict(self.files))

    def sign_keys(
        self, draft: TrustKeys, previous: TrustKeys | None, *, before: Root | None = None,
        signers: Sequence[FileSigner] = (),
    ) -> None:  # fmt: skip
        by = [*self.roots, *signers]
        data = write_trust_keys(
            draft,
            previous=previous,
            root=self.root,
            before=before,
            root_signers=by,
            now=NOW,
            expires_at=NOW + A_YEAR,
        )
        self.files[KEYS] = data
        self.files[TARGETS_METADATA] = write_targets_metadata(data, self.root, by, now=NOW)

    def sign_names(self, previous: TrustNames | None) -> None:
        draft = TrustNames(ENVIRONMENT, 0, NOW, {(1, "01"): "甲"}, {}, {})
        data = write_trust_names(
            draft, previous=previous, trust=self.trust, custodian_signers=self.custodians, now=NOW
        )
        self.files[NAMES] = data
        self.files[NAMES_METADATA] = write_names_metadata(data, self.trust, self.custodians, now=NOW)

    @property
    def names(self) -> TrustNames:
        return open_trust_names(self.files[NAMES], self.trust)

    def follow_root(self, roots: list[FileSigner], publication: FileSigner | None = None) -> FileSigner:
        """Let other root keys (and another publication key) follow; return the publication key before."""
        before, old, old_publication = self.root, self.roots, self.publication
        self.roots, self.publication = roots, publication or self.publication
        self.root = root_of(roots, before.version + 1)
        self.files[f"tuf/{self.root.version}.root.json"] = write_root_metadata(
            self.root, [self.publication.public], [*old, *roots], now=NOW
        )
        trust = open_trust_keys(self.files[KEYS], before)
        self.sign_keys(trust, trust, before=before, signers=old)
        return old_publication

    def composed(
        self, version: int, *, shown: int = 0, more: Sequence[FileSigner] = (), now: datetime = NOW
    ) -> list[tuple[str, bytes]]:
        """Return a publication; ``more`` are further publication keys."""
        return compose_publication(
            offline_part(self.kept, self.pinned, shown=shown),
            {STATUS: status_file(self.status, version, self.trust.version)},
            version=version,
            status_signers=[self.status],
            publication_signers=[self.publication, *more],
            now=now,
        )

    def publish(self, folder: Path, version: int, **options: object) -> None:
        """Write a publication into a folder."""
        write_all(folder, dict(self.composed(version, **options)))  # type: ignore[arg-type]

    def with_trust(self, **changes: object) -> TrustKeys:
        return replace(self.trust, **changes)  # type: ignore[arg-type]


def write_all(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
