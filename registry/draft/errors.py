"""Refusals of the draft room.

RegistryError
├── PhotoExchanged          what is kept for a row is not the photo that the row names
└── DraftError
    ├── NoSuchDraft         the body has no draft of this id; another body's looks the same
    ├── NothingToReplace    the body has no submission of the id that a draft is to replace
    ├── NotNow              the draft's status does not allow this
    ├── QuotaReached        the body has as much in drafts as it may have
    ├── DraftFull           one draft has as much in it as it may have
    ├── FileEmpty           a file has no byte in it
    ├── FileTooLarge        a file is larger than its kind may be
    ├── NoSuchPhotos        the draft has no photo archive of this id that waits for parts
    ├── PartMisplaced       a part is none of this archive's, or has another size than it should
    ├── PartDiffers         another part is stored in this place already
    ├── PhotosDamaged       the parts of an archive do not make the file that was announced
    └── PhotosIncomplete    a photo archive still waits for parts, so nothing is signed

SealBroken
└── FileDamaged             what is stored of a file is not the whole file that was kept

``Overtaken`` is not of this tree: it never leaves the room and its worker.
"""

from uuid import UUID

from registry.errors import RegistryError
from registry.personal_data import SealBroken


class PhotoExchanged(RegistryError):
    """What is kept for a row that was handed in is not the photo that it names: somebody changed the database."""

    def __init__(self, row: int) -> None:
        super().__init__(
            f"row {row} names another photo than the one that is kept for it; run `certreg check`"
        )
        self.row = row


class DraftError(RegistryError):
    """What a body asked of a draft is refused."""


class Overtaken(Exception):
    """A worker's claim is gone: the draft was changed, or another worker is at it. What it did is dropped."""


class NoSuchDraft(DraftError):
    """The body has no such draft. Somebody else's is told in the same words."""

    code = "not_there"

    def __init__(self) -> None:
        super().__init__("there is no such draft")


class NothingToReplace(DraftError):
    """The body has no submission of this id."""

    def __init__(self) -> None:
        super().__init__("there is no such submission to be replaced")


class NotNow(DraftError):
    """The draft's status does not allow this."""

    def __init__(self, action: str, status: str) -> None:
        super().__init__(f"a draft that is {status} takes no {action}: read its state, then decide")
        self.action = action
        self.status = status


class QuotaReached(DraftError):
    """The body's drafts are as many, or as large, as they may be."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the body's open drafts can not have more than {what}: submit or discard some first"
        )


class DraftFull(DraftError):
    """What is in one draft is as much as may be; other drafts have nothing to do with it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"the draft can not have more than {what}: {remedy}")


class FileEmpty(DraftError):
    """A file of a draft has no byte in it."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the file of {kind} is empty: look whether it was saved, and send it again")


class FileTooLarge(DraftError):
    """A file of a draft is larger than its kind may be."""

    def __init__(self, kind: str, most: int) -> None:
        super().__init__(f"a file of {kind} has at most {most} bytes")
        self.most = most


class NoSuchPhotos(DraftError):
    """The draft has no photo archive of this id that waits for parts."""

    code = "not_there"

    def __init__(self, file_id: UUID) -> None:
        super().__init__(f"the draft has no photo archive {file_id} that waits for parts: begin it (again)")


class PartMisplaced(DraftError):
    """A part that the archive does not have, or of another size than this one has."""

    def __init__(self, number: int, parts: int, size: int) -> None:
        super().__init__(f"part {number} is none of 0 to {parts - 1}, or has not its {size} bytes")
        self.number = number


class PartDiffers(DraftError):
    """Another part is stored in its place: the file changed while it was sent."""

    def __init__(self, number: int) -> None:
        super().__init__(f"part {number} is stored already with other bytes: begin the archive again")
        self.number = number


class PhotosDamaged(DraftError):
    """All parts are there and do not make the file whose digest was announced. They were dropped."""

    def __init__(self) -> None:
        super().__init__("the parts do not have the digest that was announced: begin the archive again")


class PhotosIncomplete(DraftError):
    """What is signed would be without the photos that are under way."""

    def __init__(self) -> None:
        super().__init__(
            "a photo archive still waits for parts: send them, or drop the photos, before signing"
        )


class FileDamaged(SealBroken):
    """Each part opens, and together they are not the file that was kept: some are missing, or it is another file."""

    def __init__(self, file_id: UUID) -> None:
        super().__init__(f"draft:{file_id}")
        self.args = (
            f"file {file_id} of a draft is not stored whole: parts are missing, or they are another file's",
        )
