"""The certificates of the body: their tokens, QR images and PDFs, into a folder that can be completed later.

Fetched again, a folder gets what is missing. A corrected certificate keeps its number and has another token, so its
files are fetched anew. What the register can not make now is left out and told, and the others are fetched, unless it
fails at one after the other. What lies in the folder and is not in force any more is told, and left to its keeper.
"""

import base64
import binascii
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from registry.client.certificate_folder import PDF, PNG, TOKEN, CertificateFolder
from registry.client.door import Document, Door
from registry.client.errors import AnswerUnusable, InDoubt, Refused, WrongUse
from registry.client.single_faults import SingleFaults

CERTIFICATES: Final = "/v1/certificates"
NUMBER = re.compile(r"[0-9A-Za-z]{1,64}")
LARGEST_PNG: Final = 1 << 20
PLAIN: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
SINGLY: Final = 10
IN_FORCE: Final = "released"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """How many certificates of a submission are in force, and how many of them were fetched just now.

    ``left_out`` are those whose files could not be fetched, each with the code of the reason. ``outdated`` are numbers
    of the submission that lie in the folder as they are not in force, each with its status: nothing is deleted.
    """

    certificates: int
    fetched: int
    left_out: Mapping[str, str]
    outdated: Mapping[str, str]


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

    def fetch(self, submission_id: UUID, place: Path, progress: Progress | None = None) -> Fetched:
        """Bring the folder up to date with the certificates of a submission that are in force.

        One that can not be fetched keeps no other waiting: it is in ``Fetched.left_out``. Raises ``InDoubt`` once the
        register failed at several in a row (``single_faults``); those that were fetched before lie in the folder.
        """
        tokens, tell = self.tokens(submission_id), progress or (lambda _done, _all: None)
        folder, left_out, faults = CertificateFolder(place), dict[str, str](), SingleFaults()
        missing = {number: token for number, token in tokens.items() if not folder.is_whole(number, token)}
        done = len(tokens) - len(missing)
        tell(done, len(tokens))
        # All images in one answer, where it is worth it.
        images = _images(self._qr_archive(submission_id)) if len(missing) > SINGLY else {}
        for number, token in missing.items():
            try:
                png = images.get(number) or self.qr_png(number)
                files = {PNG: png, PDF: self.pdf(number), TOKEN: token}
            except (Refused, InDoubt) as fault:
                left_out[number] = faults.reason(fault)
                continue
            faults.none()
            folder.write(number, files)
            done += 1
            tell(done, len(tokens))
        outdated = self._outdated(submission_id, folder, tokens)
        return Fetched(len(tokens), len(missing) - len(left_out), left_out, outdated)

    def _outdated(
        self, submission_id: UUID, folder: CertificateFolder, tokens: Collection[str]
    ) -> dict[str, str]:
        """Return the numbers of a submission that lie in the folder as they are not in force, with their status."""
        others = folder.numbers().difference(tokens)
        if not others:
            return {}
        # One in force without a token of its own is there: what lost it was the register.
        listed = {
            str(item.get("number")): str(item.get("status"))
            for item in self.of_submission(submission_id)
            if item.get("status") != IN_FORCE
        }
        faults = SingleFaults()
        return {
            number: listed[number]
            for number in sorted(others & listed.keys())
            if NUMBER.fullmatch(number) and not self._is_another(number, folder, faults)
        }

    def _is_another(self, number: str, folder: CertificateFolder, faults: SingleFaults) -> bool:
        """Say whether the folder has the version in force, which another submission brought as a correction."""
        try:
            token = self.token(number)
        except (Refused, InDoubt) as fault:
            faults.reason(fault)
            return False
        faults.none()
        return folder.is_whole(number, token)

    def _qr_archive(self, submission_id: UUID) -> bytes:
        return self._door.get(f"/v1/submissions/{submission_id}/qr.zip").content


def _at(number: str) -> str:
    if not NUMBER.fullmatch(number):
        raise WrongUse("证书编号只有数字和字母")
    return f"{CERTIFICATES}/{number}"


def _images(archive: bytes) -> dict[str, bytes]:
    """Return the images of an archive by number."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as images:
            return {
                each.filename.removesuffix(".png"): images.read(each)
                for each in images.infolist()
                if each.file_size <= LARGEST_PNG and each.compress_type in PLAIN
            }
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError):
        raise AnswerUnusable("二维码压缩包无法读取") from None
