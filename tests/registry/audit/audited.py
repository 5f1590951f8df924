"""A world with all that a check holds it against: charter, secrets, trust bundle, public files, a chained journal."""

from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, select, update

from keys.signer.file_signer import FileSigner
from keys.signer.journal import SignerJournal
from keys.status_file import StatusMemory
from keys.trust_bundle import write_trust_keys, write_trust_names
from keys.trust_changes import NO_DAY
from keys.trust_home import TrustHome
from registry.assessment.tables import Result
from registry.audit.evidence import Places
from registry.certificate.approved import unfinished_submissions
from registry.certificate.lifecycle import Reason, reinstate, revoke, suspend, void
from registry.database.engine import open_engine
from registry.database.sessions import Sessions
from registry.directory.overview import names_for_bundle
from registry.foundation.charter import write_charter
from registry.intake.submission import PersonalKeys, submit
from registry.intake.withdrawal import withdraw
from registry.journal.sequencer import chain_events
from registry.jurisdiction.rules import jurisdictions
from registry.people.accounts import Purpose
from registry.people.body_keys import NewKey, register_key, revoke_body_key
from registry.people.permission import Role
from registry.personal_data import Matcher, Sealer, create_secret, read_secret
from registry.publication.public_files import STATUS, TRUST_KEYS, TRUST_NAMES, write_public_file
from registry.publication.status_payload import compose_status
from registry.request.asking import withdraw_request
from registry.request.deciding import decline, grant, grant_correction
from registry.request.kinds import RequestKind
from signing.cose import Kind, key_id
from signing.custody import CUSTODIAN
from signing.root import Root
from signing.statement import Level
from signing.trust import KeyEntry, TrustNames
from signing.verdict import CLOCK_TOLERANCE
from tests.instants import NOON, THAT_DAY
from tests.registry.log.logged_world import LoggedWorld
from tests.registry.request_world import asked, representative
from tests.registry.world import (
    BODY,
    ENVIRONMENT,
    LAST_ON,
    OTHER_BODY,
    PROFILE,
    World,
    private_key,
)

LATER = NOON + 2 * CLOCK_TOLERANCE
"""When the status is made: what happens afterwards differs from it for a reason."""
AFTERWARDS = LATER + CLOCK_TOLERANCE


@dataclass
class Audited:
    """A world, its database, and where what is not in its database lies."""

    world: World
    engine: Engine
    places: Places
    logged: LoggedWorld | None = None

    def put_down(self, folder: Path) -> None:
        """Close the database and leave the world in its folder, for others to take up."""
        self.engine.dispose()
        self.world.journal.close()
        _put_down[folder.name] = self.world

    @classmethod
    def taken_up(cls, folder: Path) -> "Audited":
        """Take up a world from a copy of its folder."""
        engine = open_engine(f"sqlite:///{folder / 'register.sqlite3'}")
        (original,) = _put_down.values()
        world, places = copy(original), places_in(folder)
        world.sessions, world.journal = Sessions(engine), SignerJournal.open(places.signer_journal)
        return cls(world, engine, places, LoggedWorld.taken_up(world, folder))

    @property
    def root(self) -> Root:
        """The pinned root: two of two."""
        publics = [signer.public for signer in self._signers("root")]
        return Root(ENVIRONMENT, 1, 2, tuple(publics))

    def _signers(self, whose: str) -> list[FileSigner]:
        private = [private_key(f"{whose} {place}") for place in (1, 2)]
        return [FileSigner(key, key.public_key().public_bytes_raw()) for key in private]

    def publish(self, *, now: datetime = LATER) -> None:
        """Sign the world's trust bundle and status, keep both, and write the public tree."""
        home = TrustHome(self.places.trust_folder, self.root)
        signers = {"root": self.root, "root_signers": self._signers("root"), "now": now}
        previous = home.trust_keys()
        expires_at = now + timedelta(days=365)
        public = private_key("status").public_key().public_bytes_raw()
        custodians = self._signers("custodian")
        kinds = [(str(Kind.STATUS), public), *((CUSTODIAN, signer.public) for signer in custodians)]
        more = [KeyEntry(kind, public_key, 0, 0, NO_DAY) for kind, public_key in kinds]
        draft = replace(self.world.trust, keys={**self.world.trust.keys, **{key.key_id: key for key in more}})
        data = write_trust_keys(draft, previous=previous, expires_at=expires_at, **signers)
        trust = home.keep_keys(data)
        found = self.world.sessions.read(lambda session: names_for_bundle(session, PROFILE.code))
        names = TrustNames(ENVIRONMENT, 0, now, found.issuers, found.occupations, found.directions)
        home.keep_names(
            write_trust_names(
                names, previous=home.trust_names(), trust=trust, custodian_signers=custodians, now=now
            )
        )
        for name, path in ((TRUST_KEYS, home.keys_path), (TRUST_NAMES, home.names_path)):
            write_public_file(self.places.public_dir, name, path.read_bytes())
        memory = StatusMemory(self.places.status_memory)
        last = memory.last()
        status = self.world.sessions.read(
            lambda session: compose_status(
                session,
                environment=ENVIRONMENT,
                trust_keys_version=trust.version,
                previous=last.version if last else 0,
                now=now,
            )
        )
        signer = FileSigner(private_key("status"), public)
        write_public_file(
            self.places.public_dir, STATUS, memory.sign(status.to_payload(), signer, trust=trust)
        )

    def go_on(self) -> None:
        """Number, sign and release what waits, after the status was made."""
        world = self.world
        for submission in world.sessions.read(unfinished_submissions):
            world.number(submission, now=AFTERWARDS)
        world.sign(now=AFTERWARDS)
        self.grow(at=AFTERWARDS)
        world.release(now=AFTERWARDS)

    def begin_log(self, *, at: datetime = NOON) -> None:
        """Begin a public log, as one that goes on from a register at work, and tell it everything."""
        self.logged = LoggedWorld.begun(self.world, self.places.signer_journal.parents[1])
        self.grow(at=at)

    def grow(self, *, at: datetime) -> None:
        """Let the public log grow, if there is one."""
        if self.logged is not None:
            self.logged.clock.at = at
            self.logged.grow(most=20)

    def chain(self) -> None:
        """Give every event its place."""
        while chain_events(self.world.sessions):
            pass


# People and keys of a world are values in memory; one life is put down in each process.
_put_down: dict[str, World] = {}


def places_in(folder: Path) -> Places:
    """Return where a world keeps its files."""
    return Places(
        environment=ENVIRONMENT,
        data_key_file=folder / "secrets" / "data.key",
        lookup_key_file=folder / "secrets" / "lookup.key",
        root_file=folder / "root.json",
        trust_folder=folder / "trust",
        status_memory=folder / "status" / "last",
        signer_journal=folder / "signer" / "journal.txt",
        public_dir=folder / "public",
        log_memory=folder / "log" / "memory",
    )


def founded(engine: Engine, folder: Path) -> Audited:
    """Return a world with charter, secrets and root that has done nothing yet."""
    world, places = World(Sessions(engine), folder), places_in(folder)
    for file in (places.data_key_file, places.lookup_key_file):
        create_secret(file)
    data_key, lookup_key = read_secret(places.data_key_file), read_secret(places.lookup_key_file)
    world.personal = PersonalKeys(Sealer(data_key), Matcher(lookup_key))
    charter = {"environment": ENVIRONMENT, "identity_recipient": "age1", "now": NOON}
    world.sessions.run(
        lambda session: write_charter(session, data_key=data_key, lookup_key=lookup_key, **charter)
    )
    audited = Audited(world, engine, places)
    places.root_file.write_text(audited.root.to_json(), "utf-8")
    return audited


def lived(engine: Engine, folder: Path) -> Audited:
    """Return a world in which every kind of act was done, some things are still on their way, all is published."""
    audited = founded(engine, folder)
    world = audited.world
    world.open_epoch(1, 12)
    world.open_epoch(13, 500)
    numbers = world.issued(*[world.row(place, level=level) for place, level in enumerate(LEVELS, 1)])
    _act(world, suspend, numbers[0])
    _act(world, suspend, numbers[1])
    _act(world, reinstate, numbers[1])
    _act(world, revoke, numbers[2])
    _correct(world)
    _return_some(world)
    _withdraw_some(world)
    _ask_some(world, [numbers[1], *world.issued(*world.rows(3))])
    world.issued(*world.rows(9), issuer=OTHER_BODY)
    _turn_keys(world)
    audited.begin_log()
    _stop_on_the_way(world)
    audited.grow(at=NOON)
    audited.publish(now=NOON - timedelta(seconds=1))
    audited.publish()
    audited.grow(at=LATER)
    return audited


LEVELS = [level.name.lower() for level in Level]


def _act(world: World, act, number: str) -> None:
    world.sessions.run(lambda session: act(session, world.registrar, number, Reason.EXAM_FRAUD, now=NOON))


def _correct(world: World) -> None:
    """Correct one certificate, and leave the correction of another one signed, behind a suspension."""
    first, second = world.row(1), world.row(2)
    numbers = world.issued(first, second)
    world.issued({**first, "name": first["name"] + "子", "corrects": numbers[0], "reason": "姓名有误"})
    submission = world.reviewed(
        {**second, "row": 1, "name": "王五", "corrects": numbers[1], "reason": "姓名有误"}
    )
    world.number(submission)
    _act(world, suspend, numbers[1])
    world.sign()
    world.release()


def _return_some(world: World) -> None:
    """Return a row at two steps, and a whole submission; one person failed."""
    said = {"training_certificate": "连理工培〔2026〕0017", "training_hours": 160}
    submission = world.checked(
        *world.rows(3, **said),
        world.row(4),
        world.row(5, theory="absent", practice="absent"),
    )
    world.decide(submission, {1: "姓名不清"})
    world.decide(submission, {3: "照片不符"})
    world.decide(submission)
    world.number(submission)
    world.sign()
    world.release()
    late = {"exam_started_on": "2026-10-10", "exam_ended_on": "2026-10-11", "late_reason": "系统故障"}
    world.decide(world.checked(*world.rows(2), **late), {1: "重复", 2: "重复"})


def _turn_keys(world: World) -> None:
    """Let a body's administrator register an access key, a second one, and revoke the first; the operator one more."""
    chief = world.holder("密钥管理员", (Role.BODY_ADMINISTRATOR, BODY), purpose=Purpose.ADMINISTRATION).actor
    days = {"valid_from_on": THAT_DAY, "valid_to_on": LAST_ON}
    publics = [private_key(f"access {place}").public_key().public_bytes_raw() for place in range(3)]
    for public in publics:
        new = NewKey(public=public, purpose=Purpose.ACCESS, **days)
        world.sessions.run(partial(register_key, actor=chief, issuer=BODY, new=new, now=NOON))
    first, _, third = map(key_id, publics)
    world.sessions.run(
        partial(revoke_body_key, actor=chief, issuer=BODY, key_id=first, confirm_last=False, now=NOON)
    )
    world.revoke(third)


def _withdraw_some(world: World) -> None:
    """Withdraw what waits for its ID checks, some of which are made; replace what waits for the province."""
    submission = world.submitted(*world.rows(2))
    first = select(Result.id).where(Result.submission_id == submission, Result.row == 1)
    result, check = world.all(first)[0], 7
    world.tamper(update(Result).where(Result.id == result).values(id_check=check))
    withdraw(world.sessions, representative(world), submission, "场次有误", now=NOON)
    old = world.checked(*world.rows(2))
    submit(
        world.sessions,
        world.signed(world.file(*world.rows(2), replaces=str(old))),
        world.personal,
        jurisdictions(),
        environment=ENVIRONMENT,
        now=NOON,
        replaces=old,
    )


def _ask_some(world: World, numbers: list[str]) -> None:
    """Ask for acts on certificates: of one each is granted, declined, taken back, and left open; one correction."""
    sessions, registrar = world.sessions, world.registrar
    revocation = asked(world, numbers[1])
    grant(sessions, registrar, revocation.id, Reason.ISSUED_IN_ERROR, now=NOON, answer="已核实")
    decline(sessions, registrar, asked(world, numbers[2]).id, "证书无误", now=NOON)
    taken_back = asked(world, numbers[2], RequestKind.SUSPEND)
    withdraw_request(sessions, representative(world), taken_back.id, now=NOON)
    asked(world, numbers[3])
    correction, row = asked(world, numbers[3], RequestKind.CORRECT), world.row(1)
    bringing = world.submitted({**row, "corrects": numbers[3], "reason": "职业方向有误"})
    grant_correction(sessions, registrar, correction.id, bringing, now=NOON)


def _stop_on_the_way(world: World) -> None:
    """Leave something at each stage: received, under review, approved, numbered, signed; and two voided numbers."""
    world.numbered(*world.rows(3))
    entries = [entry.entry for entry in world.entries() if entry.status == "numbered"]
    world.sessions.run(
        lambda session: void(session, world.registrar, entries[0], Reason.ISSUED_IN_ERROR, now=NOON)
    )
    world.sign()
    world.sessions.run(
        lambda session: void(session, world.registrar, entries[1], Reason.ISSUED_IN_ERROR, now=NOON)
    )
    world.numbered(*world.rows(2))
    world.reviewed()
    world.decide(world.checked(*world.rows(2)))
    world.submitted(*world.rows(2), issuer=OTHER_BODY)
