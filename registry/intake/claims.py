"""What only a draft can vouch for, and a file may not claim by itself: photos, its draft, and what it replaces.

The register has a photo because its draft brought it, in an archive. A digest that came alone would stand in the result
for ever with no photo behind it, even if the register holds the same photo for another result. And a draft has one way
into the register, the signature over its own content (``docs/decisions/020``): a file that names another draft, or one
that is still open, would end in a submission that no draft knows of.

What a draft replaces is withdrawn by its signature, so the content that is signed must say it: the access key of any
account of the body may open a draft that replaces a submission, and only a submitter's may withdraw one.

A file that is put into a draft need not say which draft, or what that replaces: the draft knows. If it says so, it says
what is so.
"""

from dataclasses import replace
from typing import Final
from uuid import UUID

from registry.assessment.content import Column, Content
from registry.assessment.errors import CellRefused
from registry.assessment.fault import Fault, FaultList
from registry.assessment.json_claims import DRAFT, REPLACES

PHOTO_ALONE: Final = CellRefused(
    "photo_without_draft",
    "登记系统没有随此文件收到此照片",
    "请删去此项；需报送照片的，请新建报送草稿并上传照片压缩包",
)
NOT_ITS_DRAFT: Final = CellRefused(
    "not_its_draft", "此文件不是由该报送草稿提交的", "请在该草稿上签名提交；直接报送的，请删去此项"
)

NOT_REPLACED: Final = CellRefused(
    "not_what_it_replaces",
    "与该报送草稿要取代的报送不符",
    "请改正或删去此项，重新提交文件",
)


def held_against(content: Content, draft: UUID | None, replaces: UUID | None) -> Content:
    """Return the content with a fault for each claim that nothing vouches for.

    ``draft`` is the draft that it is handed in from, ``None`` for a file that came directly; ``replaces`` is the
    submission that is withdrawn for it.
    """
    faults = FaultList((*content.faults, *wrong_claims(content, draft, replaces)))
    if content.replaces is None and replaces is not None:
        _tell(faults, None, REPLACES, "", NOT_REPLACED)
    if draft is None:
        for row in content.rows:
            if digest := row.cells.get(Column.PHOTO):
                _tell(faults, row.place, content.headings[Column.PHOTO], digest, PHOTO_ALONE)
    return replace(content, faults=faults.told())


def wrong_claims(content: Content, draft: UUID | None, replaces: UUID | None) -> tuple[Fault, ...]:
    """Return a fault for each other draft, and each other submission to be replaced, that a file's head names."""
    faults = FaultList()
    if content.draft not in (None, draft):
        _tell(faults, None, DRAFT, str(content.draft), NOT_ITS_DRAFT)
    if content.replaces not in (None, replaces):
        _tell(faults, None, REPLACES, str(content.replaces), NOT_REPLACED)
    return faults.told()


def _tell(faults: FaultList, place: int | None, heading: str, value: str, refusal: CellRefused) -> None:
    faults.add(
        place, heading, value, code=refusal.code, message=refusal.message, remedy=refusal.remedy
    )  # fmt: skip
