"""Refusals of the intake room.

RegistryError
├── SubmissionNotSigned     the body's signature is missing, malformed or does not hold over this file
├── SignedByAnotherBody     the signature holds, and is not of the body whose program hands in
├── NoSuchSubmission        this body has handed in nothing of this id
├── TooLateToWithdraw       reviewers have begun to decide; what is left is their returning of rows
├── WithdrawnBefore         the same file was handed in and withdrawn before
└── RowNotReadable          a stored row holds what intake never stored: somebody changed it in the database
"""

from uuid import UUID

from registry.assessment.status import SubmissionStatus
from registry.errors import RegistryError


class SubmissionNotSigned(RegistryError):
    """The body's signature is missing, malformed, or does not hold over this file."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the submission is not signed by the body's key: {why}")
        self.why = why


class SignedByAnotherBody(RegistryError):
    """A body's program handed in what another body signed."""

    def __init__(self, signed_by: bytes, issuer: str) -> None:
        super().__init__(
            f"the submission is signed by key {signed_by.hex()}, which is not of {issuer}, the body that signed the "
            "request; both keys must belong to one body"
        )
        self.issuer = issuer


class NoSuchSubmission(RegistryError):
    """This body has handed in nothing of this id; what another body handed in looks the same."""

    code = "not_there"

    def __init__(self, submission_id: UUID) -> None:
        super().__init__(f"本机构没有编号为 {submission_id} 的报送")
        self.submission_id = submission_id


class TooLateToWithdraw(RegistryError):
    """A decision is recorded already; ``status`` is where the submission stands."""

    def __init__(self, submission_id: UUID, status: SubmissionStatus) -> None:
        super().__init__(f"报送 {submission_id} 已不能撤回：{WHERE_IT_STANDS[status]}。{REMEDY[status]}。")
        self.submission_id = submission_id
        self.status = status


WHERE_IT_STANDS: dict[SubmissionStatus, str] = {
    SubmissionStatus.CENTRE: "省级审核已作出决定，正待中心初核",
    SubmissionStatus.OFFICE: "中心初核已作出决定，正待办公室审核",
    SubmissionStatus.APPROVED: "三级审核已全部通过",
    SubmissionStatus.RETURNED: "审核已将其全部退回",
}
REMEDY: dict[SubmissionStatus, str] = {
    SubmissionStatus.CENTRE: "请联系审核人员，由其退回有误的行",
    SubmissionStatus.OFFICE: "请联系审核人员，由其退回有误的行",
    SubmissionStatus.APPROVED: "证书有误的，请填写“更正证书编号”报送更正，或申请撤销",
    SubmissionStatus.RETURNED: "无须撤回，请改正后重新报送",
}


class WithdrawnBefore(RegistryError):
    """The very same file was handed in before, and withdrawn: whoever means it again says so with another file."""

    def __init__(self, submission_id: UUID) -> None:
        super().__init__(
            f"此文件曾作为报送 {submission_id} 接收，后由本机构撤回，同一文件不再接收。"
            "如需再次报送，请新建报送草稿，并在 replaces 中写明该报送编号。"
        )
        self.submission_id = submission_id


class RowNotReadable(RegistryError):
    """A stored row holds what intake never stored there; of its submission no ID check is computed."""

    def __init__(self, submission_id: UUID, column: str) -> None:
        super().__init__(
            f"a row of submission {submission_id} can not be read: its {column} is stored as something else than "
            "the register stores there"
        )
        self.submission_id = submission_id
