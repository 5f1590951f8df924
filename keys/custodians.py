"""The custodians' keys: two or more, each on its own medium, listed in ``trust/keys`` by root keys.

Two of them sign the names of codes, and whatever else two people answer for but no verdict rests on. They are
made when the register is founded, or to follow others; a ceremony that stopped in between is run again and
uses what lies on the media already.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from keys.errors import KeyExists
from keys.key_file import KeyKind
from keys.medium import Medium, open_on, require_own_folders, spare_or_new
from keys.signer.file_signer import FileSigner
from keys.store import KeyStore, StoredKey
from keys.trust_changes import with_custodian_key
from signing.trust import TrustKeys


class CustodianMedium(Medium):
    """Where one custodian's key lies, and what seals it."""

    __slots__ = ()


def add_custodian_keys(trust: TrustKeys, media: Sequence[CustodianMedium], *, now: datetime) -> TrustKeys:
    """Return a draft with one more custodian key for each medium; the keys are there by then.

    Raises ``KeyExists`` for a medium with a key that the trust bundle knows, ``KeyUnavailable`` for one with
    several keys or one that its seal does not open, ``ValueError`` if a folder is given twice.
    """
    require_own_folders(media)
    for medium in media:
        if any(key.key_id in trust.keys for key in _stored(medium)):
            raise KeyExists(medium.folder)
    for medium in media:
        trust = with_custodian_key(trust, spare_or_new(medium, KeyKind.CUSTODIAN, now=now).public)
    return trust


def open_custodian(medium: CustodianMedium) -> FileSigner:
    """Return the signer of the one custodian key on a medium; ``KeyUnavailable`` or one of its kinds."""
    return open_on(medium, KeyKind.CUSTODIAN)


def _stored(medium: CustodianMedium) -> list[StoredKey]:
    return KeyStore(medium.folder).stored_keys(KeyKind.CUSTODIAN)
