"""Where a submission stands: one table, from receipt to approval.

``received`` waits for the ID checks of its rows, then for province, centre and office in turn (N 四(六)3).
A row may be returned alone at any step; a submission all of whose rows are returned is ``returned``. What nobody has
decided on yet, its body may withdraw; then it counts for nothing, and stays as it is for ever.
"""

from enum import StrEnum

from signing.evidence import Step


class SubmissionStatus(StrEnum):
    """What the submission waits for, or how it ended."""

    RECEIVED = "received"
    PROVINCE = "province"
    CENTRE = "centre"
    OFFICE = "office"
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


AWAITED_STEP: dict[SubmissionStatus, Step] = {
    SubmissionStatus.PROVINCE: Step.PROVINCE,
    SubmissionStatus.CENTRE: Step.CENTRE,
    SubmissionStatus.OFFICE: Step.OFFICE,
}

WITHDRAWABLE: frozenset[SubmissionStatus] = frozenset({SubmissionStatus.RECEIVED, SubmissionStatus.PROVINCE})
"""Where no decision is recorded yet."""

AFTER_CONFIRMATION: dict[Step, SubmissionStatus] = {
    Step.PROVINCE: SubmissionStatus.CENTRE,
    Step.CENTRE: SubmissionStatus.OFFICE,
    Step.OFFICE: SubmissionStatus.APPROVED,
}
