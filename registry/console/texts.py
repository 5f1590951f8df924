"""The Chinese words that the staff pages show for the register's codes."""

from registry.assessment.status import SubmissionStatus
from registry.certificate.lifecycle import Action, Status
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

# Of the 职业分类大典; the first with the new occupations of 2019 to 2021.
EDITIONS = {1: "2015 版", 2: "2022 版"}

# What stands in the journal, by the name that the act's own room gives it.
ACTS = {
    "load_directory": "载入目录",
    "create_account": "设立账户",
    "enrol_key": "登记签名密钥",
    "open_series": "开启编号序列",
    "open_epoch": "启用签发密钥",
    "submit": "接收报送",
    **{f"decide_{step}": f"{name}决定" for step, name in STEPS.items()},
    Action.NUMBER: "编号",
    Action.SIGN: "签名",
    Action.RELEASE: "发布",
    Action.VOID: "作废编号",
    Action.SUSPEND: "暂停证书",
    Action.REINSTATE: "恢复证书",
    Action.REVOKE: "撤销证书",
    Action.SUPERSEDE: "被更正版本取代",
}

# An event's subject is KIND:NAME.
SUBJECTS = {
    "directory": "目录",
    "account": "账户",
    "series": "编号序列",
    "epoch": "签发密钥",
    "submission": "报送",
    "entry": "登记序号",
}

# What went wrong, and what to do, by HTTP status.
FAULTS = {
    400: ("请求无法识别", "请用本机地址打开，例如 http://127.0.0.1:8001/。"),
    404: ("没有这个页面", "地址可能不完整，或所指的报送不在本登记系统中。"),
    405: ("这里只能查看", "工作人员页面只读；办理请用命令 certreg。"),
    500: ("登记系统出错", "这不是您的操作造成的。请把时间告诉运维人员，原因记在日志中。"),
    503: ("登记系统正忙", "请稍等几秒再打开此页。"),
}
