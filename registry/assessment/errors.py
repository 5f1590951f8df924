"""What can be wrong with something handed in.

RegistryError
├── SubmissionRefused           one or more faults; nothing of the submission is kept
│   └── ContentUnreadable       the file as a whole can not be read; exactly one fault
│       └── WorkbookBroken      not a whole workbook, or one that could be read in two ways
├── ReasonRefused               a reason that a body gives is empty, too long, or names a person
└── UnsupportedMediaType        neither JSON, nor an .xlsx workbook, nor CSV

``CellRefused`` is not of this tree: it never leaves the room. A check of one cell raises it, and whoever
knows the row and the column turns it into a ``Fault``.
"""

from collections.abc import Sequence

from registry.assessment.fault import Fault
from registry.errors import RegistryError
from registry.shown_text import shown


class SubmissionRefused(RegistryError):
    """The submission has faults and is refused whole; ``faults`` names them all, in the order of the file.

    The text of this error holds their number only: faults quote what was typed, ID numbers too, and must
    not reach a log.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"the submission is refused: {len(faults)} faults")
        self.faults = tuple(faults)


class ContentUnreadable(SubmissionRefused):
    """The file can not be read at all, or is not safe to open, so its rows were not looked at."""

    def __init__(self, code: str, message: str, remedy: str, *, value: str = "") -> None:
        super().__init__([Fault(None, None, shown(value), code, message, remedy)])
        self.code = code


class WorkbookBroken(ContentUnreadable):
    """The workbook can not be read, or two readers could read it in two ways."""

    def __init__(self, message: str = "工作簿已损坏，无法读取") -> None:
        super().__init__("broken_workbook", message, "请在 Excel 或 WPS 中另存为普通的 .xlsx 工作簿")


class ReasonRefused(RegistryError):
    """A reason that a body gives can not be kept: what is wrong, and how to mend it (both in Chinese)."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(f"原因：{message}。{remedy}。")
        self.code = code
        self.message = message
        self.remedy = remedy


class UnsupportedMediaType(RegistryError):
    """The media type is not one that is read here; ``supported`` lists those that are."""

    def __init__(self, media_type: str, supported: Sequence[str]) -> None:
        super().__init__(f"unsupported media type {media_type[:96]!r}; supported: {', '.join(supported)}")
        self.media_type = media_type
        self.supported = tuple(supported)


class CellRefused(Exception):
    """One cell is wrong: a stable code, what is wrong, and how to mend it (both in Chinese)."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.remedy = remedy
