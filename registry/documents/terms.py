"""The Chinese terms of the codes: as certificates print them, and as the doors say them to people."""

from registry.assessment.levels import LEVEL_NAMES
from registry.assessment.status import SubmissionStatus
from registry.certificate.lifecycle import Action, Reason, Status
from registry.request.kinds import RequestKind, RequestStatus
from signing.evidence import Step
from signing.id_check import IdType

LEVELS = LEVEL_NAMES

ID_TYPES = {
    IdType.RESIDENT_ID: "居民身份证",
    IdType.RESIDENCE_PERMIT: "港澳台居民居住证",
    IdType.PERMANENT_RESIDENCE_ID: "外国人永久居留身份证",
    IdType.HK_MACAO_PERMIT: "港澳居民来往内地通行证",
    IdType.TAIWAN_PERMIT: "台湾居民来往大陆通行证",
    IdType.PASSPORT: "护照",
}

STEPS = {Step.PROVINCE: "省级审核", Step.CENTRE: "中心初核", Step.OFFICE: "办公室审核"}

SUBMISSION_STATUSES = {
    SubmissionStatus.RECEIVED: "已接收，正在计算证件校验值",
    SubmissionStatus.PROVINCE: "待省级审核",
    SubmissionStatus.CENTRE: "待中心初核",
    SubmissionStatus.OFFICE: "待办公室审核",
    SubmissionStatus.APPROVED: "已通过",
    SubmissionStatus.RETURNED: "已全部退回",
    SubmissionStatus.WITHDRAWN: "已由评价机构撤回",
}

STATUSES = {
    Status.APPROVED: "待编号",
    Status.NUMBERED: "已编号",
    Status.SIGNED: "已签名",
    Status.RELEASED: "有效",
    Status.SUSPENDED: "已暂停",
    Status.REINSTATED: "已恢复，待公开",
    Status.REVOKED: "已撤销",
    Status.SUPERSEDED: "已被更正版本取代",
    Status.VOID: "已作废",
}

REQUEST_KINDS = {
    RequestKind.REVOKE: "撤销",
    RequestKind.SUSPEND: "暂停",
    RequestKind.REINSTATE: "恢复",
    RequestKind.CORRECT: "更正",
}

REQUEST_STATUSES = {
    RequestStatus.OPEN: "待处理",
    RequestStatus.GRANTED: "已同意",
    RequestStatus.DECLINED: "未同意",
    RequestStatus.WITHDRAWN: "已由评价机构撤回",
}

# What was done to an entry; with a number after it, what is about to be done.
ACTIONS: dict[str, str] = {
    Action.NUMBER: "编号",
    Action.SIGN: "签名",
    Action.RELEASE: "发布",
    Action.VOID: "作废编号",
    Action.SUSPEND: "暂停证书",
    Action.REINSTATE: "恢复证书",
    Action.REVOKE: "撤销证书",
    Action.SUPERSEDE: "被更正版本取代",
}

REASONS = {
    Reason.FALSE_DECLARATION: "虚假承诺",
    Reason.EXAM_FRAUD: "考核作弊",
    Reason.ISSUED_IN_ERROR: "颁发有误",
    Reason.BODY_VIOLATION: "评价机构违规",
    Reason.UNDER_INVESTIGATION: "正在调查",
    Reason.HOLDER_REQUEST: "持证人申请",
    Reason.INVESTIGATION_CLOSED: "调查已结束",
    Reason.KEY_DISTRUSTED: "签发密钥不再可信",
}
