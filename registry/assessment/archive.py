"""The zip that a workbook is, taken apart under limits (``registry.archive``), and what to tell the clerk of it."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from registry.archive import directory, inflation
from registry.archive.errors import Problem, UnsoundArchive
from registry.assessment.content import MAX_FILE_BYTES
from registry.assessment.errors import ContentUnreadable, WorkbookBroken

MAX_ENTRIES = 200
MAX_ENTRY_BYTES = 80 * 1024 * 1024
MAX_TOTAL_BYTES = 96 * 1024 * 1024
# Deflate can reach 1,032; sheets of real rows stay below 30. Small parts may do as they like.
MAX_RATIO = 150
_RATIO_FREE_BYTES = 1024 * 1024

_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
SAVE_PLAIN = "请在 Excel 或 WPS 中另存为普通的 .xlsx 工作簿"


def modest_entries(content: bytes) -> list[zipfile.ZipInfo]:
    """Return the entries of a workbook's zip, if its directory promises nothing out of measure."""
    _require_zip(content)
    file = io.BytesIO(content)
    with _told_of_the_workbook():
        entries = directory.read_directory(file, max_entries=MAX_ENTRIES)
        for entry in entries:
            directory.require_safe_name(entry.orig_filename)
            directory.require_open(entry)
            directory.require_common_compression(entry)
            _require_modest(entry)
            inflation.data_start(file, entry)
    if sum(entry.file_size for entry in entries) > MAX_TOTAL_BYTES:
        raise too_much_inside()
    return entries


def inflate(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    """Return the entry's bytes, if they are exactly as long as the directory says; never inflates more."""
    with _told_of_the_workbook():
        return inflation.inflate(io.BytesIO(content), entry)


def too_much_inside() -> ContentUnreadable:
    """Say that the file is out of measure."""
    return ContentUnreadable(
        "too_much_inside", "工作簿展开后过大，或内含文件过多", "请只保留要提交的工作表，或分成几次提交"
    )


def _require_zip(content: bytes) -> None:
    if len(content) > MAX_FILE_BYTES:
        message = f"工作簿超过 {MAX_FILE_BYTES // 1024 // 1024} MB"
        raise ContentUnreadable("too_large", message, "请删去图片和多余的工作表，或分成几次提交")
    if content.startswith(_OLE_MAGIC):
        message = "这是旧式 .xls 文件，或是设有打开密码的工作簿"
        raise ContentUnreadable("encrypted_or_xls", message, "请取消密码，另存为 .xlsx 再提交")
    if not content.startswith(directory.LOCAL_MAGIC):
        raise ContentUnreadable("not_a_workbook", "这不是 .xlsx 工作簿", SAVE_PLAIN)


def _require_modest(entry: zipfile.ZipInfo) -> None:
    if entry.file_size > MAX_ENTRY_BYTES:
        raise too_much_inside()
    if entry.file_size > max(_RATIO_FREE_BYTES, entry.compress_size * MAX_RATIO):
        raise too_much_inside()


@contextmanager
def _told_of_the_workbook() -> Iterator[None]:
    """Say in the clerk's words what is wrong with the zip."""
    try:
        yield
    except UnsoundArchive as fault:
        raise _refusal(fault) from None


def _refusal(fault: UnsoundArchive) -> ContentUnreadable:
    match fault.problem:
        case Problem.TOO_MANY | Problem.TOO_MUCH:
            return too_much_inside()
        case Problem.UNSAFE_NAME:
            return ContentUnreadable("unsafe_name", "工作簿内部的文件名不合规", SAVE_PLAIN, value=fault.name)
        case Problem.ENCRYPTED:
            return ContentUnreadable("encrypted", "工作簿已加密", "请取消密码再提交")
        case Problem.BROKEN | Problem.RARE_COMPRESSION:
            return WorkbookBroken()
