"""What the events of a request vouch for: asking for the request, its end for what it ended with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.journal.row_digest import digest_rows, values_of
from registry.request.tables import CertificateRequest


def request_digest(request: Any) -> bytes:
    """Return the digest of ``ask_request``."""
    return digest_rows(values_of(CertificateRequest, [request]))


def end_digest(request: Any) -> bytes:
    """Return the digest of the act that ended a request: who decided what and when, and what the body was told."""
    ended: list[str | datetime | UUID | None] = [
        str(request.status),
        request.decided_at,
        request.decided_by,
        request.answer,
        request.correction,
    ]
    return digest_rows([ended])
