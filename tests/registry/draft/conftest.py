"""A body at work on drafts, and a worker that checks them; the world is the register's, on each database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from registry.assessment.reading import JSON_MEDIA_TYPE
from registry.draft.closing import sign
from registry.draft.opening import Opened, Sent, open_draft
from registry.draft.pages import draft_faults
from registry.draft.settled_content import settled_bytes
from registry.draft.standing import DraftState, draft_state
from registry.draft.status import DraftStatus
from registry.draft.tables import Draft
from registry.draft.uploading import begin_photos, put_part
from registry.intake.submission import claim_for
from registry.jurisdiction.rules import jurisdictions
from registry.people.representative import Representative
from registry.work.drafting import Drafting
from signing.cose import Kind, key_id
from tests.instants import NOON
from tests.registry.photo.zips import zipped
from tests.registry.staff_site import installation_of
from tests.registry.world import BODY, ENVIRONMENT, World


@dataclass
class Desk:
    """A body's clerk, and the workers of the register; ``now`` stands until a test moves it."""

    world: World
    folder: Path
    now: datetime = NOON
    workers: dict[str, Drafting] = field(default_factory=dict)

    @property
    def sealer(self):
        return self.world.personal.sealer

    def author(self, issuer: str = BODY) -> Representative:
        holder = self.world.bodies[issuer]
        return Representative(holder.actor, issuer, key_id(holder.key.public))

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    # The clerk's acts.

    def results(self, *rows: Any, issuer: str = BODY, **changes: Any) -> Sent:
        return Sent(self.world.file(*rows, issuer=issuer, **changes), JSON_MEDIA_TYPE)

    def open(self, results: Sent | None = None, *, issuer: str = BODY, **more: Any) -> Opened:
        results = results or self.results(issuer=issuer)
        return open_draft(
            self.world.sessions, self.sealer, self.author(issuer), results, now=self.now, **more
        )

    def state(self, draft_id: UUID, *, issuer: str = BODY) -> DraftState:
        return self.world.sessions.read(
            lambda session: draft_state(session, self.author(issuer), draft_id, jurisdictions(), now=self.now)
        )

    def status(self, draft_id: UUID, *, issuer: str = BODY) -> DraftStatus:
        return self.state(draft_id, issuer=issuer).status

    def faults(self, draft_id: UUID) -> list[tuple[int | None, str | None, str]]:
        page = draft_faults(self.world.sessions, self.sealer, self.author(), draft_id, cursor=0, limit=1000)
        return [(fault.row, fault.column, fault.code) for fault in page.items]

    def send_photos(self, draft_id: UUID, files: Mapping[str, bytes]) -> UUID:
        """Send an archive of photos; return its file."""
        return self.send_bytes(draft_id, zipped(files))

    def send_bytes(self, draft_id: UUID, archive: bytes) -> UUID:
        """Send what may be an archive; return its file."""
        sessions = self.world.sessions
        upload = begin_photos(
            sessions, self.author(), draft_id, size=len(archive), digest=sha256(archive).digest(), name=None,
            now=self.now,
        )  # fmt: skip
        put_part(sessions, self.sealer, self.author(), draft_id, upload.file_id, 0, archive, now=self.now)
        return upload.file_id

    def settled(self, draft_id: UUID) -> bytes:
        return settled_bytes(self.world.sessions, self.sealer, self.author(), draft_id)

    def signature(self, content: bytes, *, issuer: str = BODY, key: Any = None) -> bytes:
        claim = claim_for(content, JSON_MEDIA_TYPE, issuer=issuer).to_bytes()
        key = key or self.world.bodies[issuer].key
        return key.sign_claim(claim, kind=Kind.SUBMISSION, environment=ENVIRONMENT, detached=True)

    def sign(self, draft_id: UUID, signature: bytes | None = None) -> None:
        signature = signature or self.signature(self.settled(draft_id))
        sign(
            self.world.sessions, self.sealer, self.author(), draft_id, signature,
            environment=ENVIRONMENT, now=self.now,
        )  # fmt: skip

    # The workers.

    def worker(self, name: str = "worker") -> Drafting:
        if name not in self.workers:
            installation = installation_of(self.world, self.folder, self.world.personal)
            self.workers[name] = Drafting(installation, worker=name, now=lambda: self.now)
        return self.workers[name]

    def work(self, name: str = "worker") -> int:
        """Let a worker do all there is."""
        worker, done = self.worker(name), 0
        while counts := list(worker.batches()):
            done += sum(counts)
        return done

    def row(self, draft_id: UUID) -> Draft:
        return self.world.sessions.read(lambda session: session.get_one(Draft, draft_id))

    def ready(self, *rows: Any, **changes: Any) -> UUID:
        """Return a draft that waits for its signature."""
        draft_id = self.open(self.results(*rows, **changes)).draft_id
        self.work()
        assert self.status(draft_id) is DraftStatus.READY, self.faults(draft_id)
        return draft_id


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, tmp_path)


MakeDesk = Callable[[World], Desk]
