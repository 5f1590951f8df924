"""Where a draft stands, and what may be done to it there: one table.

``received`` waits for its check, ``faulty`` for the clerk, ``ready`` for the body's signature, ``signed`` for the
worker that hands it in. Any change of content begins anew as ``received``, with the next revision.
"""

from enum import StrEnum
from typing import Final

from registry.draft.errors import NotNow


class DraftStatus(StrEnum):
    """What the draft waits for, or how it ended."""

    RECEIVED = "received"
    FAULTY = "faulty"
    READY = "ready"
    SIGNED = "signed"
    SUBMITTED = "submitted"
    DISCARDED = "discarded"


STATUS_NAMES: Final[dict[DraftStatus, str]] = {
    DraftStatus.RECEIVED: "待检查",
    DraftStatus.FAULTY: "有错误，待改正",
    DraftStatus.READY: "待机构签名",
    DraftStatus.SIGNED: "已签名，待报送",
    DraftStatus.SUBMITTED: "已报送",
    DraftStatus.DISCARDED: "已丢弃",
}


class DraftAction(StrEnum):
    """What is done to a draft: by the body, or by the worker."""

    CHANGE = "change"
    SIGN = "signature"
    DISCARD = "discarding"
    FIND_FAULTS = "finding of faults"
    SETTLE = "settling"
    SUBMIT = "submission"
    DROP_SIGNATURE = "dropping of the signature"


class Phase(StrEnum):
    """What a worker is at, for whoever looks on."""

    READING = "reading"
    ROWS = "rows"
    PHOTOS = "photos"
    SETTLING = "settling"
    SUBMITTING = "submitting"


TRANSITIONS: Final[dict[tuple[DraftStatus, DraftAction], DraftStatus]] = {
    (DraftStatus.RECEIVED, DraftAction.CHANGE): DraftStatus.RECEIVED,
    (DraftStatus.FAULTY, DraftAction.CHANGE): DraftStatus.RECEIVED,
    (DraftStatus.READY, DraftAction.CHANGE): DraftStatus.RECEIVED,
    (DraftStatus.RECEIVED, DraftAction.FIND_FAULTS): DraftStatus.FAULTY,
    (DraftStatus.RECEIVED, DraftAction.SETTLE): DraftStatus.READY,
    (DraftStatus.READY, DraftAction.SIGN): DraftStatus.SIGNED,
    (DraftStatus.SIGNED, DraftAction.SUBMIT): DraftStatus.SUBMITTED,
    # Between the check and the handing in, another file may have brought the same person, or the key was revoked.
    (DraftStatus.SIGNED, DraftAction.FIND_FAULTS): DraftStatus.FAULTY,
    (DraftStatus.SIGNED, DraftAction.DROP_SIGNATURE): DraftStatus.READY,
    (DraftStatus.RECEIVED, DraftAction.DISCARD): DraftStatus.DISCARDED,
    (DraftStatus.FAULTY, DraftAction.DISCARD): DraftStatus.DISCARDED,
    (DraftStatus.READY, DraftAction.DISCARD): DraftStatus.DISCARDED,
}

OPEN: Final = (DraftStatus.RECEIVED, DraftStatus.FAULTY, DraftStatus.READY, DraftStatus.SIGNED)
WORKED_ON: Final = (DraftStatus.RECEIVED, DraftStatus.SIGNED)
"""Those that a worker takes up."""

WAITING_FOR_BODY: Final = (DraftStatus.FAULTY, DraftStatus.READY)
"""Those that a worker is done with."""

SETTLED: Final = (DraftStatus.READY, DraftStatus.SIGNED)
"""Those whose settled content is kept with them; that of a submitted one lies with the submission."""


def next_status(status: str, action: DraftAction) -> DraftStatus:
    """Return the status that follows, or raise ``NotNow``."""
    try:
        return TRANSITIONS[DraftStatus(status), action]
    except KeyError:
        raise NotNow(action, status) from None
