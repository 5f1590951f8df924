"""Requests and answers over the network: signed anew for each attempt, repeated only where repeating is safe.

TLS is verified, always; in plain only this machine itself is spoken to. Redirections are not followed: a signature is
for one address. What is repeated, and when:

1. No connection came about: nothing was sent, so anything may be sent again.
2. 429, and 503 without doubt: the register says that it did nothing, and when to come back.
3. The connection broke, a proxy answered for the register (502, 504), the register failed (500), or it does not know
   whether it stored (``commit_unknown``): again only if the request is ``repeatable``, because it changes nothing,
   changes the same thing twice to the same, or has an ``Idempotency-Key``.
"""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    SSLError,
    TimeoutError,
)

from registry.client.answer import Answer, asked_to_wait, leaves_in_doubt, taken
from registry.client.errors import AnswerUnusable, Busy, InDoubt, TryAgain, Unreachable, WrongUse
from registry.client.key_files import ClientKey
from registry.client.signed_request import Request, signed_headers

CONNECT_SECONDS, READ_SECONDS = 10.0, 120.0
# An attempt whose end nobody heard keeps its Idempotency-Key for 150 s, and may have been heard of after READ_SECONDS.
PATIENCE_SECONDS: Final = 300.0
MOST_FAILURES: Final = 3
"""After so many answers of 500 it is no accident."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 15.0


@dataclass(frozen=True)
class Transport:
    """The way to one register. ``environment`` is part of every signature, and never learned from the other side.

    ``certificate_file`` (PEM, with its key) is for a proxy that asks for one. ``told`` hears of every attempt that is
    made again because no answer came, or none that says what was done.
    """

    base_url: str
    key: ClientKey
    environment: str
    ca_file: Path | None = None
    certificate_file: Path | None = None
    patience_seconds: float = PATIENCE_SECONDS
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    elapsed: Callable[[], float] = time.monotonic
    told: Callable[[TryAgain], None] = lambda _lost: None
    _pool: urllib3.PoolManager = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse an address that is not safe to speak to."""
        _require_safe(self.base_url)
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        pool = urllib3.PoolManager(
            ssl_context=_tls(self.ca_file, self.certificate_file), timeout=timeout, retries=False
        )
        object.__setattr__(self, "_pool", pool)

    def ask(self, request: Request, *, repeatable: bool) -> Answer:
        """Send a request until it is answered (2xx); return the answer.

        Raises ``Refused``, ``InDoubt``, ``Busy``, ``Unreachable`` or ``AnswerUnusable``.
        """
        end = self.elapsed() + self.patience_seconds
        pause, failures, in_doubt = FIRST_PAUSE_SECONDS, 0, False
        while True:
            try:
                answer = self._once(request)
                wait: float | None = asked_to_wait(answer, repeatable=repeatable)
                if wait is None:
                    return taken(answer)
                in_doubt |= leaves_in_doubt(answer)
                if self.elapsed() + wait > end:
                    raise Busy(answer.wait_seconds, answer.problem, in_doubt=in_doubt)
            except (Unreachable, InDoubt) as lost:
                in_doubt |= lost.sent
                failures += isinstance(lost, InDoubt)
                hopeless = failures >= MOST_FAILURES or self.elapsed() + pause > end
                if hopeless or (lost.sent and not repeatable):
                    raise _after_all(lost, in_doubt=in_doubt) from None
                self.told(lost)
                wait, pause = pause, min(2 * pause, LONGEST_PAUSE_SECONDS)
            self.sleep(wait)

    def url(self, path: str) -> str:
        """Return the whole address of a path with its query, as it is sent."""
        return urllib3.util.parse_url(self.base_url.rstrip("/") + path).url

    def _once(self, request: Request) -> Answer:
        host = urlsplit(self.base_url).netloc
        headers = signed_headers(request, self.key, environment=self.environment, now=self.now())
        try:
            answer = self._pool.request(
                request.method,
                request.url,
                body=request.content or None,
                headers={**headers, "User-Agent": "certreg-client", "Accept-Encoding": "identity"},
                redirect=False,
                decode_content=False,
            )
        except SSLError as fault:
            raise _tls_fault(host, fault) from None
        except (NewConnectionError, ConnectTimeoutError):
            raise Unreachable(host, "连接不上", sent=False) from None
        except TimeoutError:
            raise Unreachable(host, "没有按时回答", sent=True) from None
        except (ProtocolError, HTTPError):
            raise Unreachable(host, "连接中断", sent=True) from None
        found = {name.lower(): value for name, value in answer.headers.items()}
        if answer.status in (502, 504):
            raise Unreachable(host, f"代理回答 {answer.status}", sent=True)
        return Answer(answer.status, found, answer.data)


def _after_all(lost: Unreachable | InDoubt, *, in_doubt: bool) -> Unreachable | InDoubt:
    """Return what is to be said of all attempts: one of them may have arrived, even if the last did not."""
    if isinstance(lost, Unreachable) and in_doubt:
        return Unreachable(lost.host, lost.why, sent=True)
    return lost


def _tls_fault(host: str, fault: SSLError) -> AnswerUnusable | Unreachable:
    """Tell a certificate that nobody vouches for from a connection that broke before it was safe."""
    cause = fault.args[0] if fault.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        return AnswerUnusable(f"{host} 的 TLS 证书不受信任（{cause.verify_message}）")
    return Unreachable(host, "加密连接没有建立", sent=True)


def _tls(ca_file: Path | None, certificate_file: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError):
        raise WrongUse(f"CA 证书文件 {ca_file} 无法读取") from None
    try:
        if certificate_file is not None:
            context.load_cert_chain(certificate_file)
    except (OSError, ssl.SSLError):
        raise WrongUse(
            f"TLS 客户端证书文件 {certificate_file} 无法读取：应为 PEM，含证书和不加口令的私钥"
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _require_safe(base_url: str) -> None:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise WrongUse(f"登记系统的地址 {base_url} 应形如 https://register.example")
    if parts.path not in ("", "/") or parts.username is not None:
        raise WrongUse(f"登记系统的地址 {base_url} 只写协议、主机与端口")
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise WrongUse(f"登记系统的地址 {base_url} 没有加密；请用 https")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
