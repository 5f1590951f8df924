"""The Chinese words of the staff pages alone; those that other doors say too are in ``documents.terms``."""

from registry.documents.terms import ACTIONS, STEPS

# Of the 职业分类大典; the first with the new occupations of 2019 to 2021.
EDITIONS = {1: "2015 版", 2: "2022 版"}

# What stands in the journal, by the name that the act's own room gives it.
ACTS: dict[str, str] = {
    "found": "建立登记系统",
    "load_directory": "载入目录",
    "create_account": "设立账户",
    "enrol_key": "登记签名密钥",
    "open_series": "开启编号序列",
    "open_epoch": "启用签发密钥",
    "submit": "接收报送",
    "withdraw": "评价机构撤回报送",
    "ask_request": "评价机构提出申请",
    "withdraw_request": "评价机构撤回申请",
    "grant_request": "同意申请",
    "decline_request": "不同意申请",
    "check_ids": "计算证件校验值",
    **{f"decide_{step}": f"{name}决定" for step, name in STEPS.items()},
    **ACTIONS,
    "restore": "从备份恢复",
    "readmit": "证书重新入库",
    "state_highest": "声明最高编号",
    "hold_numbering": "停止编号",
}

# An event's subject is KIND:NAME.
SUBJECTS = {
    "register": "登记系统",
    "directory": "目录",
    "account": "账户",
    "series": "编号序列",
    "epoch": "签发密钥",
    "submission": "报送",
    "request": "申请",
    "entry": "登记序号",
}

# Instead of the words for 503, where the register says itself why it must not go on.
OUTDATED = (
    "登记系统只能查看",
    "本登记库是旧的副本：仍可暂停、撤销证书和停用密钥，其他办理须待运维人员处理。原因：{why}",
)

# What went wrong, and what to do, by HTTP status.
FAULTS = {
    400: ("请求无法识别", "请用本机地址打开，例如 http://127.0.0.1:8001/。"),
    404: ("没有这个页面", "地址可能不完整，或所指的报送不在本登记系统中。"),
    405: ("这里只能查看", "工作人员页面只读；办理请用命令 certreg。"),
    500: ("登记系统出错", "这不是您的操作造成的。请把时间告诉运维人员，原因记在日志中。"),
    503: ("登记系统正忙", "请稍等几秒再打开此页。"),
}
