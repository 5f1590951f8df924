"""The files of a trust bundle between ceremonies, as one value: what is there, whether it holds together, what is new.

Nothing is read or written here but by ``read``; ``keys.trust_home`` keeps the folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from keys.distribution.publication import OfflinePart
from keys.distribution.review import Opened, open_names, open_targets
from keys.distribution.roles import Role, metadata_name
from keys.distribution.root_chain import RootLink, open_root, read_chain
from keys.errors import UnsoundMetadata
from signing.custody import THRESHOLD
from signing.errors import NotSignedByCustodians
from signing.root import Root
from signing.trust import TrustKeys, TrustNames, open_trust_keys, open_trust_names

KEYS: Final = "keys.cbor"
NAMES: Final = "names.cbor"
TARGETS_METADATA: Final = "tuf/targets.json"
NAMES_METADATA: Final = "tuf/names.json"

_ROOT_NAME: Final = re.compile(r"tuf/([1-9][0-9]{0,8})\.root\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustFiles:
    """What a ceremony made; ``None`` for what it left as it was. ``root`` is the next ``N.root.json``."""

    root: bytes | None = None
    keys: bytes | None = None
    targets: bytes | None = None
    names: bytes | None = None
    names_metadata: bytes | None = None


@dataclass(frozen=True, slots=True)
class KeptTrust:
    """The files by their names below the folder. Nothing is verified before it is opened.

    A home without any root metadata has no metadata at all: the trust bundle alone, as tests and drills keep it.
    It can not be published.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> KeptTrust:
        """Return what lies in the folder."""
        paths = [folder / name for name in (KEYS, NAMES, TARGETS_METADATA, NAMES_METADATA)]
        paths += (folder / "tuf").glob("*.root.json")
        named = {path.relative_to(folder).as_posix(): path for path in paths if path.exists()}
        return cls({name: path.read_bytes() for name, path in named.items()})

    def with_files(self, made: TrustFiles, pinned: Root) -> KeptTrust:
        """Return what there will be once these files are kept."""
        changed = {
            KEYS: made.keys,
            NAMES: made.names,
            TARGETS_METADATA: made.targets,
            NAMES_METADATA: made.names_metadata,
        }
        if made.root is not None and made.root not in self.root_files.values():
            changed[metadata_name(Role.ROOT, max(self.root_files, default=pinned.version - 1) + 1)] = (
                made.root
            )
        return KeptTrust({**self.files, **{name: data for name, data in changed.items() if data is not None}})

    def differing_from(self, before: KeptTrust) -> dict[str, bytes]:
        """Return the files that are not as they were."""
        return {name: data for name, data in self.files.items() if before.files.get(name) != data}

    @property
    def roots(self) -> Mapping[str, bytes]:
        """Every root metadata by its name in the public tree, the first version first."""
        return {
            metadata_name(Role.ROOT, version): self.root_files[version] for version in sorted(self.root_files)
        }

    @property
    def root_files(self) -> dict[int, bytes]:
        """Every root metadata by its version."""
        found = ((_ROOT_NAME.fullmatch(name), data) for name, data in self.files.items())
        return {int(match[1]): data for match, data in found if match}

    def chain(self, pinned: Root) -> tuple[RootLink, ...]:
        """Return the verified roots from the pinned one on, none in a home without metadata.

        Raises ``UnsoundMetadata``.
        """
        roots = self.root_files
        if roots and pinned.version not in roots:
            raise UnsoundMetadata(metadata_name(Role.ROOT, pinned.version), "it is not there")
        versions = range(pinned.version, max(roots, default=0) + 1)
        missing = next((version for version in versions if version not in roots), None)
        if missing is not None:
            raise UnsoundMetadata(metadata_name(Role.ROOT, missing), "it is not there")
        return read_chain(pinned, tuple(roots[version] for version in versions))

    def every_root(self, environment: str) -> tuple[RootLink, ...]:
        """Return every root that there was, each verified by itself alone; ``UnsoundMetadata`` otherwise."""
        roots = self.root_files
        return tuple(open_root(roots[version], version, environment=environment) for version in sorted(roots))

    def root(self, pinned: Root) -> Root:
        """Return the newest root; ``UnsoundMetadata`` if the chain does not hold."""
        chain = self.chain(pinned)
        return chain[-1].root if chain else pinned

    def trust_keys(self, pinned: Root) -> TrustKeys | None:
        """Return ``trust/keys``, ``None`` if there is none; a ``SigningError`` if it does not verify."""
        data = self.files.get(KEYS)
        return None if data is None else open_trust_keys(data, self.root(pinned))

    def trust_names(self, trust: TrustKeys | None) -> TrustNames | None:
        """Return ``trust/names``, ``None`` if there is none; a ``SigningError`` if it does not verify."""
        data = self.files.get(NAMES)
        if data is None:
            return None
        if trust is None:
            raise NotSignedByCustodians(signed=0, threshold=THRESHOLD)
        return open_trust_names(data, trust)

    def open(self, pinned: Root) -> OpenedTrust:
        """Return all of it, verified, if it holds together; a ``SigningError`` or ``UnsoundMetadata`` otherwise."""
        chain, trust = self.chain(pinned), self.trust_keys(pinned)
        names = self.trust_names(trust)
        targets = self._targets(chain, trust)
        return OpenedTrust(chain, trust, names, targets, self._names_metadata(targets, names))

    def _targets(self, chain: tuple[RootLink, ...], trust: TrustKeys | None) -> Opened | None:
        if not chain or trust is None:
            return None
        data = self._metadata(TARGETS_METADATA, Role.TARGETS)
        return open_targets(data, chain[-1], trust, self.files[KEYS])

    def _names_metadata(self, targets: Opened | None, names: TrustNames | None) -> Opened | None:
        if targets is None or names is None:
            return None
        data = self._metadata(NAMES_METADATA, Role.NAMES)
        return open_names(
            data, targets, self.files[NAMES], version=names.version, environment=names.environment
        )

    def _metadata(self, name: str, role: Role) -> bytes:
        data = self.files.get(name)
        if data is None:
            raise UnsoundMetadata(role, "it is not there")
        return data


@dataclass(frozen=True, slots=True)
class OpenedTrust:
    """The verified files of a home; ``None`` for what it has not, ``chain`` empty in a home without metadata."""

    chain: tuple[RootLink, ...]
    trust: TrustKeys | None
    names: TrustNames | None
    targets: Opened | None
    names_metadata: Opened | None

    def expiries(self) -> list[tuple[Role, datetime]]:
        """Return until when clients take what was signed offline."""
        signed = [(Role.ROOT, link.metadata.signed.expires) for link in self.chain[-1:]]
        of = ((Role.TARGETS, self.targets), (Role.NAMES, self.names_metadata))
        return signed + [(role, opened.metadata.signed.expires) for role, opened in of if opened is not None]


def offline_part(kept: KeptTrust, pinned: Root, *, shown: int) -> OfflinePart:
    """Return what is kept as a publication takes it; ``shown`` is the newest root that the tree has, 0 for none.

    Raises ``UnsoundMetadata`` if anything is missing or does not hold, a ``SigningError`` likewise.
    """
    opened = kept.open(pinned)
    trust = opened.trust
    if not opened.chain or trust is None or opened.targets is None or opened.names_metadata is None:
        raise UnsoundMetadata("of this register", "there is none; the ceremonies make it")
    newest = opened.chain[-1]
    older = [
        link
        for link in kept.every_root(pinned.environment)
        if 0 < shown <= link.root.version < newest.root.version
    ]
    return OfflinePart(
        roots=kept.roots,
        links=(*older, newest),
        trust=trust,
        keys_file=kept.files[KEYS],
        targets=opened.targets,
        names_file=kept.files[NAMES],
        names=opened.names_metadata,
    )
