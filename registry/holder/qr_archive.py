"""An archive of QR images that is sent while it is made: never more of it in memory than one image and the directory.

A zip (APPNOTE 6.3.10) whose sizes follow their files, since what is sent can not be written over. An archive that is
cut short has no directory at its end, so nobody takes it for a whole one.
"""

from collections.abc import Iterable, Iterator
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from registry.holder.errors import TokenUnusable
from registry.holder.files import qr_files
from registry.holder.own_certificates import OwnToken, verified
from signing.trust import TrustKeys


class _Sent:
    """What a zip is written to; it can only be taken from its beginning."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep what was written until it is taken."""
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: whoever takes it, sends it."""

    def taken(self) -> bytes:
        """Return what was written since it was last asked."""
        data, self._parts = b"".join(self._parts), []
        return data


def qr_archive(tokens: Iterable[OwnToken], trust: TrustKeys, *, prefix: str) -> Iterator[bytes]:
    """Yield an archive with ``NUMBER.png`` for each token, piece by piece.

    Each token is verified before it is drawn. Those that do not verify (their key is distrusted) are left out, and
    named in ``LEFT_OUT.txt``.
    """
    sent, left_out = _Sent(), []
    # An image of this size is compressed already.
    with ZipFile(sent, "w", ZIP_STORED) as archive:  # type: ignore[call-overload]
        for held in tokens:
            try:
                verified(held, trust)
            except TokenUnusable as refusal:
                left_out.append(str(refusal))
                continue
            archive.writestr(_entry(f"{held.number}.png"), qr_files(prefix, held.token).png)
            yield sent.taken()
        if left_out:
            archive.writestr(_entry("LEFT_OUT.txt"), "\n".join(left_out) + "\n")
    yield sent.taken()


def _entry(name: str) -> ZipInfo:
    """Return an entry that its reader alone may open, of no time: the same archive is the same bytes."""
    entry = ZipInfo(name)
    entry.external_attr = 0o600 << 16
    return entry
