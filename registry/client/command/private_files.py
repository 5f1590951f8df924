"""Files that a clerk keeps: whole or not there, his alone where people are named in them, never over another."""

import os
from pathlib import Path

from registry.client.errors import WrongUse


def write_private(path: Path, content: bytes) -> Path:
    """Write a new file that only its owner can read; return where. Raises ``WrongUse`` if there is one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except FileExistsError:
        raise WrongUse(f"已有文件 {path}，不会覆盖；请另取名称") from None
    except OSError as fault:
        raise WrongUse(f"{path} 无法写入：{fault.strerror}") from None
    return path


def write_beside(path: Path, mark: str, suffix: str, content: bytes) -> Path:
    """Write ``STEM-MARK.SUFFIX`` beside a file, with a number if there is one: the clerk may be working in it."""
    for number in range(1, 1000):
        count = "" if number == 1 else f"-{number}"
        place = path.with_name(f"{path.stem}-{mark}{count}{suffix}")
        if not place.exists():
            return write_private(place, content)
    raise WrongUse(f"{path.parent} 中的“{mark}”文件太多；请清理")
