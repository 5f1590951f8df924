"""The honest list: the tokens that a distrusted key still vouches for, each proved before it is taken in.

After a compromise the key alone proves nothing, because somebody else may have it. What proves a token from then on is
its digest in a list that root keys sign. So nothing gets in on one party's word: the register's token must verify, be a
signature over exactly the bytes that the register stored before any key was used, and the signer's own journal must
have recorded those bytes for that entry before it signed. What does not agree is left out, and told.

Not decided here: which entries are asked for. Only those that were certificates before the alarm should be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from keys.signer.history import SignedEntry
from signing.cose import SIGNATURE_SIZE
from signing.errors import SigningError
from signing.signed_bytes import token_of_signed_bytes
from signing.token import honest_digest, open_token
from signing.trust import TrustKeys


class LeftOut(StrEnum):
    """Why a token is not in the honest list."""

    NO_TOKEN = "no_token"
    NOT_ITS_BYTES = "not_its_bytes"
    NOT_VERIFIED = "not_verified"
    NOT_JOURNALLED = "not_journalled"
    OTHER_BYTES_JOURNALLED = "other_bytes_journalled"


@dataclass(frozen=True, slots=True)
class ClaimedToken:
    """A token as the register stores it; ``None`` for what it lost."""

    entry: int
    to_be_signed: bytes | None
    token: bytes | None


@dataclass(frozen=True, slots=True)
class HonestList:
    """The 16-byte digests of the tokens that were proved, and why others were left out, both by entry."""

    digests: Mapping[int, bytes]
    left_out: Mapping[int, LeftOut]


def journalled(entries: Iterable[SignedEntry], key_id: bytes) -> dict[int, bytes]:
    """Return what the signer's journal recorded for one key: SHA-256 of the signed bytes, by entry."""
    return {signed.entry: signed.digest for signed in entries if signed.key_id == key_id}


def build_honest_list(
    claimed: Iterable[ClaimedToken], recorded: Mapping[int, bytes], trust: TrustKeys
) -> HonestList:
    """Return the honest list of these tokens; some 0.2 ms for each.

    ``recorded`` is what ``journalled`` returned for the key; ``trust`` is the trust bundle in which the key is still in
    good standing.
    """
    digests: dict[int, bytes] = {}
    left_out: dict[int, LeftOut] = {}
    for one in claimed:
        why = _why_not(one, recorded, trust)
        if why is not None:
            left_out[one.entry] = why
        elif one.token is not None:
            digests[one.entry] = honest_digest(one.token)
    return HonestList(digests, left_out)


def _why_not(claimed: ClaimedToken, recorded: Mapping[int, bytes], trust: TrustKeys) -> LeftOut | None:
    # 1. Is there a token, over the very bytes that the register stored?
    token, to_be_signed = claimed.token, claimed.to_be_signed
    if token is None or to_be_signed is None:
        return LeftOut.NO_TOKEN
    if not _is_over(token, to_be_signed):
        return LeftOut.NOT_ITS_BYTES
    # 2. Does it verify, as the certificate of this entry?
    try:
        statement = open_token(token, trust)
    except SigningError:
        return LeftOut.NOT_VERIFIED
    if statement.entry != claimed.entry:
        return LeftOut.NOT_VERIFIED
    # 3. Did the signer record these bytes, and no others, for the entry?
    digest = recorded.get(claimed.entry)
    if digest is None:
        return LeftOut.NOT_JOURNALLED
    return None if digest == sha256(to_be_signed).digest() else LeftOut.OTHER_BYTES_JOURNALLED


def _is_over(token: bytes, to_be_signed: bytes) -> bool:
    try:
        return token == token_of_signed_bytes(to_be_signed, token[-SIGNATURE_SIZE:])
    except SigningError:
        return False
