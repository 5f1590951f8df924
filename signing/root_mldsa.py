"""The ML-DSA-44 keys of the holders of root keys, and when a root is signed by enough of them (formats.md §12).

A root may name one such key for each holder of an Ed25519 key, made by itself and sealed beside it. The rule is that of
the Ed25519 keys, so that whoever can forge those alone makes no root. It adds a demand and takes none away: where the
library has no ML-DSA-44 it can not be asked, and Ed25519 alone counts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from signing import mldsa, shape
from signing.errors import BadSignature, Malformed

PINNED_MEMBER: Final = "mldsa44"
METADATA_MEMBER: Final = "x-certreg-mldsa44"
"""The member of the signed part of root metadata; every other TUF client ignores it, as it must."""

_HOLDER: Final = re.compile(r"[0-9a-f]{64}")
_PUBLIC: Final = re.compile(rf"[0-9a-f]{{{2 * mldsa.PUBLIC_SIZE}}}")


@dataclass(frozen=True, slots=True)
class MldsaKeys:
    """The ML-DSA-44 keys that a root names: ``threshold`` of them must sign it, and the root after it.

    ``keys`` are pairs of a holder's Ed25519 key (32 bytes) and ML-DSA-44 key (1,312 bytes), ascending by holder. Raises
    ``Malformed`` or ``InadmissibleKey`` for a holder or a key twice, or a threshold that they can not meet.
    """

    threshold: int
    keys: tuple[tuple[bytes, bytes], ...]

    def __post_init__(self) -> None:
        """Admit the keys."""
        shape.ascending(holder for holder, _ in self.keys)
        if len({mldsa.key_id(public) for _, public in self.keys}) != len(self.keys):
            raise Malformed("one ML-DSA-44 key of two holders")
        for _, public in self.keys:
            mldsa.admit(public)
        shape.integer(self.threshold, 1, len(self.keys))

    @classmethod
    def of(cls, threshold: int, keys: Mapping[bytes, bytes]) -> Self:
        """Return the keys by their holders' Ed25519 keys."""
        return cls(threshold, tuple(sorted(keys.items())))

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read the member of a pinned root, or of root metadata; ``Malformed``."""
        if type(value) is not dict or value.keys() != {"keys", "threshold"}:
            raise Malformed("not the ML-DSA-44 keys of a root")
        keys = value["keys"]
        if type(keys) is not dict:
            raise Malformed("not keys by their holders")
        found = {_read(_HOLDER, holder): _read(_PUBLIC, public) for holder, public in keys.items()}
        return cls.of(value["threshold"], found)

    def to_json(self) -> dict[str, Any]:
        """Return the member."""
        return {
            "threshold": self.threshold,
            "keys": {holder.hex(): public.hex() for holder, public in self.keys},
        }

    @property
    def of_holder(self) -> Mapping[bytes, bytes]:
        """The ML-DSA-44 keys by their holders' Ed25519 keys."""
        return dict(self.keys)

    def signed(self, message: bytes, signatures: Mapping[str, bytes]) -> bool:
        """Say whether enough of these keys signed; ``signatures`` are by key id (``mldsa.key_id``)."""
        good = sum(_signed(public, message, signatures) for _, public in self.keys)
        return good >= self.threshold


def may_follow(
    before: MldsaKeys | None, own: MldsaKeys | None, message: bytes, signatures: Mapping[str, bytes]
) -> bool:
    """Say whether a root that names ``own`` keys is signed as it must be after one that names ``before``.

    ``before`` is ``None`` also for a root that follows none. ``True`` where the library has no ML-DSA-44.
    """
    if not mldsa.is_at_hand():
        return True
    # 1. What was named once is not left out again: who can forge Ed25519 would begin with that.
    if own is None:
        return before is None
    # 2. Enough keys of the root before, 3. and enough of its own.
    return (before is None or before.signed(message, signatures)) and own.signed(message, signatures)


def _signed(public: bytes, message: bytes, signatures: Mapping[str, bytes]) -> bool:
    verifier, signature = mldsa.admit(public), signatures.get(mldsa.key_id(public))
    if verifier is None or signature is None:
        return False
    try:
        verifier.verify(signature, message)
    except BadSignature:
        return False
    return True


def _read(pattern: re.Pattern[str], text: Any) -> bytes:
    if type(text) is not str or not pattern.fullmatch(text):
        raise Malformed("not a key in hexadecimal digits")
    return bytes.fromhex(text)
