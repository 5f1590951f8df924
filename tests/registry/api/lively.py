"""A world in which one body has one of everything that the API can name, and another body has nothing of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

from flask import Flask

from keys.signer.journal import SignerJournal
from registry.people.accounts import Purpose
from registry.people.permission import Role
from registry.work.drafting import Drafting
from signing import id_check
from tests.instants import NOON
from tests.registry.request_world import asked
from tests.registry.staff_site import BodySystem, installation_of
from tests.registry.world import BODY, World, holder_key

JSON = {"Content-Type": "application/json"}
DRAFTS = "/v1/drafts"


@contextmanager
def quick_id_checks() -> Iterator[None]:
    """Let an ID check cost one round instead of 100,000."""
    with patch.object(id_check, "ITERATIONS", 1):
        yield


class Lively:
    """What there is of one body, by the names that addresses have for it."""

    def __init__(self, world: World, app: Flask, folder: Path) -> None:
        # The worlds of this room are copies of one, and a signer signs an entry once.
        world.journal = SignerJournal.create(folder / "lively" / "journal.txt")
        world.open_epoch()
        self.world, self.body, self._folder = world, BodySystem(app, world), folder
        self.submission = world.numbered(*world.rows(2))
        world.sign()
        world.release()
        self.number, self.other_number = world.numbers(self.submission)
        self.request = asked(world, self.number).id
        self.waiting = world.submitted()
        self.draft = self.opened()
        announced = json.dumps({"size": 10, "sha256": sha256(b"photos").hexdigest()}).encode()
        archive = self.body.send("POST", f"{DRAFTS}/{self.draft}/photos", announced, headers=JSON)
        self.file = archive.json["id"]
        self.work()
        self.key = self._spare_key()

    @property
    def names(self) -> dict[str, str]:
        """What stands in an address for each of them."""
        return {
            "submission_id": str(self.submission),
            "number": self.number,
            "request_id": str(self.request),
            "draft_id": self.draft,
            "file_id": self.file,
            "key_id": self.key,
        }

    def opened(self) -> str:
        """Open a draft; return its identifier."""
        answer = self.body.send("POST", DRAFTS, self.world.file(), headers=JSON)
        return str(answer.json["id"])

    def work(self) -> None:
        """Let a worker do all there is."""
        installation = installation_of(self.world, self._folder, self.world.personal)
        worker = Drafting(installation, worker="worker", now=lambda: NOON)
        while list(worker.batches()):
            pass

    def _spare_key(self) -> str:
        key = holder_key("a spare access key")
        self.world.enrol(self.world.bodies[BODY].actor, key, Purpose.ACCESS)
        return key.key_id.hex()


def chief_of(world: World, issuer: str = BODY) -> str:
    """Appoint a body's administrator; return the name of his key."""
    name = f"chief of {issuer}"
    world.holder(name, (Role.BODY_ADMINISTRATOR, issuer), purpose=Purpose.ADMINISTRATION)
    return name
