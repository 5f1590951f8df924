"""The register as a body's program sees it: one object, opened with one key."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from uuid import UUID

from registry.client.certificates import Certificates
from registry.client.changes import Changes
from registry.client.door import Document, Door, members
from registry.client.drafts import Draft, Drafts, Watch, can_be_compared, handed_in, unwatched
from registry.client.keys import Keys
from registry.client.photos import Progress
from registry.client.requests import Requests
from registry.client.settled import Settled
from registry.client.submissions import Submissions
from registry.client.transport import Transport


@dataclass(frozen=True)
class Client:
    """What can be asked of a register. With an administration key, ``keys`` alone."""

    transport: Transport = field(repr=False)

    @cached_property
    def _door(self) -> Door:
        return Door(self.transport)

    @cached_property
    def drafts(self) -> Drafts:
        """Drafts, from a clerk's file to the signature."""
        return Drafts(self._door)

    @cached_property
    def submissions(self) -> Submissions:
        """What was handed in."""
        return Submissions(self._door)

    @cached_property
    def certificates(self) -> Certificates:
        """What came of it."""
        return Certificates(self._door)

    @cached_property
    def requests(self) -> Requests:
        """What is asked of certificates."""
        return Requests(self._door)

    @cached_property
    def changes(self) -> Changes:
        """What happened since."""
        return Changes(self._door)

    @cached_property
    def keys(self) -> Keys:
        """The body's keys, for its administrator."""
        return Keys(self._door)

    def listings(self) -> list[Document]:
        """Tell what the body may assess, from when to when."""
        return members(self._door.get("/v1/listings").document, "items")

    def check(
        self,
        results: Path,
        *,
        photos: Path | None = None,
        replaces: UUID | None = None,
        progress: Progress | None = None,
        opened: Watch = unwatched,
        watch: Watch = unwatched,
    ) -> Draft:
        """Hand in a file, and its photos, as a draft, and wait for the check; return what came of it.

        Called again with the same file it goes on with the same draft: photos that were on their way are completed,
        and corrections that were handed in since still count. ``opened`` is told the draft as it was then.
        """
        draft = self.drafts.open(results, replaces=replaces)
        opened(draft)
        if photos is not None and draft.status not in ("signed", "submitted"):
            self.drafts.put_photos(draft.id, photos, progress)
        return self.drafts.wait(draft.id, watch)

    def settled(self, draft: Draft, results: Path | None = None, *, replaces: UUID | None = None) -> Settled:
        """Return what is to be signed for a draft, held against the draft and, if given, the file handed in.

        With ``results``, what is replaced must be what was asked for (``replaces``, ``None`` for nothing), and a file
        in JSON is compared whole; a workbook or a CSV is not (``drafts.can_be_compared``). Without, people have looked
        at the draft as it is. Raises ``SettledDiffers``, also if rows of the file were corrected since.
        """
        settled = self.drafts.settled(draft)
        if results is not None:
            settled.require_replaces(replaces)
            if can_be_compared(results):
                settled.require_handed_in(handed_in(results))
        return settled
