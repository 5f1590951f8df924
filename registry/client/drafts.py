"""A body's drafts (报送草稿): opened with a file, checked by the register, corrected, looked at, signed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from registry.client.answer import JSON
from registry.client.base64url import encode_base64url
from registry.client.comparison import read_handed_in
from registry.client.door import Document, Door, members, new_operation
from registry.client.errors import AnswerUnusable, NotDone, SettledDiffers, WrongUse
from registry.client.key_files import ClientKey
from registry.client.photos import PhotoArchive, Progress, put_archive
from registry.client.settled import Settled, read_settled

MEDIA_TYPES: Final = {
    ".json": JSON,
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv",
}
DRAFTS: Final = "/v1/drafts"
MAX_RESULTS_BYTES: Final = 16 * 1024 * 1024
WORKED_ON: Final = ("received", "signed")
WAIT_SECONDS: Final = 1800.0
FIRST_LOOK_SECONDS, LONGEST_LOOK_SECONDS = 0.5, 5.0


@dataclass(frozen=True, slots=True)
class Draft:
    """Where a draft stands; ``document`` is all that the register says of it.

    ``status`` is ``received`` (waits for its check), ``faulty``, ``ready``, ``signed`` (waits to be handed in),
    ``submitted`` or ``discarded``. ``settled_sha256`` is ``None`` unless it has a settled content, ``submission_id``
    unless it is submitted, ``failure`` unless its signature was dropped or its check failed.
    """

    id: UUID
    status: str
    revision: int
    phase: str | None
    done: int
    total: int
    rows: int
    faults: int
    statistics: Mapping[str, int] | None
    settled_sha256: str | None
    submission_id: UUID | None
    failure: str | None
    document: Document

    @classmethod
    def of(cls, document: Document) -> "Draft":
        """Read what the register says of a draft."""
        try:
            submission = document["submission_id"]
            named = {name: document[name] for name in _PLAIN}
            draft_id, submission_id = UUID(document["id"]), None if submission is None else UUID(submission)
        except (KeyError, ValueError, TypeError, AttributeError):
            raise AnswerUnusable("不是一份草稿的状态") from None
        return cls(id=draft_id, submission_id=submission_id, document=document, **named)


_PLAIN: Final = (
    "status", "revision", "phase", "done", "total", "rows", "faults", "statistics", "settled_sha256", "failure",
)  # fmt: skip

Watch = Callable[[Draft], None]


def unwatched(draft: Draft) -> None:
    """Let a draft be waited for in silence."""


class Drafts:
    """The drafts of the body whose access key opened the door."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def open(self, path: Path, *, name: str | None = None, replaces: UUID | None = None) -> Draft:
        """Open a draft with a file of results (.xlsx, .json, .csv).

        The same file again is the same draft while it is open, with the photos and corrections that came since: its
        ``revision`` is above 1 then.
        """
        content, media_type = _read(path)
        headers = {"Content-Type": media_type, "Idempotency-Key": new_operation()}
        query = {"name": name, "replaces": None if replaces is None else str(replaces)}
        return Draft.of(self._door.send("POST", DRAFTS, content, headers=headers, query=query).document)

    def correct(self, draft_id: UUID, path: Path) -> Draft:
        """Hand in corrected rows alone."""
        return self._change("POST", f"{_at(draft_id)}/corrections", path)

    def replace_results(self, draft_id: UUID, path: Path) -> Draft:
        """Put another file of results in the place of the one before and of its corrections; photos stay."""
        return self._change("PUT", f"{_at(draft_id)}/results", path)

    def put_photos(self, draft_id: UUID, path: Path, progress: Progress | None = None) -> PhotoArchive:
        """Send a photo archive (.zip): of one that was begun before, the parts that are missing."""
        return put_archive(self._door, f"{_at(draft_id)}/photos", path, progress)

    def photos(self, draft_id: UUID) -> list[PhotoArchive]:
        """List the photo archives of a draft, those that are not complete too."""
        document = self._door.get(f"{_at(draft_id)}/photos").document
        return [PhotoArchive.of(item) for item in members(document, "items")]

    def drop_photos(self, draft_id: UUID) -> Draft:
        """Drop all photos of a draft."""
        return Draft.of(self._door.send("DELETE", f"{_at(draft_id)}/photos").document)

    def state(self, draft_id: UUID) -> Draft:
        """Tell where a draft stands."""
        return Draft.of(self._door.get(_at(draft_id)).document)

    def all(self) -> Iterator[Draft]:
        """List the body's drafts, the newest first."""
        return map(Draft.of, self._door.each(DRAFTS))

    def wait(self, draft_id: UUID, watch: Watch = unwatched, *, seconds: float = WAIT_SECONDS) -> Draft:
        """Return the draft as soon as no worker is at it; ``watch`` is told each look. Raises ``NotDone``."""
        clock, pause = self._door.transport, FIRST_LOOK_SECONDS
        end = clock.elapsed() + seconds
        while True:
            draft = self.state(draft_id)
            watch(draft)
            if draft.status not in WORKED_ON:
                return draft
            if clock.elapsed() + pause > end:
                raise NotDone(f"草稿 {draft_id}", seconds)
            clock.sleep(pause)
            pause = min(1.5 * pause, LONGEST_LOOK_SECONDS)

    def faults(self, draft_id: UUID) -> Iterator[Document]:
        """List what is wrong, in the words of the body's own file."""
        return self._door.each(f"{_at(draft_id)}/faults")

    def error_workbook(self, draft_id: UUID, *, only_faulty: bool = False) -> bytes:
        """Fetch the workbook with its faults marked; mended, it can be handed in as corrections."""
        rows = "faulty" if only_faulty else "all"
        return self._door.get(f"{_at(draft_id)}/faults.xlsx", rows=rows).content

    def rows(self, draft_id: UUID) -> Iterator[Document]:
        """List the rows as they were read."""
        return self._door.each(f"{_at(draft_id)}/rows")

    def preview(self, draft_id: UUID) -> bytes:
        """Fetch the page (HTML) that people look at before they sign."""
        return self._door.get(f"{_at(draft_id)}/preview").content

    def settled(self, draft: Draft) -> Settled:
        """Fetch what is to be signed, held against what the draft says of it. Raises ``SettledDiffers``."""
        answer = self._door.get(f"{_at(draft.id)}/settled")
        settled = read_settled(answer.content)
        settled.require(
            draft.id,
            sha256=draft.settled_sha256,
            rows=draft.rows,
            statistics=draft.statistics,
            replaces=draft.document.get("replaces"),
        )
        if answer.headers.get("submission-claim", "").rstrip("=") != encode_base64url(settled.claim):
            raise SettledDiffers(["登记系统给出的待签声明不是对此内容的声明"])
        return settled

    def sign(self, settled: Settled, key: ClientKey) -> Draft:
        """Sign the settled content with the submission key and hand the signature in; a worker does the rest."""
        signed = key.sign_submission(settled.claim, environment=self._door.transport.environment)
        return self.hand_in_signature(settled.draft_id, signed)

    def hand_in_signature(self, draft_id: UUID, signature: bytes) -> Draft:
        """Hand in a signature that was made elsewhere: a detached COSE_Sign1 over the claim."""
        said = {"signature": encode_base64url(signature)}
        return Draft.of(self._door.say("PUT", f"{_at(draft_id)}/signature", said))

    def discard(self, draft_id: UUID) -> None:
        """Discard a draft with all that is in it."""
        self._door.send("DELETE", _at(draft_id))

    def template(self, edition: int, occupation: str, level: str) -> bytes:
        """Fetch the empty workbook for an occupation (``2-02-10-11``) and level (``junior`` …) of the body."""
        return self._door.get(f"/v1/templates/{edition}/{occupation}/{level}.xlsx").content

    def _change(self, method: str, path: str, file: Path) -> Draft:
        content, media_type = _read(file)
        headers = {"Content-Type": media_type}
        if method == "POST":
            headers["Idempotency-Key"] = new_operation()
        return Draft.of(self._door.send(method, path, content, headers=headers).document)


def can_be_compared(path: Path) -> bool:
    """Say whether a file of results is one that this side can hold against the settled content: JSON alone."""
    return path.suffix.lower() == ".json"


def handed_in(path: Path) -> Mapping[str, Any]:
    """Return what a file of results in JSON says. Raises ``WrongUse``."""
    found = read_handed_in(_read(path)[0])
    if found is None:
        raise WrongUse(f"{path} 不是 JSON 格式的成绩文件")
    return found


def _at(draft_id: UUID) -> str:
    return f"{DRAFTS}/{draft_id}"


def _read(path: Path) -> tuple[bytes, str]:
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise WrongUse(f"{path.name}：成绩文件应为 {'、'.join(MEDIA_TYPES)}")
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise WrongUse(f"{path} 无法读取：{fault.strerror}") from None
    if not content:
        raise WrongUse(f"{path} 是空文件")
    if len(content) > MAX_RESULTS_BYTES:
        raise WrongUse(f"{path} 超过 16 MiB；请分成几份，每份一次考核")
    return content, media_type
