"""The demo's bodies at the API: their keys, and their road from a file to its receipt, as ``certreg-client`` goes it.

Whatever they do here goes over HTTP, signed with keys of their own; of the register they know its address. While one
waits for the register's worker, the demo lets the worker do its round.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from registry.civil_time import civil_date
from registry.client import Client, ClientKey, Draft, NotSubmitted, Transport, make_key
from registry.operator.demo_cast import Hand
from registry.operator.desk import Desk
from registry.operator.loopback_api import loopback_api
from registry.people.accounts import Purpose, create_account, enrol_key
from registry.people.permission import Role
from registry.work.drafting import Drafting

CONFIG: Final = "certreg-client.toml"
_KEYS: Final = ("administration", "access", "submission")


@dataclass(frozen=True)
class Bureau:
    """One body's office: its folder with its keys, and the client that its programs use."""

    hand: Hand
    folder: Path
    keys: dict[str, ClientKey] = field(repr=False)
    client: Client = field(repr=False)

    def key_ids(self) -> str:
        """Tell the body's keys by their ids."""
        return f"访问密钥 {self.keys['access'].key_id.hex()}，报送密钥 {self.keys['submission'].key_id.hex()}"

    def sign(self, draft: Draft) -> UUID:
        """Sign what was settled, wait for the receipt, and return the submission's id."""
        settled = self.client.settled(draft)
        self.client.drafts.sign(settled, self.keys["submission"])
        done = self.client.drafts.wait(draft.id)
        if done.submission_id is None:
            raise NotSubmitted(done.id, done.status, done.failure)
        return done.submission_id


class Town:
    """Where the bodies are: the API's address, and a worker that goes about while they wait."""

    def __init__(self, desk: Desk, folder: Path, url: str) -> None:
        self._desk = desk
        self._folder = folder
        self._url = url
        self._drafting = Drafting(desk.installation, worker="demo", now=desk.now)

    def settle(self, hand: Hand) -> Bureau:
        """Give a body its keys: the operator enrols its administrator's, he registers the others over the API."""
        folder = self._folder / hand.issuer
        now = self._desk.now()
        keys = {name: make_key(folder / f"{name}.pem", None, now=now) for name in _KEYS}
        first, last = _three_years(civil_date(now))
        self._enrol_administrator(hand, keys["administration"].public, first, last)
        administrator = self._client(keys["administration"]).keys
        for purpose in ("access", "submission"):
            administrator.register(keys[purpose], purpose, first_on=first, last_on=last)
        return Bureau(hand, folder, keys, self._client(keys["access"]))

    def _enrol_administrator(self, hand: Hand, public: bytes, first: date, last: date) -> None:
        now = self._desk.now()
        name, role = f"{hand.body}密钥管理员（虚构）", (Role.BODY_ADMINISTRATOR, hand.issuer)

        def act(session: Session) -> None:
            actor = create_account(session, name, {role}, now=now)
            purpose = Purpose.ADMINISTRATION
            enrol_key(session, actor, public, purpose, valid_from_on=first, valid_to_on=last, now=now)

        self._desk.installation.sessions.run(act)

    def _client(self, key: ClientKey) -> Client:
        environment = self._desk.settings.environment
        return Client(Transport(self._url, key, environment, now=self._desk.now, sleep=self._work))

    def _work(self, _seconds: float) -> None:
        """Let the register's worker do what there is to do, instead of waiting for one."""
        for _ in self._drafting.batches():
            pass


@contextmanager
def town(desk: Desk, folder: Path) -> Iterator[Town]:
    """Serve the API to the demo's bodies until the block ends; each keeps its keys in ``folder/ISSUER``."""
    with loopback_api(desk.installation, now=desk.now) as url:
        yield Town(desk, folder, url)


def write_configs(folder: Path, issuers: Sequence[str], url: str, environment: str) -> None:
    """Leave each body the settings of ``certreg-client``, for whoever wants to go on by hand."""
    for issuer in issuers:
        place = (folder / issuer).absolute()
        lines = [f'url = "{url}"', f'environment = "{environment}"']
        lines += [f'{name}_key = "{place / name}.pem"' for name in _KEYS]
        (place / CONFIG).write_text("\n".join(lines) + "\n", "utf-8")


def _three_years(today: date) -> tuple[date, date]:
    return today, date(today.year + 3, today.month, 1)
