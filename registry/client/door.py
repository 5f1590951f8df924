"""What every part of the client asks through: JSON in, JSON out, and lists by the page."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from registry.client.answer import JSON, Answer
from registry.client.errors import AnswerUnusable
from registry.client.signed_request import Request, digest_header
from registry.client.transport import Transport

PAGE_ITEMS: Final = 500

Document = dict[str, Any]


def new_operation() -> str:
    """Return an ``Idempotency-Key`` for one thing that is done, however often it has to be sent."""
    return f'"{uuid4()}"'


class Door:
    """The API of one register, as one key may use it."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def get(self, path: str, **query: str | int | None) -> Answer:
        """Fetch something; members of the query that are ``None`` are left out."""
        return self.send("GET", path, query=query)

    def say(
        self, method: str, path: str, document: Mapping[str, Any], *, repeatable: bool = True, **more: Any
    ) -> Document:
        """Say something in JSON; return what is answered."""
        content = json.dumps(document, ensure_ascii=False).encode()
        headers = {"Content-Type": JSON, **more.pop("headers", {})}
        return self.send(method, path, content, headers=headers, repeatable=repeatable, **more).document

    def send(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | int | None] | None = None,
        repeatable: bool = True,
    ) -> Answer:
        """Send a request; return its answer, whose ``Content-Digest`` was checked if there is one."""
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        url = self.transport.url(f"{path}?{urlencode(asked)}" if asked else path)
        answer = self.transport.ask(Request(method, url, content, headers), repeatable=repeatable)
        promised = answer.headers.get("content-digest")
        if promised is not None and promised != digest_header(answer.content):
            raise AnswerUnusable("内容与其 Content-Digest 不符")
        return answer

    def each(self, path: str, **query: str | int | None) -> Iterator[Document]:
        """Fetch a list, page after page."""
        cursor: str | None = None
        while True:
            page = self.get(path, **query, limit=PAGE_ITEMS, cursor=cursor).document
            yield from members(page, "items")
            cursor = page.get("next")
            if cursor is None:
                return


def members(document: Document, name: str) -> list[Document]:
    """Return a list of objects in a document, or raise ``AnswerUnusable``."""
    found = document.get(name)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise AnswerUnusable(f"缺少 {name}")
    return found
