"""A photo archive in parts: whoever lost the connection, or was stopped, sends what is missing and nothing twice."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import file_digest
from io import BufferedReader
from pathlib import Path
from typing import Final
from uuid import UUID

from registry.client.door import Document, Door, new_operation
from registry.client.errors import AnswerUnusable, WrongUse

Progress = Callable[[int, int], None]
"""Told how many parts of how many are there."""

OCTETS: Final = {"Content-Type": "application/octet-stream"}
LARGEST_PART: Final = 64 << 20
NAME_CHARACTERS: Final = 80
"""As many as the register keeps of an archive's name."""


@dataclass(frozen=True, slots=True)
class PhotoArchive:
    """An archive at the register: ``parts`` of ``part_bytes`` each but the last; ``missing`` are still to be sent."""

    id: UUID
    complete: bool
    parts: int
    part_bytes: int
    missing: tuple[int, ...]
    document: Document

    @classmethod
    def of(cls, document: Document) -> "PhotoArchive":
        """Read what the register says of an archive."""
        try:
            found = cls(
                UUID(document["id"]),
                bool(document["complete"]),
                int(document["parts"]),
                int(document["part_bytes"]),
                tuple(int(number) for number in document["missing"]),
                document,
            )
        except (KeyError, ValueError, TypeError, AttributeError):
            raise AnswerUnusable("不是照片压缩包的状态") from None
        if not 0 < found.part_bytes <= LARGEST_PART or any(not 0 <= n < found.parts for n in found.missing):
            raise AnswerUnusable("照片分块的序号或大小不合理")
        return found


def put_archive(door: Door, place: str, path: Path, progress: Progress | None = None) -> PhotoArchive:
    """Send an archive, or what is missing of it, and return it complete."""
    try:
        with path.open("rb") as file:
            return _put(door, place, path.name, file, progress or (lambda _done, _all: None))
    except OSError as fault:
        raise WrongUse(f"{path} 无法读取：{fault.strerror}") from None


def _put(door: Door, place: str, name: str, file: BufferedReader, progress: Progress) -> PhotoArchive:
    digest = file_digest(file, "sha256").hexdigest()
    said = {"size": file.tell(), "sha256": digest, "name": _label(name)}
    if not said["size"]:
        raise WrongUse(f"{name} 是空文件")
    headers = {"Idempotency-Key": new_operation()}
    archive = PhotoArchive.of(door.say("POST", place, said, headers=headers))
    progress(archive.parts - len(archive.missing), archive.parts)
    # All parts are there and it is not complete: the register was stopped in between, and any part wakes it.
    waiting = archive.missing or (() if archive.complete else (0,))
    for number in waiting:
        file.seek(number * archive.part_bytes)
        content = file.read(archive.part_bytes)
        answer = door.send("PUT", f"{place}/{archive.id}/parts/{number}", content, headers=OCTETS)
        archive = PhotoArchive.of(answer.document)
        progress(archive.parts - len(archive.missing), archive.parts)
    if not archive.complete:
        raise AnswerUnusable("分块已全部送达，压缩包却没有完成")
    return archive


def _label(name: str) -> str:
    """Return a file's name as the register keeps it; one whose bytes are no text loses those."""
    return (
        "".join(character for character in name if character.isprintable())[:NAME_CHARACTERS] or "photos.zip"
    )
