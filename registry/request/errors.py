"""Refusals of the request room.

RegistryError
├── NoSuchCertificate   this body has no certificate of this number
├── NoSuchRequest       this body, or anybody, has made no request of this id
├── AskedAlready        the same is asked of the same version already, and not decided yet
├── NothingToAsk        the certificate is in no status in which this could be granted
├── RequestEnded        the request was granted, declined or withdrawn before
├── RequestOverrun      the certificate has another current version than the one that was asked about
└── GrantRefused        what the grant needs beside the request is missing, or is not about this certificate
"""

from uuid import UUID

from registry.errors import RegistryError


class NoSuchCertificate(RegistryError):
    """This body has no certificate of this number that was ever released; another body's looks the same."""

    code = "not_there"

    def __init__(self, number: str) -> None:
        super().__init__(f"本机构没有编号为 {number} 的证书")
        self.number = number


class NoSuchRequest(RegistryError):
    """There is no request of this id, or it is another body's."""

    code = "not_there"

    def __init__(self, request_id: UUID) -> None:
        super().__init__(f"没有编号为 {request_id} 的申请")
        self.request_id = request_id


class AskedAlready(RegistryError):
    """The same is asked of the same version already; ``request_id`` waits for its decision."""

    def __init__(self, request_id: UUID, number: str) -> None:
        super().__init__(f"证书 {number} 已有同类申请 {request_id} 待处理；如需更改，请先撤回该申请")
        self.request_id = request_id


class NothingToAsk(RegistryError):
    """The certificate is in no status in which this could be granted."""

    def __init__(self, number: str, kind: str, status: str) -> None:
        super().__init__(f"证书 {number} 当前状态为 {status}，不能申请 {kind}；请核对证书状态")
        self.number = number
        self.status = status


class RequestEnded(RegistryError):
    """The request was granted, declined or withdrawn before."""

    def __init__(self, request_id: UUID, status: str) -> None:
        super().__init__(f"申请 {request_id} 已办结（{status}），不能再办理；如有需要，请另行提出申请")
        self.request_id = request_id
        self.status = status


class RequestOverrun(RegistryError):
    """The certificate has another current version than the one that was asked about."""

    def __init__(self, request_id: UUID, number: str) -> None:
        super().__init__(
            f"申请 {request_id} 所指的证书 {number} 已有新的版本；请不同意该申请，并请评价机构重新提出"
        )
        self.request_id = request_id


class GrantRefused(RegistryError):
    """What the grant needs beside the request is missing, or is not about this certificate."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
