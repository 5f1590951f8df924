"""From the pinned root to the newest one (formats.md §12, steps 1 and 2; TUF specification §5.3).

Every version of the root is kept, and each is signed by enough keys of the one before and of its own: Ed25519 keys,
and ML-DSA-44 keys where it names some. Whoever pins an early version walks from there, with the standard library
alone. The expiry of a root is not asked
here: it guards against being kept on an old one, which only who fetches at a known time can tell. What
rests on files alone is bounded by the expiry of ``trust/keys`` and the age of the status.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from signing.errors import DistributionRefused, Malformed, Refusal
from signing.metadata import MAX_BYTES, Metadata
from signing.metadata_grammar import Role, mldsa_of
from signing.root import Root

MAX_ROOTS: Final = 1024
MAX_ROOT_BYTES: Final = MAX_BYTES


@dataclass(frozen=True, slots=True)
class Link:
    """One verified version of the root, with the key ids by which the next one names its signers."""

    root: Root
    role: Role


def newest_root(pinned: Root, read: Callable[[int], bytes | None]) -> Root:
    """Return the newest root that the pinned one leads to.

    ``read`` gives the file ``tuf/VERSION.root.json``, or ``None`` where there is none: the chain ends there.
    Without the pinned version's own file there is no chain, and the pinned root is the newest. Raises
    ``DistributionRefused`` for a file that is there and does not continue the chain.
    """
    data = read(pinned.version)
    if data is None:
        return pinned
    link = first_link(pinned, data)
    for _ in range(MAX_ROOTS):
        data = read(link.root.version + 1)
        if data is None:
            return link.root
        link = next_link(link, data)
    raise DistributionRefused(Refusal.TOO_LARGE, file_name(link.root.version + 1))


def first_link(pinned: Root, data: bytes) -> Link:
    """Return the metadata of the pinned root's own version, if it says what the pin says.

    Raises ``DistributionRefused`` otherwise, ``wrong_root`` for other keys or another threshold.
    """
    # 1. Metadata of a root, of the pinned environment and version?
    metadata, link = _read(data, pinned.environment, pinned.version)
    if link.root.version != pinned.version:
        raise DistributionRefused(Refusal.ROOT_OUT_OF_ORDER, metadata.name)
    # 2. Exactly the pinned keys and threshold, and those of ML-DSA-44 that the pin names?
    if not pinned.is_pin_of(link.root):
        raise DistributionRefused(Refusal.WRONG_ROOT, metadata.name)
    # 3. Signed by enough of them? What else it says, the keys of the other roles, is theirs only then.
    metadata.require_signed_by(link.role)
    metadata.require_mldsa(None, link.root.mldsa)
    return link


def next_link(link: Link, data: bytes) -> Link:
    """Return the next version of the root; ``DistributionRefused`` if it does not follow on ``link``."""
    # 1. Metadata of a root, of the same environment?
    metadata, following = _read(data, link.root.environment, link.root.version + 1)
    # 2. Signed by enough keys of the one before?
    metadata.require_signed_by(link.role)
    # 3. The very next version?
    if following.root.version != link.root.version + 1:
        raise DistributionRefused(Refusal.ROOT_OUT_OF_ORDER, metadata.name)
    # 4. And by enough of its own?
    metadata.require_signed_by(following.role)
    # 5. The same of the ML-DSA-44 keys, which no later root may leave out again?
    metadata.require_mldsa(link.root.mldsa, following.root.mldsa)
    return following


def file_name(version: int) -> str:
    """Return the name, in ``public/``, of the file of a version."""
    return f"tuf/{version}.root.json"


def _read(data: bytes, environment: str, version: int) -> tuple[Metadata, Link]:
    """Read the file of a version; whether it is of that version is for the caller to ask."""
    name = file_name(version)
    if len(data) > MAX_ROOT_BYTES:
        raise DistributionRefused(Refusal.TOO_LARGE, name)
    metadata = Metadata.from_bytes(data, name=name, kind="root", environment=environment)
    role = metadata.role("root")
    keys = tuple(key.public for key in role.keys.values())
    try:
        root = Root(environment, metadata.version, role.threshold, keys, mldsa_of(metadata.signed))
        return metadata, Link(root, role)
    except Malformed:
        raise DistributionRefused(Refusal.MALFORMED_METADATA, name) from None
