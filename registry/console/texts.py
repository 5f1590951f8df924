"""The Chinese words that the staff pages show for the register's codes."""

from registry.assessment.status import SubmissionStatus
from registry.certificate.lifecycle import Status
from signing.evidence import Step


STEPS = {Step.PROVINCE: "省级审核", Step.CENTRE: "中心初核", Step.OFFICE: "办公室审核"}

SUBMISSION_STATUSES = {
    SubmissionStatus.RECEIVED: "已接收，正在计算证件校验值",
    SubmissionStatus.PROVINCE: "待省级审核",
    SubmissionStatus.CENTRE: "待中心初核",
    SubmissionStatus.OFFICE: "待办公室审核",
    SubmissionStatus.APPROVED: "已通过",
    SubmissionStatus.RETURNED: "已全部退回",
}

STATUSES = {
    Status.APPROVED: "待编号",
    Status.NUMBERED: "已编号",
    Status.SIGNED: "已签名",
    Status.RELEASED: "有效",
    Status.SUSPENDED: "已暂停",
    Status.REVOKED: "已撤销",
    Status.SUPERSEDED: "已被更正版本取代",
    Status.VOID: "已作废",
}
