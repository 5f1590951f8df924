"""An invented distribution in the layout of ``public/``, written with python-tuf's Metadata API.

``Repository`` is a publisher that does as it is told, wrong things included: who signs is set apart from who
may sign, and any version, expiry or environment can be given. ``files`` is what lies on the host now.
"""

import hashlib
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner, Signature, SSlibKey
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Role,
    Root,
    Signed,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from signing.cose import Kind
from signing.root import Root as Pin
from signing.root_mldsa import METADATA_MEMBER, MldsaKeys
from tests.vectors import world
from tests.vectors.world import MldsaSeedKey, SeedKey

KEYS, NAMES, STATUS = "trust/keys.cbor", "trust/names.cbor", "status/status.cbor"
CUSTODIANS = [SeedKey(f"custodian {place}") for place in range(2)]
PUBLICATION = SeedKey("publication")
LIFE = {
    "root": timedelta(days=3 * 365),
    "targets": timedelta(days=400),
    "names": timedelta(days=400),
    "status": timedelta(days=8),
    "snapshot": timedelta(days=8),
    "timestamp": timedelta(days=2),
}
ENVIRONMENT = "x-certreg-environment"


def mldsa_keys(generation: int) -> list[MldsaSeedKey]:
    """Return the ML-DSA-44 keys of the holders of ``root_keys``."""
    return [MldsaSeedKey(f"root {place}, generation {generation}") for place in range(3)]


def root_keys(generation: int) -> list[SeedKey]:
    """Return the three root keys of a generation; the first are those of ``world``."""
    if generation == 1:
        return world.ROOTS
    return [SeedKey(f"root {place}, generation {generation}") for place in range(3)]


@dataclass
class Repository:
    """See the module; ``now`` is aware, of whole seconds."""

    now: datetime
    roots: list[SeedKey] = field(default_factory=lambda: root_keys(1))
    mldsa: list[MldsaSeedKey] = field(default_factory=list)
    """The ML-DSA-44 keys of the holders of ``roots``, or none."""
    mldsa_signers: list[MldsaSeedKey] | None = None
    """Which of them sign, others included; ``None``: those who should."""
    publication: SeedKey = PUBLICATION
    custodians: list[SeedKey] = field(default_factory=lambda: list(CUSTODIANS))
    threshold: int = 2
    versions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LIFE, 0))
    life: dict[str, timedelta] = field(default_factory=lambda: dict(LIFE))
    environment: dict[str, str] = field(default_factory=lambda: dict.fromkeys(LIFE, world.ENV))
    signers: dict[str, list[SeedKey]] = field(default_factory=dict)
    """Who signs a role instead of who should."""
    paths: dict[str, list[str]] = field(default_factory=lambda: {"names": [NAMES], "status": ["status/*"]})
    lists: dict[str, list[str]] = field(
        default_factory=lambda: {"targets": [KEYS], "names": [NAMES], "status": [STATUS]}
    )
    meta: dict[str, int] = field(default_factory=dict)
    """What a snapshot or timestamp says instead of the current version; 0 leaves a role out."""
    lengths: dict[str, int] = field(default_factory=dict)
    """What is said of the length of a file, or of a role's metadata, instead of the truth."""
    exactly: bool = False
    """Whether snapshot and timestamp say length and hash of what they name."""
    status_version: int = 900
    given: dict[str, bytes] = field(default_factory=dict)
    """Files to distribute instead of those of ``world``."""
    content: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def pin(self, version: int = 1, **changed: Any) -> Pin:
        """Return the root to pin, as it is now."""
        keys = tuple(key.public for key in self.roots)
        pinned = {"environment": world.ENV, "version": version, "threshold": 2, "keys": keys}
        return Pin(**pinned | {"mldsa": self.mldsa_named()} | changed)

    def mldsa_named(self) -> MldsaKeys | None:
        """Return the ML-DSA-44 keys that the root names, as it is now."""
        pairs = zip(self.roots, self.mldsa, strict=False)
        named = {holder.public: key.public for holder, key in pairs}
        return MldsaKeys.of(self.threshold, named) if named else None

    def copy(self) -> "Repository":
        """Return this publisher as it is, to go on in another way."""
        return deepcopy(self)

    def publish(self, *roles: str) -> "Repository":
        """Write the next version of the roles (all but the root by default), those above and the files."""
        self.write_content()
        for role in roles or ("targets", "names", "status"):
            self.write(role)
        for role in ("snapshot", "timestamp"):
            self.write(role)
        return self

    def rotate(
        self,
        roots: list[SeedKey],
        *,
        mldsa: list[MldsaSeedKey] | None = None,
        publication: SeedKey | None = None,
    ) -> "Repository":
        """Write the next root with other keys, signed by the old ones and the new."""
        old, self.roots = self.roots, roots
        old_mldsa, self.mldsa = self.mldsa, mldsa or []
        self.publication = publication or self.publication
        either = {key.name: key for key in [*old[:2], *roots[:2]]}
        self.signers.setdefault("root", list(either.values()))
        if self.mldsa_signers is None:
            self.mldsa_signers = [*old_mldsa[:2], *self.mldsa[:2]]
        self.write("root")
        self.signers.pop("root")
        self.mldsa_signers = None
        return self

    def write_content(self) -> None:
        """Sign the three files as they are now."""
        keys = world.trust_keys(made_at=self.now - 20 * world.DAY, expires_at=self.now + 100 * world.DAY)
        status = world.status(version=self.status_version, made_at=self.now - world.HOUR)
        signers = self.roots[:2]
        names = world.trust_names().to_payload()
        self.content = {
            KEYS: world.signed_file(keys.to_payload(), *signers),
            NAMES: world.signed_file(names, *world.CUSTODIANS[:2], kind=Kind.TRUST_NAMES),
            STATUS: world.STATUS.sign1(status.to_payload(), Kind.STATUS),
        } | self.given
        for path, content in self.content.items():
            self.files |= {path: content, hashed(path, content): content}

    def write(self, role: str, version: int | None = None) -> None:
        """Write the next version of a role, or this one."""
        self.versions[role] = self.versions[role] + 1 if version is None else version
        metadata = Metadata(self._signed(role))
        for key in self.signers.get(role, self._entitled(role)):
            metadata.sign(CryptoSigner(key.private), append=True)
        if role == "root":
            said = metadata.signed_bytes
            for key in self.mldsa[:2] if self.mldsa_signers is None else self.mldsa_signers:
                metadata.signatures[key.key_id] = Signature(key.key_id, key.private.sign(said).hex())
        number = "" if role == "timestamp" else f"{self.versions[role]}."
        self.files[f"tuf/{number}{role}.json"] = metadata.to_bytes()

    def _entitled(self, role: str) -> list[SeedKey]:
        online = [self.publication]
        return {
            "root": self.roots[:2],
            "targets": self.roots[:2],
            "names": self.custodians[:2],
            "status": [world.STATUS],
            "snapshot": online,
            "timestamp": online,
        }[role]

    def _signed(self, role: str) -> Signed:
        common = {
            "version": self.versions[role],
            "expires": self.now + self.life[role],
            "unrecognized_fields": {ENVIRONMENT: self.environment[role]},
        }
        if role == "root":
            return self._root(common)
        if role == "snapshot":
            below = {name: self._meta(name) for name in ("targets", "names", "status")}
            return Snapshot(meta={f"{name}.json": meta for name, meta in below.items() if meta}, **common)
        if role == "timestamp":
            return Timestamp(snapshot_meta=self._meta("snapshot"), **common)
        targets = {
            path: TargetFile.from_data(path, self.content[path], ["sha256"]) for path in self.lists[role]
        }
        for path in self.lengths.keys() & targets.keys():
            targets[path].length = self.lengths[path]
        return Targets(
            targets=targets, delegations=self._delegations() if role == "targets" else None, **common
        )

    def _meta(self, role: str) -> MetaFile | None:
        version = self.meta.get(role, self.versions[role])
        if role in self.lengths:
            return MetaFile(version, length=self.lengths[role])
        if self.exactly:
            return MetaFile.from_data(version, self.files[f"tuf/{version}.{role}.json"], ["sha256"])
        return MetaFile(version) if version else None

    def _root(self, common: dict[str, Any]) -> Root:
        online = Role([tuf_key(self.publication).keyid], 1)
        offline = Role([tuf_key(key).keyid for key in self.roots], self.threshold)
        keys = {key.keyid: key for key in map(tuf_key, [*self.roots, self.publication])}
        roles = {"root": offline, "targets": offline, "snapshot": online, "timestamp": online}
        made = Root(keys=keys, roles=roles, consistent_snapshot=True, **common)
        if (named := self.mldsa_named()) is not None:
            made.unrecognized_fields[METADATA_MEMBER] = named.to_json()
        return made

    def _delegations(self) -> Delegations:
        signers = {"names": self.custodians, "status": [world.STATUS]}
        keys = {key.keyid: key for key in map(tuf_key, [*self.custodians, world.STATUS])}
        roles = {
            name: DelegatedRole(
                name=name,
                keyids=[tuf_key(key).keyid for key in signers[name]],
                threshold=len(signers[name]),
                terminating=True,
                paths=paths,
            )
            for name, paths in self.paths.items()
        }
        return Delegations(keys=keys, roles=roles)


def repository(now: datetime) -> Repository:
    """Return a distribution as it should be, in its first version."""
    made = Repository(now)
    made.write("root")
    return made.publish()


def around(given: dict[str, bytes], now: datetime) -> dict[str, bytes]:
    """Return the files of a distribution of these three, in its first version."""
    made = Repository(now, given=given)
    made.write("root")
    return made.publish().files


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files, by their names in ``public/``, over those that are in the folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def tuf_key(key: SeedKey) -> SSlibKey:
    """Return a key as TUF names it."""
    return SSlibKey.from_crypto(key.private.public_key())


def hashed(path: str, content: bytes) -> str:
    """Return the name of exactly this content."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/{hashlib.sha256(content).hexdigest()}.{name}"
