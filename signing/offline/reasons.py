"""Why, and what to do: what ``certverify`` says for each reason of ``docs/formats.md`` §8.

Tables only, in the order of the verdict's own table.
"""

from typing import NamedTuple

from signing.offline.language import Text
from signing.verdict import Reason


class Said(NamedTuple):
    """What is said for a reason: why, in one sentence, and what to do.

    ``{days}`` in a sentence is the greatest age that a status may have.
    """

    why: Text
    advice: Text


_DO_NOT_RELY = Text("请不要采信。", "Do not rely on it.")
_REFRESH = Text("请更新公开文件后再验。", "Refresh the public files, then verify again.")
_SCAN_AGAIN = Text(
    "请重新扫描，或向持证人索取原始文件；结果不变则不要采信。",
    "Scan it again or ask the holder for the original file; if the answer stays the same, do not rely on it.",
)

REASONS = {
    Reason.MALFORMED: Said(
        Text(
            "这不是本系统的数字证书，或内容已被改动、损坏。",
            "This is no digital certificate of this register, or it was altered or damaged.",
        ),
        _SCAN_AGAIN,
    ),
    Reason.UNKNOWN_VERSION: Said(
        Text("证书采用了本程序还不认识的新格式。", "It has a newer format that this program does not know."),
        Text("请更新 certverify 后再验。", "Update certverify, then verify again."),
    ),
    Reason.NO_TRUST_BUNDLE: Said(
        Text(
            "本机没有可信的密钥文件（trust/keys.cbor）：没有指定根文件、缺少该文件，或该文件不是由所信任的根签发的。",
            "There is no trusted list of keys (trust/keys.cbor) here: no pinned root, no such file, or one "
            "that the pinned root did not sign.",
        ),
        Text(
            "请用 --root 指定从可靠途径取得的根文件，用 --public 指定公开文件的目录。",
            "Give the root that you got by a way you trust with --root, and the folder of public files with "
            "--public.",
        ),
    ),
    Reason.WRONG_ENVIRONMENT: Said(
        Text(
            "公开文件属于另一个环境（例如测试环境），不能用来判断。",
            "The public files are of another environment, such as a test register, and decide nothing here.",
        ),
        Text("请核对 --root 与 --public 是否配套。", "Check that --root and --public belong together."),
    ),
    Reason.TRUST_BUNDLE_EXPIRED: Said(
        Text("本机的密钥文件已过期。", "The list of keys on this machine has expired."),
        Text(
            "请更新公开文件，核对本机日期，然后再验。",
            "Refresh the public files and check this machine's date, then verify again.",
        ),
    ),
    Reason.UNKNOWN_KEY: Said(
        Text(
            "签名所用的密钥不在最新的密钥文件中：不是本系统签发的。",
            "It was signed with a key that is not on the current list of keys: it was not issued by this "
            "register.",
        ),
        _DO_NOT_RELY,
    ),
    Reason.KEY_NOT_KNOWN_YET: Said(
        Text(
            "签名所用的密钥不在本机的密钥文件中，而该文件可能不是最新的。",
            "It was signed with a key that is not on this machine's list of keys, which may be out of date.",
        ),
        _REFRESH,
    ),
    Reason.BAD_SIGNATURE: Said(
        Text(
            "签名不成立：内容被改动过，或不是本系统签发的。",
            "The signature does not hold: it was altered, or this register did not issue it.",
        ),
        _SCAN_AGAIN,
    ),
    Reason.WRONG_KEY_KIND: Said(
        Text("签名的密钥不是签发证书用的。", "It was signed with a key that is not for certificates."),
        _DO_NOT_RELY,
    ),
    Reason.OUTSIDE_KEY_RANGE: Said(
        Text("签名的密钥无权签发这一条目。", "It was signed with a key that may not sign this entry."),
        _DO_NOT_RELY,
    ),
    Reason.AFTER_KEY_END: Said(
        Text(
            "发证日期晚于签名密钥的最后使用日。",
            "Its issue date is later than the last day of the key that signed.",
        ),
        _DO_NOT_RELY,
    ),
    Reason.KEY_DISTRUSTED: Said(
        Text(
            "签名的密钥已被宣布不可信，而这份证书不在该密钥的真实证书清单中。",
            "The key that signed is distrusted, and this certificate is not on the list of those it made "
            "honestly.",
        ),
        _DO_NOT_RELY,
    ),
    Reason.NO_STATUS: Said(
        Text(
            "签名真实，但本机没有状态文件，不知道证书是否已被撤销。",
            "The signature holds, but there is no status file here to say whether it was revoked.",
        ),
        _REFRESH,
    ),
    Reason.STATUS_NOT_VERIFIABLE: Said(
        Text(
            "签名真实，但本机的状态文件未通过验证，不知道证书是否已被撤销。",
            "The signature holds, but the status file here is not verifiable, so it may have been revoked.",
        ),
        _REFRESH,
    ),
    Reason.REVOKED: Said(
        Text("证书确由本系统签发，但已被撤销。", "This register issued it, and has revoked it."),
        _DO_NOT_RELY,
    ),
    Reason.SUPERSEDED: Said(
        Text(
            "证书确由本系统签发，但已有更正后的新版本取代它。",
            "This register issued it, and has since issued a corrected version.",
        ),
        Text("请向持证人索取新版本。", "Ask the holder for the new version."),
    ),
    Reason.NOT_ISSUED: Said(
        Text(
            "登记簿中这一条目已作废，从未作为证书发出。",
            "The register has voided this entry: it was never issued as a certificate.",
        ),
        _DO_NOT_RELY,
    ),
    Reason.NOT_RELEASED: Said(
        Text(
            "签名真实，但在状态文件的时间，证书还没有发布。",
            "The signature holds, but at the time of the status file it was not yet released.",
        ),
        _REFRESH,
    ),
    Reason.NEWER_THAN_STATUS: Said(
        Text(
            "签名真实，但证书比本机的状态文件新，还不能确认登记簿中有它。",
            "The signature holds, but it is newer than the status file here, which can not confirm it.",
        ),
        _REFRESH,
    ),
    Reason.TRUST_BUNDLE_OUTDATED: Said(
        Text(
            "签名与本机的密钥文件相符，但状态文件表明密钥文件已有更新的版本，签名的密钥可能已被宣布不可信。",
            "The signature holds by the list of keys here, but the status file names a newer list, which may "
            "distrust the key that signed.",
        ),
        _REFRESH,
    ),
    Reason.STATUS_TOO_OLD: Said(
        Text(
            "签名真实，但本机的状态文件已超过 {days} 天，不知道证书后来是否被撤销。",
            "The signature holds, but the status file here is more than {days} days old: it may have "
            "been revoked since.",
        ),
        _REFRESH,
    ),
    Reason.CLOCK_BEHIND_STATUS: Said(
        Text(
            "签名真实，但状态文件的时间晚于本机时钟。",
            "The signature holds, but the status file is from after this machine's clock.",
        ),
        Text("请校正本机时钟后再验。", "Set this machine's clock, then verify again."),
    ),
    Reason.SUSPENDED: Said(
        Text("证书确由本系统签发，目前暂停使用。", "This register issued it, and has suspended it for now."),
        Text("暂停期间请不要采信，可日后再验。", "Do not rely on it meanwhile; verify again later."),
    ),
    Reason.VALID: Said(
        Text("签名真实，登记状态有效。", "The signature holds, and the register says that it stands."),
        Text(
            "请核对出示者的身份证件，姓名须与下列一致。",
            "Compare with the identity document of the person who shows it.",
        ),
    ),
}
