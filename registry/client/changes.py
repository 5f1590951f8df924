"""What happened to the body's submissions, certificates and requests, each thing once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from registry.client.door import PAGE_ITEMS, Document, Door, members
from registry.client.errors import AnswerUnusable

CHANGES: Final = "/v1/changes"


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """Some changes; ``cursor`` is where to go on once they are dealt with."""

    items: list[Document]
    cursor: str


class Changes:
    """The changes of the body."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def since(self, cursor: str | None = None) -> Iterator[ChangesPage]:
        """Fetch what happened since, to the present end; ``None`` is the beginning. At least one page comes.

        Keep a page's cursor after its items were dealt with: then nothing is missed, and nothing dealt with twice.
        """
        while True:
            document = self._door.get(CHANGES, cursor=cursor, limit=PAGE_ITEMS).document
            following = document.get("next")
            if not isinstance(following, str):
                raise AnswerUnusable("缺少 next")
            yield ChangesPage(members(document, "items"), following)
            if not document.get("more"):
                return
            cursor = following
