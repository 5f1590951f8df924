"""Every sentence that ``certverify`` says, in Chinese and in English.

Tables only: which one is said is decided by the verdict, the holder, and the situation of a refusal. The
tests show that none of them is without its sentence. The sentence for each reason is in ``reasons``.
"""

from signing.offline.answer import Holder
from signing.offline.language import Text
from signing.statement import Level
from signing.verdict import Verdict

SHAPES = {Verdict.VALID: "✔", Verdict.CANNOT_TELL: "?"}
"""The sign before the verdict; any other verdict has ``NOT_VALID_SHAPE``."""

NOT_VALID_SHAPE = "✘"

VERDICTS = {
    Verdict.VALID: Text("有效", "Valid"),
    Verdict.SUSPENDED: Text("无效：已暂停", "Not valid: suspended"),
    Verdict.SUPERSEDED: Text("无效：已被新版本取代", "Not valid: replaced by a corrected version"),
    Verdict.REVOKED: Text("无效：已撤销", "Not valid: revoked"),
    Verdict.NOT_GENUINE: Text("不是真证书", "Not genuine"),
    Verdict.CANNOT_TELL: Text("无法判断", "Cannot tell"),
}

HOLDERS = {
    Holder.MATCH: Text(
        "相符（只是初步比对：每 4096 个号码约有一个会碰巧相符）",
        "fits (a first check only: one number in 4,096 fits by chance)",
    ),
    Holder.NO_MATCH: Text("不符：不是此人的证书", "does not fit: this is not that person's certificate"),
    Holder.NOT_ASKED: Text(
        "未比对（可用 --id-type 和 --id-number 比对）", "not compared (--id-type and --id-number compare it)"
    ),
}

LEVELS = {
    Level.JUNIOR: Text("初级", "junior"),
    Level.INTERMEDIATE: Text("中级", "intermediate"),
    Level.SENIOR: Text("高级", "senior"),
}

EDITIONS = {
    1: Text("2015 年版大典及 2019–2021 年新职业", "edition of 2015 with the new occupations of 2019–2021"),
    2: Text("2022 年版大典", "edition of 2022"),
}

ANSWER = {
    "wrong_holder": Text("证件号码与证书不符", "The ID number does not fit the certificate"),
    "by_itself": Text("证书本身：{verdict}。", "The certificate by itself: {verdict}. "),
    "wrong_holder_advice": Text(
        "请核对号码有没有输错；仍不符则不要采信。",
        "Check that the number was typed correctly; if so, do not rely on it for this person.",
    ),
    "named": Text("{name}（{inside}）", "{name} ({inside})"),
    "comma": Text("，", ", "),
    "claims": Text("它自称（不可采信）", "What it claims (not to be relied on)"),
    "as_of": Text("登记状态截至 {time}（北京时间）", "Status in the register as of {time} (Beijing time)"),
    "stale": Text(
        "注意：状态已有 {days} 天，此后的撤销或暂停不会显示。",
        "Note: the status is {days} days old; what was revoked or suspended since does not show.",
    ),
    "not_proven": Text(
        "未证明：出示者就是持证人。请对照其身份证件。",
        "Not proven: that the person who shows it is the holder. Compare with the person's ID card.",
    ),
    "offline": Text(
        "全程离线：没有访问网络；链接中的网址未打开，也不作依据。",
        "Verified offline: nothing was fetched; the address in a link was not opened and counts for nothing.",
    ),
    "fetched": Text(
        "公开文件和日志取自 --public 给出的网址；链接中的网址未打开，也不作依据。",
        "Public files and log were fetched from the address given with --public; that in a link was not opened and "
        "counts for nothing.",
    ),
    "environment": Text("依据 {environment} 环境的根。", "Trusted root: environment {environment}."),
}

PROOF = {
    "holds": Text(
        "公开日志的证明成立：这份证书确已公开登记。", "The proof holds: the public log has this certificate."
    ),
    "refused": Text(
        "公开日志的证明不成立（{why}）。证书本身的结论见上。",
        "The proof of the public log does not hold ({why}). The verdict above is that of the certificate itself.",
    ),
    "not_told": Text(
        "公开日志的证明：无法判断或无法取得（{why}）。", "No answer about the public log ({why})."
    ),
    "leaf": Text("日志第 {index} 条（从 0 起），共 {size} 条", "Leaf {index}, from 0 on, of {size}"),
    "witnessed": Text(
        "至迟 {time}（北京时间）已由见证方看到：{witnesses}",
        "Seen by {time} (Beijing time) at the latest by {witnesses}",
    ),
    "undated": Text("见证方（未注明时间）：{witnesses}", "Seen by {witnesses}, who do not say when"),
    "written": Text("证明已写入 {path}", "The proof was written to {path}"),
}

LABELS = {
    "holder_name": Text("姓名", "Name"),
    "number": Text("证书编号", "Number"),
    "occupation": Text("职业名称", "Occupation"),
    "direction": Text("职业方向", "Direction"),
    "level": Text("技术等级", "Grade"),
    "issuer": Text("评价机构", "Issued by"),
    "issued_on": Text("发证日期", "Issued on"),
    "entry": Text("登记条目", "Entry"),
    "holder": Text("证件号码", "ID number"),
}
NONE = Text("无", "none")

SOURCES = {
    "link": Text("链接", "link"),
    "file": Text("文件", "file"),
    "image": Text("图片", "picture"),
    "pdf": Text("PDF", "PDF"),
}

SITUATIONS = {
    "wrong_arguments": Text("用法不对：{detail}", "Wrong use: {detail}"),
    "file_not_readable": Text("无法读取：{detail}", "Can not be read: {detail}"),
    "file_too_large": Text("文件过大：{detail}", "Too large: {detail}"),
    "not_an_input": Text(
        "“{detail}”既不是文件，也不是二维码的内容。请给出二维码的链接、令牌文件、图片（PNG、JPEG）或 PDF；"
        "只有证书编号时请到网上查询。",
        "“{detail}” is neither a file nor the text of a QR. Give the link in the QR, a token file, a picture "
        "(PNG, JPEG) or a PDF; with a certificate number alone, look it up online.",
    ),
    "no_token": Text(
        "{detail}中没有找到本系统的证书。请试试清晰的二维码照片，或证书的原始 PDF。",
        "No certificate of this register was found in the {detail}. Try a clear picture of the QR, or the "
        "original PDF.",
    ),
    "several_tokens": Text(
        "{detail}中有几份不同的证书，不知道要验哪一份。请逐份验证。",
        "The {detail} holds several different certificates. Verify them one by one.",
    ),
    "image_not_readable": Text(
        "图片无法打开，或尺寸过大。{detail}", "The picture can not be opened, or is too large. {detail}"
    ),
    "images_not_supported": Text(
        "本机没有读取图片的组件（pillow、zxing-cpp）。请安装它们，或改用二维码的链接、令牌文件或 PDF。",
        "Reading pictures needs pillow and zxing-cpp, which are not installed here. Install them, or use the "
        "QR's link, the token file or the PDF.",
    ),
    "updates_not_supported": Text(
        "本机没有更新所需的组件（tuf）。请安装它，或把公开文件的副本放到本机，用 --public 指定。{detail}",
        "Updating needs tuf, which is not installed here. Install it, or bring a copy of the public files and "
        "name it with --public. {detail}",
    ),
    "root_not_usable": Text("不是可用的根文件：{detail}", "Not a usable root file: {detail}"),
    "state_not_usable": Text(
        "状态文件已损坏，或属于另一个日志：{detail}。没有读任何东西；请用备份恢复它，"
        "或另指定一个新的状态文件从头读起（先前所见将不再比对）。",
        "The state is damaged, or of another log: {detail}. Nothing was read. Bring it back from a copy, or name a new "
        "state and read from the beginning (what was seen before is compared no more).",
    ),
}

UPDATE = {
    "updated": Text("已更新", "Updated"),
    "current": Text("已是最新", "Up to date"),
    "refused": Text("没有更新", "Not updated"),
    "before": Text(
        "原先：根 {root}，密钥 {keys}，名称 {names}，状态 {status}（截至北京时间 {time}）",
        "Before: root {root}, keys {keys}, names {names}, status {status} (as of {time} Beijing time)",
    ),
    "after": Text(
        "现在：根 {root}，密钥 {keys}，名称 {names}，状态 {status}（截至北京时间 {time}）",
        "Now: root {root}, keys {keys}, names {names}, status {status} (as of {time} Beijing time)",
    ),
    "kept": Text(
        "原有副本不变：根 {root}，密钥 {keys}，名称 {names}，状态 {status}（截至北京时间 {time}）",
        "The copy from before stays: root {root}, keys {keys}, names {names}, status {status} (as of {time} "
        "Beijing time)",
    ),
    "no_copy": Text("本机原先没有可用的副本", "There was no copy here that could be used"),
    "recovered": Text(
        "发布密钥已更换，因此接受了比见过的更低的版本号。",
        "The publication keys were replaced, so lower versions than those seen were accepted.",
    ),
}

FAILURES = {
    "not_written": Text(
        "答案无法完整输出（{detail}）。这不说明证书的真假。",
        "The answer could not be written out ({detail}). This says nothing about the certificate.",
    ),
    "failed": Text(
        "程序自身出错（{detail}），没有得出结论。这不说明证书的真假。",
        "The command itself failed ({detail}) and came to no verdict. This says nothing about the certificate.",
    ),
}

HELP = {
    "description": Text(
        "验证专业技术等级证书的真伪与状态，全程离线。certverify update 更新公开文件的副本。"
        "结束码：0 有效，1 无效或证件号码不符，2 无法判断，64 用法不对，70 程序自身出错。",
        "Verify a 专业技术等级证书 (professional-technical grade certificate), fully offline. "
        "“certverify update” refreshes the copy of the public files. "
        "Exit codes: 0 valid, 1 not valid or the ID number does not fit, 2 can not tell, 64 wrong use, 70 a "
        "failure of the command itself.",
    ),
    "input": Text(
        "二维码的链接或数字、令牌文件、图片（PNG、JPEG）或 PDF；“-” 为标准输入",
        "the link or digits of the QR, a token file, a picture (PNG, JPEG) or a PDF; “-” is standard input",
    ),
    "update": Text(
        "更新本机所留的公开文件副本；逐项验证后才替换。"
        "结束码：0 已更新或已是最新，2 未能更新（原有副本不变），64 用法不对，70 程序自身出错。",
        "Refresh the copy of the public files that is kept here; it is replaced only by what was verified. "
        "Exit codes: 0 updated or up to date, 2 could not (the copy stays as it was), 64 wrong use, 70 a "
        "failure of the command itself.",
    ),
    "from": Text(
        "公开文件的地址（http、https、file）或目录，例如 U 盘",
        "address (http, https, file) or folder, such as a USB stick, of the public files",
    ),
    "public": Text(
        "公开文件的目录（默认用上次更新留下的副本）",
        "folder of the public files (default: the copy kept here)",
    ),
    "proof": Text(
        "公开日志的证明（.tlog-proof），与证书一并验证；不成立则结束码为 1",
        "proof of the public log (.tlog-proof) to check too; exit code 1 if it does not hold",
    ),
    "write_proof": Text(
        "从 --public 所指的公开日志中取得证明，验证后写入此文件；这时 --public 也可以是网址",
        "make the proof out of the log that --public leads to, check it, and write it here; --public may then be an "
        "address",
    ),
    "proof_exists": Text(
        "--write-proof 所指的文件已存在，不予覆盖",
        "the file that --write-proof names is there already, and is not overwritten",
    ),
    "address": Text(
        "只有与 --write-proof 一起，--public 才可以是网址",
        "--public is an address only together with --write-proof",
    ),
    "root": Text("所信任的根文件", "the pinned root to trust"),
    "id_type": Text("证件类别", "type of the ID number"),
    "id_number": Text("证件号码，与证书比对", "ID number to compare with the certificate"),
    "now": Text("以此刻验证，ISO 8601，须带时区", "verify as of this instant: ISO 8601 with a time zone"),
    "max_age_days": Text(
        "状态文件最多可以多旧（天，默认 30，至多 365；也可设环境变量 CERTVERIFY_MAX_AGE_DAYS）",
        "greatest age of the status file (default: 30, at most 365; or CERTVERIFY_MAX_AGE_DAYS)",
    ),
    "note_age_days": Text(
        "从第几天起提醒状态文件已旧（默认 7；也可设环境变量 CERTVERIFY_NOTE_AGE_DAYS）",
        "age from which a note says how old it is (default: 7; or CERTVERIFY_NOTE_AGE_DAYS)",
    ),
    "freshness": Text(
        "--note-age-days 与 --max-age-days（或同名环境变量 CERTVERIFY_…）须为整数天："
        "前者至少 1，后者不小于前者、至多 365",
        "--note-age-days and --max-age-days (or CERTVERIFY_NOTE_AGE_DAYS, CERTVERIFY_MAX_AGE_DAYS) are whole days: "
        "the first at least 1, the second not below it and at most 365",
    ),
    "json": Text("输出 JSON", "answer in JSON"),
    "language": Text("回答的语言（默认按系统语言）", "language of the answer (default: by locale)"),
    "help": Text("显示帮助", "show this help"),
    "both": Text("--id-type 与 --id-number 须同时给出", "--id-type and --id-number go together"),
    "naive": Text("--now 须为带时区的 ISO 8601 时间", "--now needs an ISO 8601 time with a time zone"),
    "number": Text("--id-number 不能为空", "--id-number is empty or not text"),
}
