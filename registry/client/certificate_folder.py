"""A body's folder of certificates: a folder for each number, that can be completed later and is its owner's alone.

``FOLDER/NUMBER/`` has ``token.cbor``, ``qr.png`` and ``certificate.pdf``. The token is written last: a number
whose token lies there as the register has it is whole. The PDF names a person, so folders made here have mode 0700
and files 0600.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from keys.durable_files import OWNER_ONLY, replace
from registry.client.errors import WrongUse

TOKEN, PNG, PDF = "token.cbor", "qr.png", "certificate.pdf"
PRIVATE_FOLDER: Final = 0o700


@dataclass(frozen=True, slots=True)
class CertificateFolder:
    """The folder at ``place``, which need not be there yet. Raises ``WrongUse`` where it can not be read or written."""

    place: Path

    def numbers(self) -> set[str]:
        """Return the numbers that lie here with a token, of whatever version and submission."""
        with self._told():
            if not self.place.is_dir():
                return set()
            return {folder.name for folder in self.place.iterdir() if (folder / TOKEN).is_file()}

    def is_whole(self, number: str, token: bytes) -> bool:
        """Say whether all files of this certificate lie here, made of this token."""
        folder = self.place / number
        with self._told():
            if not all((folder / name).is_file() for name in (TOKEN, PNG, PDF)):
                return False
            return (folder / TOKEN).read_bytes() == token

    def write(self, number: str, files: Mapping[str, bytes]) -> None:
        """Write files one after the other, each whole; an older token goes first, so that no mixture looks whole."""
        folder = self.place / number
        with self._told():
            self.place.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
            folder.chmod(PRIVATE_FOLDER)
            (folder / TOKEN).unlink(missing_ok=True)
            for name, content in files.items():
                replace(folder / name, content, mode=OWNER_ONLY)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as fault:
            raise WrongUse(f"{self.place} 无法读写：{fault.strerror}") from None
