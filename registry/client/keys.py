"""The keys of the body, for its administrator: listed, registered with proof of possession, revoked."""

import re
import secrets
from datetime import date
from typing import Final
from uuid import UUID

from registry.client.base64url import encode_base64url
from registry.client.door import Document, Door, members, new_operation
from registry.client.errors import WrongUse
from registry.client.key_files import ClientKey

KEYS: Final = "/v1/keys"
PURPOSES: Final = ("access", "submission")
CONTEXT: Final = "certreg-possession/1"
_KEY_ID = re.compile(r"[0-9a-f]{8}")


class Keys:
    """The keys of the body; the door must have been opened with an administration key."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def all(self) -> list[Document]:
        """List them, revoked ones too."""
        return members(self._door.get(KEYS).document, "keys")

    def register(
        self, new: ClientKey, purpose: str, *, first_on: date, last_on: date, account_id: UUID | None = None
    ) -> Document:
        """Register a key that is at hand. ``account_id`` is needed where the body has several accounts for it."""
        nonce = secrets.token_urlsafe(24)
        said = {
            "public_key": encode_base64url(new.public),
            "purpose": purpose,
            "valid_from_on": first_on.isoformat(),
            "valid_to_on": last_on.isoformat(),
            "account_id": None if account_id is None else str(account_id),
            "nonce": nonce,
            "proof": encode_base64url(new.sign(self._possession(new, purpose, nonce))),
        }
        return self._door.say("POST", KEYS, said, headers={"Idempotency-Key": new_operation()})

    def revoke(self, key_id: str, *, confirm_last: bool = False) -> None:
        """Revoke a key, at once and for ever."""
        if not _KEY_ID.fullmatch(key_id):
            raise WrongUse("密钥编号是 8 位小写十六进制数字")
        query = {"confirm_last": "true"} if confirm_last else None
        self._door.send("DELETE", f"{KEYS}/{key_id}", query=query)

    def _possession(self, new: ClientKey, purpose: str, nonce: str) -> bytes:
        """Return what the new key signs to show that it is at hand: six lines, each ended by a line feed."""
        transport = self._door.transport
        lines = [
            CONTEXT,
            transport.environment,
            transport.key.key_id.hex(),
            nonce,
            purpose,
            new.public.hex(),
        ]
        return "".join(f"{line}\n" for line in lines).encode("ascii")
