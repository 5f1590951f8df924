"""What can be wrong with a photo, or with an archive of photos.

RegistryError
├── PhotoRefused        one photo can not be taken
├── ArchiveRefused      the archive as a whole can not be taken; no photo of it was looked at
└── DecoderUnavailable  photos can not be decoded on this machine now; nothing is said of any photo
"""

from enum import StrEnum
from typing import Final

from registry.archive.errors import Problem
from registry.errors import RegistryError


class PhotoFault(StrEnum):
    """Why a photo is refused: the stable code of a fault."""

    EMPTY = "photo_empty"
    TOO_LARGE = "photo_too_large"
    OTHER_FORMAT = "photo_other_format"
    DAMAGED = "photo_damaged"
    UNUSUAL = "photo_unusual"
    MOVING = "photo_moving"
    TOO_FEW_PIXELS = "photo_too_few_pixels"
    TOO_MANY_PIXELS = "photo_too_many_pixels"
    WRONG_PROPORTION = "photo_wrong_proportion"
    TOO_MUCH_INSIDE = "photo_too_much_inside"
    UNDECODABLE = "photo_undecodable"
    BLANK = "photo_blank"
    NOT_A_PHOTO = "photo_not_a_photo"
    UNUSABLE_NAME = "photo_unusable_name"
    NAME_TWICE = "photo_name_twice"
    ENTRY_BROKEN = "photo_entry_broken"
    RARE_COMPRESSION = "photo_rare_compression"


_SAVE_AGAIN: Final = "请用看图软件打开确认，另存为 JPG 再提交"
_ZIP_AGAIN: Final = "请用系统自带的“发送到压缩文件夹”重新压缩为 .zip"
_SIZES: Final = "请使用宽 295 至 4000、高 413 至 5600 像素的二寸免冠照片"

# What is wrong, with the place of what was seen, and how to mend it.
_TEXTS: Final = {
    PhotoFault.EMPTY: ("照片文件是空的", "请重新导出照片"),
    PhotoFault.TOO_LARGE: ("照片文件超过 1 MB", "请压缩到 1 MB 以内再提交"),
    PhotoFault.OTHER_FORMAT: (
        "这不是 JPG 或 PNG 照片（识别为：{seen}）",
        "请另存为 JPG 再提交，不能只改扩展名",
    ),
    PhotoFault.DAMAGED: ("照片文件已损坏或不完整", _SAVE_AGAIN),
    PhotoFault.UNUSUAL: ("照片采用了少见的编码方式（{seen}）", _SAVE_AGAIN),
    PhotoFault.MOVING: ("这是多帧的动态图片", "请使用静态的二寸免冠照片"),
    PhotoFault.TOO_FEW_PIXELS: ("照片尺寸过小（{seen} 像素）", _SIZES),
    PhotoFault.TOO_MANY_PIXELS: ("照片尺寸过大（{seen} 像素）", _SIZES),
    PhotoFault.WRONG_PROPORTION: (
        "照片的宽高比不是二寸照片的 35:49（{seen} 像素）",
        "请按 35:49 裁切后再提交",
    ),
    PhotoFault.TOO_MUCH_INSIDE: ("照片展开后与文件大小不相称", _SAVE_AGAIN),
    PhotoFault.UNDECODABLE: ("照片无法解码", _SAVE_AGAIN),
    PhotoFault.BLANK: ("照片只有一种颜色，没有内容", "请换成本人的二寸免冠照片"),
    PhotoFault.NOT_A_PHOTO: ("压缩包中的这个文件不是照片", "压缩包中请只放 .jpg、.jpeg 或 .png 照片"),
    PhotoFault.UNUSABLE_NAME: ("照片的文件名不是序号或证件号码", "请改名为“序号.jpg”或“证件号码.jpg”"),
    PhotoFault.NAME_TWICE: ("压缩包中有两张同名的照片", "请只保留一张"),
    PhotoFault.ENTRY_BROKEN: ("压缩包中的这个文件已损坏，无法取出", "请重新压缩后再提交"),
    PhotoFault.RARE_COMPRESSION: ("压缩包中的这个文件采用了少见的压缩方式，没有取出", _ZIP_AGAIN),
}


class PhotoRefused(RegistryError):
    """One photo can not be taken: a stable code, what is wrong, and how to mend it (both in Chinese).

    ``seen`` is what the message tells of the photo: its format or its size in pixels, nothing that came as text.
    """

    def __init__(self, fault: PhotoFault, seen: str = "") -> None:
        super().__init__(fault, seen)
        message, self.remedy = _TEXTS[fault]
        self.code = fault
        self.seen = seen
        self.message = message.format(seen=seen)

    def __str__(self) -> str:
        """Return the code; the clerk's words are in ``message`` and ``remedy``."""
        return f"the photo is refused: {self.code}"


ARCHIVE_TEXTS: Final = {
    Problem.BROKEN: ("archive_broken", "压缩包已损坏，或不是普通的 .zip", _ZIP_AGAIN),
    Problem.TOO_MANY: ("archive_too_many", "压缩包内的文件超过 20,000 个", "请分成几个压缩包"),
    Problem.TOO_MUCH: ("archive_too_much", "压缩包展开后过大", "请分成几个压缩包，每个不超过 1 GB"),
    Problem.ENCRYPTED: ("archive_encrypted", "压缩包设有密码", "请取消密码，重新压缩"),
    Problem.UNSAFE_NAME: ("archive_unsafe_name", "压缩包内的文件名不合规", _ZIP_AGAIN),
}


class ArchiveRefused(RegistryError):
    """The archive can not be taken as a whole: a code, what is wrong and how to mend it (both in Chinese).

    ``value`` is the entry's name where the fault is about one, safe to show.
    """

    def __init__(self, code: str, message: str, remedy: str, *, value: str = "") -> None:
        super().__init__(f"the archive of photos is refused: {code}")
        self.code = code
        self.message = message
        self.remedy = remedy
        self.value = value


class DecoderUnavailable(RegistryError):
    """The processes that decode photos can not be started, or do not come to work."""

    def __init__(self, why: str) -> None:
        super().__init__(f"photos can not be decoded: {why}")
        self.why = why
