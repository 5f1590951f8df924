"""Every sentence that ``certmonitor`` says, in Chinese and in English.

Tables only; what stands in braces are the facts of a finding.
"""

from signing.offline.language import Text
from signing.offline.monitor.finding import Code, Doubt

RESULTS = {
    "in_order": Text("✔ 未发现问题", "✔ In order"),
    "findings": Text("✘ 发现问题", "✘ Something is wrong"),
    "cannot_tell": Text("? 无法判断", "? Can not tell"),
}

FINDINGS = {
    Code.FORKED_TREE: Text(
        "日志被分叉或改写：先前 {seen} 条的根是 {seen_root}，现在 {size} 条的根 {root} 不是由它长成的",
        "The log was forked or rewritten: the root of {seen} leaves was {seen_root}, and that of {size} leaves now, "
        "{root}, does not go on from it",
    ),
    Code.SMALLER_TREE: Text(
        "日志变小了：见过 {seen} 条，现在只有 {size} 条（被回退，或某处缓存了旧的检查点）",
        "The log is smaller than it was: {seen} leaves were seen, there are {size} now (it was set back, or a cache "
        "holds an old checkpoint)",
    ),
    Code.SPLIT_VIEW: Text(
        "两处看到的日志不同：这里 {size} 条，根 {root}；{mirror} 处 {mirror_size} 条，根 {mirror_root}",
        "Two readers are shown different logs: {size} leaves with root {root} here, {mirror_size} with root "
        "{mirror_root} at {mirror}",
    ),
    Code.TOO_FEW_COSIGNATURES: Text(
        "见证不足：{size} 条的检查点有 {cosigned} 个见证方签名，须有 {quorum} 个",
        "Too few witnesses: {cosigned} cosigned the checkpoint of {size} leaves, {quorum} must have",
    ),
    Code.UNKNOWN_LEAF: Text("无法读懂的记录（{why}）", "A leaf that can not be read ({why})"),
    Code.UNKNOWN_PROFILE: Text(
        "编号 {number} 的编码档案 {profile} 不在密钥文件中",
        "The trust bundle has no numbering profile {profile}, of {number}",
    ),
    Code.NUMBER_MISFIT: Text(
        "编号 {number} 不合其编码档案", "{number} is no number of its numbering profile"
    ),
    Code.SERIES_NOT_OPENED: Text(
        "编号 {number} 所在的序列 {series} 从未开启",
        "{number} lies in a series that was never opened, {series}",
    ),
    Code.DUPLICATE_NUMBER: Text(
        "编号 {number} 的第 {version} 版（或更高的版本）已经给出过",
        "{number} was given before, in version {version} or a higher one",
    ),
    Code.DUPLICATE_ENTRY: Text(
        "登记条目 {entry} 已经用过（{standing}），又用于编号 {number}",
        "Entry {entry} was used before ({standing}), and again for {number}",
    ),
    Code.ENTRY_GAP: Text(
        "登记条目 {first} 至 {last} 在日志中缺失", "The log has no leaf of the entries {first} to {last}"
    ),
    Code.SERIES_GAP: Text(
        "序列 {series} 的流水号 {first} 至 {last} 在日志中缺失（另有 {voids} 个条目作废时未写明编号）",
        "The log has no leaf of the serials {first} to {last} of {series} ({voids} entries were voided without their "
        "number)",
    ),
    Code.DATED_AHEAD: Text(
        "记录的时间 {at} 晚于检查点的见证时间 {cosigned_at}",
        "A leaf is dated {at}, after its checkpoint was cosigned ({cosigned_at})",
    ),
    Code.BACK_DATED: Text(
        "记录的时间 {at} 比此前的 {after} 早七天以上",
        "A leaf is dated {at}, more than seven days before {after}, which came earlier",
    ),
    Code.WRONG_YEAR: Text(
        "编号 {number} 的年份与发证日期 {issued_on} 不符",
        "The year in {number} is not that of its issue on {issued_on}",
    ),
    Code.UNLAWFUL_CHANGE: Text(
        "登记条目 {entry}（{standing}）不应有此变更：{change}（{why}）",
        "Entry {entry} ({standing}) can not be changed so: {change} ({why})",
    ),
    Code.CONTENT_DIFFERS: Text(
        "编号 {number}（第 {version} 版，登记条目 {entry}）在日志中的证书与本机构所持的不同",
        "The log has another certificate for {number} (version {version}, entry {entry}) than the one held",
    ),
    Code.UNKNOWN_TO_BODY: Text(
        "日志中有编号 {number}（第 {version} 版，登记条目 {entry}），本机构没有这份证书",
        "The log has {number} (version {version}, entry {entry}), and no such certificate is held",
    ),
    Code.NOT_IN_LOG: Text(
        "所持证书 {file}（编号 {number}，登记条目 {entry}）不在日志中",
        "The certificate {file} ({number}, entry {entry}) is not in the log",
    ),
}

DOUBTS = {
    Doubt.NO_TRUST_BUNDLE: Text(
        "没有可信的密钥文件：用 --root 指定根文件，用 --public 指定公开文件的目录。{about}",
        "There is no trusted list of keys: give the pinned root with --root, the public files with --public. {about}",
    ),
    Doubt.TRUST_BUNDLE_EXPIRED: Text(
        "密钥文件已过期（{about}），请更新公开文件。",
        "The list of keys has expired ({about}): refresh the public files.",
    ),
    Doubt.OLDER_TRUST_BUNDLE: Text(
        "密钥文件比用过的旧（{about}），请更新公开文件。",
        "The list of keys is older than one that was used ({about}): refresh the public files.",
    ),
    Doubt.UNKNOWN_LOG: Text("密钥文件中没有这个日志：{about}", "The list of keys names no such log: {about}"),
    Doubt.CHECKPOINT_REFUSED: Text("检查点不可信：{about}", "The checkpoint can not be believed: {about}"),
    Doubt.NOT_TO_BE_HAD: Text("无法取得日志的文件：{about}", "A file of the log can not be had: {about}"),
    Doubt.LOG_DAMAGED: Text(
        "日志的文件与所签的不符，可能已损坏；请换一个来源再试：{about}",
        "Files of the log are not what was signed, damaged perhaps; try another source: {about}",
    ),
    Doubt.MIRROR_NOT_READ: Text("镜像无法核对：{about}", "A mirror can not be compared: {about}"),
    Doubt.TOKEN_NOT_READ: Text(
        "不是本系统签发的证书令牌，未核对：{about}",
        "Not a certificate token of this register, not compared: {about}",
    ),
}

WORDS = {
    "unseen": Text("未签发", "never issued"),
    "issued": Text("已签发", "issued"),
    "suspended": Text("已暂停", "suspended"),
    "reinstated": Text("已恢复", "reinstated"),
    "revoked": Text("已撤销", "revoked"),
    "superseded": Text("已被取代", "superseded"),
    "void": Text("作废", "void"),
    "suspend": Text("暂停", "suspend"),
    "reinstate": Text("恢复", "reinstate"),
    "revoke": Text("撤销", "revoke"),
    "supersede": Text("取代", "supersede"),
    "order": Text("先后次序不对", "out of order"),
    "no_higher_version": Text("没有更高的版本", "there is no higher version"),
    "other_number": Text("编号不是该条目的", "with another number than it has"),
}
"""What stands in a finding as a code, in words."""

LINES = {
    "log": Text("日志 {origin}，{size} 条，根 {root}", "Log {origin}: {size} leaves, root {root}"),
    "cosigned": Text(
        "见证时间 {time}（北京时间）：{witnesses}", "Cosigned by {time} (Beijing time): {witnesses}"
    ),
    "old": Text(
        "注意：这是 {days} 天前的状态，此后的记录未见。",
        "Note: this is {days} days old; what was logged since was not seen.",
    ),
    "ahead": Text(
        "注意：见证时间晚于本机时钟，请校正时钟。",
        "Note: it was cosigned after this machine's clock; set the clock.",
    ),
    "read": Text("本次读了第 {first} 至 {last} 条", "Read now: leaves {first} to {last}"),
    "nothing": Text("没有新的记录", "No new leaves"),
    "not_read": Text("本次没有读入新的记录", "No new leaves were read in"),
    "found": Text("问题", "Wrong"),
    "doubts": Text("无法判断之处", "What can not be told"),
    "leaf": Text("第 {index} 条：", "leaf {index}: "),
    "more": Text("{code}：另有 {count} 处，未逐一列出", "{code}: {count} more, not listed one by one"),
    "before": Text(
        "以前各次运行已报告 {count} 处问题（--json 列出）",
        "Earlier runs told of {count} findings (--json lists them)",
    ),
    "never_issued": Text(
        "注意：{body} 编号下从未签发过任何证书，代码是否有误？",
        "Note: nothing was ever issued under {body}; is the code right?",
    ),
    "tokens_held": Text("与日志核对的令牌：{count} 个", "Tokens held against the log: {count}"),
    "evidence": Text("证据（双方签名的检查点）", "Evidence (signed checkpoints)"),
    "opened": Text("新开启的序列", "Series opened"),
    "key_events": Text("密钥事项", "Ceremonies of the keys"),
    "issued": Text("本机构编号下新签发", "Issued under the bodies' numbers"),
    "changed": Text("本机构编号下的变更", "Changed under the bodies' numbers"),
    "rest": Text("…… 共 {count} 项（--json 列出全部）", "… {count} in all (--json lists them)"),
    "environment": Text("依据 {environment} 环境的根。", "Trusted root: environment {environment}."),
}

NEWS_LINES = {
    "opened": Text("{series}（{at}）", "{series} ({at})"),
    "key_events": Text(
        "{ceremony}：{file} 第 {version} 版（{at}）", "{ceremony}: {file} version {version} ({at})"
    ),
    "issued": Text(
        "{number} 第 {version} 版，登记条目 {entry}，发证日期 {issued_on}",
        "{number} version {version}, entry {entry}, issued on {issued_on}",
    ),
    "changed": Text(
        "{number}，登记条目 {entry}：{change}（{at}）", "{number}, entry {entry}: {change} ({at})"
    ),
}

FAILURE = Text(
    "程序未能完成（{detail}）。状态文件仍是上次的，下次运行会重新判断。",
    "The command could not finish ({detail}). The state is the one from before, so the next run reads the same again.",
)

HELP = {
    "description": Text(
        "监看登记簿的公开日志：与先前所见是否相接、见证是否足够、编号与条目是否连续、本机构的证书是否都在其中。"
        "结束码：0 未发现问题，1 发现问题，2 无法判断，64 用法不对，70 程序自身出错。",
        "Watch the register's public log: does it go on from what was seen, did enough witnesses sign, are numbers and "
        "entries without gap, are a body's certificates in it. Exit codes: 0 in order, 1 something is wrong, 2 can not "
        "tell, 64 wrong use, 70 a failure of the command itself.",
    ),
    "source": Text(
        "公开文件的地址（http、https、file）或目录，其中含有 log；也可以是日志镜像本身",
        "address (http, https, file) or folder of the public files, which hold log; or a mirror of the log itself",
    ),
    "root": Text("所信任的根文件", "the pinned root to trust"),
    "public": Text(
        "密钥文件（trust）所在的公开文件目录（默认取自 FROM，其次用本机留下的副本）",
        "folder of the public files that hold trust (default: FROM itself, then the copy kept here)",
    ),
    "state": Text("状态文件：记住所见；首次运行时建立", "file that remembers what was seen; made by the first run"),
    "body": Text("评价机构代码（如 S0001），可重复：列出其编号下的签发与变更",
                 "code of a body (S0001), may be repeated: what is issued and changed under its numbers is told"),
    "tokens": Text(
        "本机构所持证书令牌的目录（*.cbor、*/token.cbor），与日志逐一核对",
        "folder of the tokens that a body holds (*.cbor, */token.cbor), each held against the log",
    ),
    "mirror": Text("同一日志的另一来源，可重复：核对所见是否相同",
                   "another source of the same log, may be repeated: is the same log shown there?"),
    "now": Text("以此刻为准，ISO 8601，须带时区", "read as of this instant: ISO 8601 with a time zone"),
    "json": Text("输出 JSON", "answer in JSON"),
    "language": Text("回答的语言（默认按系统语言）", "language of the answer (default: by locale)"),
    "help": Text("显示帮助", "show this help"),
    "naive": Text("--now 须为带时区的 ISO 8601 时间", "--now needs an ISO 8601 time with a time zone"),
}  # fmt: skip
