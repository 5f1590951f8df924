"""Refusals of the holder room.

RegistryError
├── NothingToMake   a certificate came back from a restore without what its files are made of
├── NotInForce      the certificate is not released now, so nothing of it is handed out
├── TokenUnusable   the stored token does not verify now, so nothing is made of it
└── TrustMissing    there is no trust bundle to verify tokens against before they are handed out
"""

from registry.errors import RegistryError


class NothingToMake(RegistryError):
    """A certificate came back from a restore without what its files are made of."""

    def __init__(self, number: str, *, has_token: bool) -> None:
        why = (
            "its submission was lost, so there is no ID number for the document; the token that was readmitted holds"
            if has_token
            else "its token was lost; `certreg readmit FILE` takes it back from whoever still has it"
        )
        super().__init__(f"no files can be made of the certificate {number}: {why}")
        self.number = number


class NotInForce(RegistryError):
    """The certificate is the body's own, and not released now."""

    def __init__(self, number: str, status: str) -> None:
        super().__init__(f"证书 {number} 当前不是有效状态（{status}），没有可下载的文件")
        self.number = number
        self.status = status


class TokenUnusable(RegistryError):
    """The stored token does not verify now: its key is distrusted (``by_distrust``), or somebody changed the row."""

    def __init__(self, number: str, *, by_distrust: bool = False) -> None:
        super().__init__(
            f"证书 {number} 的签名现在不能通过验证（签发密钥可能已停用），没有可下载的文件；请联系登记机构"
        )
        self.number = number
        self.by_distrust = by_distrust


class TrustMissing(RegistryError):
    """There is no trust bundle to verify tokens against before they are handed out."""

    def __init__(self) -> None:
        super().__init__("登记系统的信任文件暂不可用，请稍后再试")
