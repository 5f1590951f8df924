"""The demo's cast: invented accounts with their keys, and the settings of a throw-away register."""

import os
import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from uuid import UUID

from sqlalchemy import make_url
from sqlalchemy.orm import Session

from keys.custodians import CustodianMedium
from keys.holder_key import HolderKey
from keys.roots import RootMedium
from registry.certificate.numbering import Scope
from registry.civil_time import civil_date
from registry.database.migrate import tables_in
from registry.directory.overview import overview
from registry.operator.demo_candidates import DemoBody
from registry.operator.desk import Desk
from registry.operator.errors import NotForDemo
from registry.operator.registrar_key import open_in_person, open_registrar_key, registrar_key_path
from registry.operator.roster_ceremony import renew_roster
from registry.people.accounts import Purpose, create_account, enrol_key
from registry.people.permission import NATIONAL, Actor, Role
from registry.settings import KeyBackend, Settings, load_settings
from signing.evidence import Step
from signing.statement import Level

MARKER = ".certreg-demo"
PROVINCE = "21"


@dataclass(frozen=True, slots=True)
class Office:
    """An invented person or system with the key he signs with."""

    account: UUID
    key: HolderKey


@dataclass(frozen=True, slots=True)
class Hand:
    """One body as it hands in: its issuer key, its site, its system's key."""

    body: DemoBody
    issuer: str
    site: str
    office: Office


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who acts in the demo, and the media with the root keys and the custodian keys."""

    hands: tuple[Hand, ...]
    reviewers: dict[Step, Office]
    media: tuple[RootMedium, ...]
    custodian_media: tuple[CustodianMedium, ...]


def demo_settings(folder: Path) -> Settings:
    """Return settings that keep everything in one folder; CERTREG_DATABASE_URL and the prefix may be chosen."""
    chosen = load_settings(os.environ)
    database_url = chosen.database_url
    if "CERTREG_DATABASE_URL" not in os.environ:
        database_url = f"sqlite:///{folder / 'register.sqlite3'}"
    return replace(
        chosen,
        database_url=database_url,
        environment="demo",
        public_dir=folder / "public",
        keys_dir=folder / "keys",
        key_identity_file=folder / "secrets" / "identity.txt",
        data_key_file=folder / "secrets" / "data.key",
        lookup_key_file=folder / "secrets" / "lookup.key",
        work_dir=folder / "work",
        # A token that holds the keys of a register in earnest must not get any of the demo's.
        key_store=KeyBackend.FILES,
        root_file=folder / "trusted-root.json",
        # Nor must a witness in earnest see its tree.
        witness_dir=folder / "witness",
        witnesses=(),
    )


def require_own_database(settings: Settings, folder: Path) -> None:
    """Raise ``NotForDemo`` if the database that was chosen for the demo holds anything.

    One within the demo's own folder goes with the folder, so it may be there from the last time.
    """
    address = make_url(settings.database_url)
    if address.get_backend_name() == "sqlite":
        file = Path(address.database or "")
        if file.exists() and not file.resolve().is_relative_to(folder.resolve()):
            raise NotForDemo(
                str(file), "that file exists; name a new one in CERTREG_DATABASE_URL, or leave it out"
            )
        return
    if tables_in(settings.database_url):
        place = address.render_as_string(hide_password=True)
        raise NotForDemo(
            place, "that database is not empty; make an empty one for it, or leave the variable out"
        )


def clear_stage(folder: Path) -> None:
    """Make an empty demo folder; an earlier demo there is removed, anything else is refused (``NotForDemo``)."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).exists():
            raise NotForDemo(
                str(folder), "it is not empty, and no demo made it; choose another with --folder"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("made by `certreg demo`; the next demo removes this folder\n", "utf-8")


def root_media(desk: Desk, folder: Path) -> tuple[RootMedium, ...]:
    """Return three folders that stand for three media; in earnest they lie in three places."""
    return tuple(RootMedium(folder / f"root-{place}", desk.custody.identity) for place in (1, 2, 3))


def custodian_media(desk: Desk, folder: Path) -> tuple[CustodianMedium, ...]:
    """Return two folders that stand for the media of two custodians."""
    return tuple(CustodianMedium(folder / f"custodian-{place}", desk.custody.identity) for place in (1, 2))


def engage(desk: Desk, folder: Path) -> Cast:
    """Make the accounts, enrol their keys, open the series that the demo needs, let two custodians sign the roster."""
    keys = folder / "holder-keys"
    reviewers = {
        Step.PROVINCE: _office(desk, keys, "省级审核人（虚构）", Role.PROVINCE_REVIEWER, f"CN-{PROVINCE}"),
        Step.CENTRE: _office(desk, keys, "中心初核人（虚构）", Role.CENTRE_REVIEWER, NATIONAL),
        Step.OFFICE: _office(desk, keys, "办公室审核人（虚构）", Role.OFFICE_REVIEWER, NATIONAL),
    }
    hands = tuple(_hand(desk, keys, body) for body in DemoBody)
    _open_series(desk, hands, civil_date(desk.now()))
    custodians = custodian_media(desk, folder / "custodian-media")
    renew_roster(desk.installation, desk.custody, custodians, now=desk.now())
    return Cast(hands, reviewers, root_media(desk, folder / "root-media"), custodians)


def _hand(desk: Desk, keys: Path, body: DemoBody) -> Hand:
    found = desk.installation.sessions.read(overview)
    item = next(item for item in found.bodies if item.body.name == body)
    site = next(site.code for site in item.sites if site.province == PROVINCE)
    issuer = item.body.issuer
    return Hand(body, issuer, site, _office(desk, keys, f"{body}报送系统（虚构）", Role.SUBMITTER, issuer))


def _office(desk: Desk, keys: Path, name: str, role: Role, scope: str) -> Office:
    now = desk.now()
    today = civil_date(now)
    key = HolderKey.create(keys / f"{role}-{scope}.age", desk.custody.identity, now=now)
    purpose = Purpose.SUBMISSION if role is Role.SUBMITTER else Purpose.DECISION

    def act(session: Session) -> Actor:
        actor = create_account(session, name, {(role, scope)}, now=now)
        last = date(today.year + 3, today.month, 1)
        enrol_key(session, actor, key.public, purpose, valid_from_on=today, valid_to_on=last, now=now)
        return actor

    return Office(desk.installation.sessions.run(act).account_id, key)


def _open_series(desk: Desk, hands: tuple[Hand, ...], today: date) -> None:
    key = open_registrar_key(registrar_key_path(desk.settings), desk.custody.identity)
    for hand in hands:
        for level in Level:
            scope = Scope(hand.issuer, PROVINCE, hand.site, today.year, level)
            open_in_person(desk.installation, desk.actor, key, scope, now=desk.now())
