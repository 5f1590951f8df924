"""Why something asked of the register did not come about. Chinese where a clerk reads it.

    ClientError
    ├── Refused             the register said no, and why: the problem document (RFC 9457) is carried along
    ├── NotSubmitted        a signed draft was not handed in: its signature did not count in the end
    ├── TryAgain            nothing is wrong with what was asked; ask again later
    │   ├── Unreachable     no connection, or none that lasted; ``sent`` says whether the request may have arrived
    │   ├── InDoubt         the register failed at it; nobody knows whether it was done
    │   ├── Busy            the register asks for patience, longer than was had
    │   └── NotDone         the register works on it, longer than was waited for
    ├── AnswerUnusable      an answer that is not one of this API's: another server, or something in between
    ├── SettledDiffers      the settled content does not say what was handed in; it must not be signed
    └── WrongUse            something is missing or wrong on this side
        ├── SettingMissing  an address or a key that was not named
        └── KeyUnusable     a key file that can not be used

Errors are inert: they log nothing, and name no person.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

LOOK_FIRST: Final = "请先查看状态"


class ClientError(Exception):
    """Any error of this room."""


class Refused(ClientError):
    """The register refused; ``code`` is stable, ``document`` is its problem document, ``{}`` if it sent none."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(document.get("code", ""))
        self.title = str(document.get("title", ""))
        self.detail = str(document.get("detail", ""))
        self.remedy = str(document.get("remedy", ""))
        self.document = document
        super().__init__(
            f"{self.title or '登记系统拒绝了请求'}（{status} {self.code}）：{self.remedy or self.detail}"
        )

    @property
    def faults(self) -> Sequence[Mapping[str, Any]]:
        """What is wrong in the file, if that is why."""
        found = self.document.get("faults", ())
        return found if isinstance(found, list) else ()


class NotSubmitted(ClientError):
    """A draft waits for something else than its handing in; ``failure`` says why, if the register does."""

    def __init__(self, draft_id: UUID, status: str, failure: str | None) -> None:
        why = f"：{failure}" if failure else ""
        super().__init__(f"草稿 {draft_id} 没有报送，状态为“{status}”{why}")
        self.failure = failure


class TryAgain(ClientError):
    """It can be asked again as it is."""


class Unreachable(TryAgain):
    """No answer came. If ``sent``, the register may have done what was asked."""

    def __init__(self, host: str, why: str, *, sent: bool) -> None:
        doubt = f"；请求可能已经送达，{LOOK_FIRST}" if sent else ""
        super().__init__(f"无法与 {host} 通信（{why}）{doubt}")
        self.host = host
        self.why = why
        self.sent = sent


class InDoubt(TryAgain):
    """The register failed, or does not know whether it stored; look first, then ask again.

    ``document`` is its problem document, ``{}`` if it sent none.
    """

    sent: Final = True

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(document.get("code", "")) or str(status)
        self.document = document
        title = str(document.get("title", "")) or "登记系统出错"
        super().__init__(f"{title}（{status} {self.code}）：不能确定是否已经完成；{LOOK_FIRST}")


class Busy(TryAgain):
    """The register is busy, or the body's limit is used up.

    The attempt that was answered so did nothing; if ``in_doubt``, an earlier attempt at the same may have done it.
    """

    def __init__(self, wait_seconds: int, document: Mapping[str, Any], *, in_doubt: bool = False) -> None:
        title = str(document.get("title", "")) or "系统忙"
        doubt = f"；先前的请求可能已经完成，{LOOK_FIRST}" if in_doubt else ""
        super().__init__(f"{title}：请在 {wait_seconds} 秒后重试{doubt}")
        self.wait_seconds = wait_seconds
        self.document = document
        self.in_doubt = in_doubt


class NotDone(TryAgain):
    """The register's worker has not come to an end within the time that was waited."""

    def __init__(self, what: str, waited_seconds: float) -> None:
        super().__init__(f"等待 {waited_seconds:.0f} 秒后，{what}仍未完成；稍后用 status 查看，不必重新报送")


class AnswerUnusable(ClientError):
    """What answered does not speak as the register does."""

    def __init__(self, why: str) -> None:
        super().__init__(f"回答不是登记系统的：{why}；请核对地址与网络")


class SettledDiffers(ClientError):
    """What would be signed is not what was handed in; ``differences`` says where."""

    def __init__(self, differences: Sequence[str]) -> None:
        super().__init__("待签内容与提交的内容不符，不可签名：" + "；".join(differences))
        self.differences = tuple(differences)


class WrongUse(ClientError):
    """Something on this side; nothing was asked of the register."""


class SettingMissing(WrongUse):
    """A setting that is needed and was not given."""

    def __init__(self, variable: str, member: str, what: str) -> None:
        super().__init__(f"没有设置{what}：请设置环境变量 {variable}，或在设置文件中写 {member}")
        self.variable = variable


class KeyUnusable(WrongUse):
    """A key file that is not there, not private, or not what it should be."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"密钥文件 {path} 不能使用：{why}")
        self.path = path
