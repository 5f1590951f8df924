"""Files that a clerk keeps: whole or not there, his alone, never over another."""

from pathlib import Path

from keys.durable_files import OWNER_ONLY, write_new
from keys.errors import KeyExists
from registry.client.errors import WrongUse


def write_private(path: Path, content: bytes) -> Path:
    """Write a new file that only its owner can read; return where. Raises ``WrongUse`` if there is one.

    It is on disk, whole, when this returns; whatever happens before, nothing has its name.
    """
    if not _is_written(path, content):
        raise WrongUse(f"已有文件 {path}，不会覆盖；请另取名称")
    return path


def write_beside(path: Path, mark: str, suffix: str, content: bytes) -> Path:
    """Write ``STEM-MARK.SUFFIX`` beside a file, with a number if there is one: the clerk may be working in it."""
    for number in range(1, 1000):
        count = "" if number == 1 else f"-{number}"
        place = path.with_name(f"{path.stem}-{mark}{count}{suffix}")
        if _is_written(place, content):
            return place
    raise WrongUse(f"{path.parent} 中的“{mark}”文件太多；请清理")


def _is_written(path: Path, content: bytes) -> bool:
    """Write a new file, or return false if there is one."""
    try:
        write_new(path, content, mode=OWNER_ONLY)
    except KeyExists:
        return False
    except OSError as fault:
        raise WrongUse(f"{path} 无法写入：{fault.strerror}") from None
    return True
