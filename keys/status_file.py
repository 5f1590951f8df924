"""Signing the status file: the payload comes from the public side's room, the key from here.

``registry.publication`` composes the payload and knows no keys; ``registry.operator`` hands it this function
with the signer in it. Whoever can write into the database could ask for a status that revives what was revoked;
so a status is signed only if it may follow the last one that was signed, and that one is remembered beside the keys,
not in the database and not in the public tree.
"""

from __future__ import annotations

from pathlib import Path

from keys.durable_files import PUBLIC, make_folder, replace
from keys.errors import MemoryDamaged, UnlawfulStatus
from keys.signer import Signer
from signing import cose
from signing.cose import Kind
from signing.errors import FormatError
from signing.status import Status, open_status
from signing.trust import TrustKeys


def sign_status(payload: bytes, signer: Signer, *, trust: TrustKeys) -> bytes:
    """Return the status file; a verifier with this trust bundle takes it, or nothing is returned.

    Raises a ``SigningError`` if the key is not a status key of the trust bundle or is distrusted, or if the
    payload is not a status of its environment; a ``KeysError`` if the key can not be used.
    """
    to_be_signed = cose.to_be_signed(
        key_id=signer.key_id, payload=payload, environment=trust.environment, kind=Kind.STATUS
    )
    data = cose.assemble(key_id=signer.key_id, payload=payload, signature=signer.sign(to_be_signed))
    open_status(data, trust)
    return data


class StatusMemory:
    """The last status that was signed, kept as its payload in one file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def last(self) -> Status | None:
        """Return the last status, ``None`` before the first; ``MemoryDamaged`` if the file is no status."""
        try:
            return Status.from_payload(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except FormatError as fault:
            raise MemoryDamaged(self.path, str(fault)) from None

    def sign(self, payload: bytes, signer: Signer, *, trust: TrustKeys) -> bytes:
        """Return the status file if it may follow the last one, which it then replaces here.

        Raises ``UnlawfulStatus``, and what ``sign_status`` raises. Remembered before it is handed out.
        """
        require_lawful_status(self.last(), Status.from_payload(payload))
        data = sign_status(payload, signer, trust=trust)
        make_folder(self.path.parent)
        replace(self.path, payload, mode=PUBLIC)
        return data


def require_lawful_status(previous: Status | None, proposed: Status) -> None:
    """Raise ``UnlawfulStatus`` unless ``proposed`` may follow: revocation is final, and no entry disappears."""
    if previous is None:
        return
    if proposed.version <= previous.version:
        raise UnlawfulStatus(f"version {proposed.version} does not follow {previous.version}")
    if proposed.size < previous.size:
        raise UnlawfulStatus(f"it knows {proposed.size} entries, the last one knew {previous.size}")
    if proposed.trust_keys_version < previous.trust_keys_version:
        raise UnlawfulStatus("it names an older trust bundle than the last one")
    for name in ("voided", "revoked", "superseded"):
        revived = sorted(getattr(previous, name) - getattr(proposed, name))
        if revived:
            raise UnlawfulStatus(f"entry {revived[0]} was {name}, and that is final")
    released = _unreleased_again(previous, proposed)
    if released:
        raise UnlawfulStatus(f"entry {released[0]} was released and can not be unreleased")


def _unreleased_again(previous: Status, proposed: Status) -> list[int]:
    before = previous.unreleased | previous.voided
    gone = (proposed.unreleased | proposed.voided) - before
    return sorted(entry for entry in gone if entry <= previous.size)
