"""The certificates of the body: their tokens, QR images and PDFs, into a folder that can be completed later.

``FOLDER/NUMBER/`` has ``token.cbor``, ``qr.png`` and ``certificate.pdf``. The token is written last: a number
whose token lies there as the register has it is whole. A corrected certificate keeps its number
and has another token, so its files are fetched anew.
"""

import base64
import binascii
import io
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from registry.client.door import Document, Door
from registry.client.errors import AnswerUnusable, WrongUse

CERTIFICATES: Final = "/v1/certificates"
TOKEN, PNG, PDF = "token.cbor", "qr.png", "certificate.pdf"
NUMBER = re.compile(r"[0-9A-Za-z]{1,64}")
LARGEST_PNG: Final = 1 << 20
SINGLY: Final = 10

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """How many certificates are in the folder, and how many of them were fetched just now."""

    certificates: int
    fetched: int


class Certificates:
    """The certificates of the body."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def of_submission(self, submission_id: UUID) -> Iterator[Document]:
        """List what rows of a submission became, by row."""
        return self._door.each(f"/v1/submissions/{submission_id}/certificates")

    def versions(self, number: str) -> Document:
        """Tell all versions of a certificate, the newest first."""
        return self._door.get(_at(number)).document

    def token(self, number: str) -> bytes:
        """Fetch the token of a certificate in force."""
        return self._door.get(f"{_at(number)}/token").content

    def qr_png(self, number: str) -> bytes:
        """Fetch the QR of a certificate in force for print, 300 dpi."""
        return self._door.get(f"{_at(number)}/qr.png").content

    def qr_svg(self, number: str) -> bytes:
        """Fetch the QR of a certificate in force as a drawing."""
        return self._door.get(f"{_at(number)}/qr.svg").content

    def pdf(self, number: str) -> bytes:
        """Fetch the PDF of a certificate in force."""
        return self._door.get(f"{_at(number)}/certificate.pdf").content

    def tokens(self, submission_id: UUID) -> dict[str, bytes]:
        """Fetch the tokens of all certificates of a submission that are in force, by number."""
        lines = self._door.get(f"/v1/submissions/{submission_id}/tokens").content.splitlines()
        try:
            found = [json.loads(line) for line in lines]
            tokens = {str(each["number"]): base64.b64decode(each["token"], validate=True) for each in found}
        except (ValueError, KeyError, TypeError, binascii.Error):
            raise AnswerUnusable("不是证书令牌的列表") from None
        # Numbers become names of folders.
        if not all(NUMBER.fullmatch(number) for number in tokens):
            raise AnswerUnusable("证书编号不只有数字和字母")
        return tokens

    def fetch(self, submission_id: UUID, folder: Path, progress: Progress | None = None) -> Fetched:
        """Bring the folder up to date with the certificates of a submission that are in force."""
        tokens, tell = self.tokens(submission_id), progress or (lambda _done, _all: None)
        missing = {number: token for number, token in tokens.items() if not _is_whole(folder / number, token)}
        done = len(tokens) - len(missing)
        tell(done, len(tokens))
        # All images in one answer, where it is worth it.
        images = _images(self._qr_archive(submission_id)) if len(missing) > SINGLY else {}
        try:
            for number, token in missing.items():
                png = images.get(number) or self.qr_png(number)
                _write_all(folder / number, {PNG: png, PDF: self.pdf(number), TOKEN: token})
                done += 1
                tell(done, len(tokens))
        except OSError as fault:
            raise WrongUse(f"{folder} 无法写入：{fault.strerror}") from None
        return Fetched(len(tokens), len(missing))

    def _qr_archive(self, submission_id: UUID) -> bytes:
        return self._door.get(f"/v1/submissions/{submission_id}/qr.zip").content


def _at(number: str) -> str:
    if not NUMBER.fullmatch(number):
        raise WrongUse("证书编号只有数字和字母")
    return f"{CERTIFICATES}/{number}"


def _is_whole(folder: Path, token: bytes) -> bool:
    kept = folder / TOKEN
    return (
        kept.is_file()
        and kept.read_bytes() == token
        and (folder / PNG).is_file()
        and (folder / PDF).is_file()
    )


def _images(archive: bytes) -> dict[str, bytes]:
    """Return the images of an archive by number."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as images:
            return {
                each.filename.removesuffix(".png"): images.read(each)
                for each in images.infolist()
                if each.file_size <= LARGEST_PNG
            }
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        raise AnswerUnusable("二维码压缩包无法读取") from None


def _write_all(folder: Path, files: dict[str, bytes]) -> None:
    """Write files one after the other, each whole; an older token goes first, so that no mixture looks whole."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TOKEN).unlink(missing_ok=True)
    for name, content in files.items():
        temporary = folder / f".{name}.tmp"
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / name)
