"""Why a distribution is refused, and what to do: one entry for each reason of ``docs/formats.md`` §12.

Tables only. ``{about}`` is the file that showed it.
"""

from signing.errors import Refusal
from signing.offline.language import Text
from signing.offline.reasons import Said

_TRY_AGAIN = Text(
    "请稍后再试；若持续如此，请换一个来源，并告知登记机构。",
    "Try again later; if it stays so, use another source, and tell the register.",
)
_ANOTHER_SOURCE = Text(
    "不要使用这个来源；请换一个来源，并告知登记机构。",
    "Do not use this source; take another one, and tell the register.",
)

REFUSALS = {
    Refusal.UNREACHABLE: Said(
        Text(
            "无法取得 {about}：没有网络、服务器没有及时应答或出错，或要求转到别处（不予跟随）。",
            "{about} can not be had: no network, no answer in time, an error of the server, or a redirect, "
            "which is not followed.",
        ),
        Text(
            "请检查网络和地址后再试；也可以用 U 盘上的副本。",
            "Check network and address; a copy on a USB stick will do too.",
        ),
    ),
    Refusal.NOT_A_REPOSITORY: Said(
        Text(
            "这里不是公开文件的发布目录：没有 {about}。",
            "These are not public files as they are distributed: there is no {about}.",
        ),
        Text(
            "请给出公开文件的地址或目录，即含有 tuf、trust、status 的那一层。",
            "Give the address or folder of the public files, the one that holds tuf, trust and status.",
        ),
    ),
    Refusal.INCOMPLETE: Said(
        Text("公开文件不全：缺少 {about}。", "The public files are not complete: {about} is missing."),
        _TRY_AGAIN,
    ),
    Refusal.TOO_LARGE: Said(
        Text(
            "{about} 大得不合理，没有读完。", "{about} is larger than it can be; it was not read to its end."
        ),
        _ANOTHER_SOURCE,
    ),
    Refusal.MALFORMED_METADATA: Said(
        Text("{about} 不合规定的格式。", "{about} is not of the form that is laid down."),
        _ANOTHER_SOURCE,
    ),
    Refusal.WRONG_ENVIRONMENT: Said(
        Text(
            "{about} 属于另一个环境（例如测试环境）。",
            "{about} belongs to another environment, such as a test register.",
        ),
        Text(
            "请核对来源与所信任的根文件是否配套。",
            "Check that the source and the pinned root belong together.",
        ),
    ),
    Refusal.WRONG_ROOT: Said(
        Text(
            "{about} 所列的根密钥与所信任的根文件不同。",
            "{about} names other root keys than the pinned root does.",
        ),
        Text(
            "请从可靠途径核对根文件；若根文件无误，不要使用这个来源。",
            "Check the pinned root by a way you trust; if it is right, do not use this source.",
        ),
    ),
    Refusal.ROOT_OUT_OF_ORDER: Said(
        Text("{about} 不是它的文件名所说的版本。", "{about} is not the version that its name says."),
        _ANOTHER_SOURCE,
    ),
    Refusal.THRESHOLD_NOT_MET: Said(
        Text(
            "{about} 上有效的签名不够：可能是伪造的，或仍由已更换的密钥签名。",
            "{about} does not carry enough good signatures: it is forged, or signed by keys that were replaced.",
        ),
        _ANOTHER_SOURCE,
    ),
    Refusal.EXPIRED: Said(
        Text(
            "{about} 已过期：来源停在旧的状态上，较新的撤销可能被隐瞒（冻结）。",
            "{about} has expired: the source stands still, and newer revocations may be kept back (freeze).",
        ),
        Text(
            "请核对本机日期；若日期无误，请换一个来源，或稍后再试。",
            "Check this machine's date; if it is right, use another source, or try again later.",
        ),
    ),
    Refusal.ROLLBACK: Said(
        Text(
            "{about} 比本机见过的更旧：可能有人用旧文件隐瞒后来的撤销（回退）。",
            "{about} is older than what was seen here before: old files may hide later revocations (rollback).",
        ),
        _ANOTHER_SOURCE,
    ),
    Refusal.MIX_AND_MATCH: Said(
        Text(
            "{about} 不是同批文件中所指的那一个：新旧文件被混在一起。",
            "{about} is not the one that the other files name: old and new files are mixed.",
        ),
        _TRY_AGAIN,
    ),
    Refusal.WRONG_DELEGATION: Said(
        Text(
            "{about} 不是由有权提供它的角色提供的。",
            "{about} is not supplied by the role that may supply it.",
        ),
        _ANOTHER_SOURCE,
    ),
    Refusal.WRONG_LENGTH_OR_HASH: Said(
        Text(
            "{about} 的长度或摘要与签名文件所说的不符：文件损坏或被改动。",
            "{about} has another length or hash than was signed: it is damaged or was altered.",
        ),
        _TRY_AGAIN,
    ),
    Refusal.UNUSABLE_FILE: Said(
        Text(
            "{about} 取得了，但其中的签名未通过验证。",
            "{about} was had, but the signatures in it do not hold.",
        ),
        _ANOTHER_SOURCE,
    ),
    Refusal.NOT_KEPT: Said(
        Text("副本无法写到本机（{about}）。", "The copy can not be written here ({about})."),
        Text("请检查磁盘空间和目录权限。", "Check disk space and permissions."),
    ),
}
