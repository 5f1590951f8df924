"""One issuer: a process that numbers, signs and releases until it is killed.

It opens settings, database and keys for itself, shares no memory with its fellows but the supply, and knows of no
kill: whatever it was at is found again by the others from the register's state. It outlives a database that is busy
or away, as a worker does, and nothing else.
"""

import ctypes
import json
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from uuid import UUID

from sqlalchemy import bindparam, func, select

from keys.signer import BatchSigner
from registry.assessment.tables import Result
from registry.certificate.approved import WAITS_FOR_NUMBER
from registry.certificate.issuance import BATCH, Memory, number_together
from registry.certificate.release import release_signed
from registry.certificate.signature import sign_numbered
from registry.certificate.tables import Certificate, Entry
from registry.database.errors import NotReached, RegisterBusy
from registry.journal.sequencer import chain_events
from registry.journal.tables import Event
from registry.operator.desk import Desk
from registry.settings import load_settings
from tests.stress.acknowledgement import Acknowledged, Act, Given, Notebook
from tests.stress.supply import Supply

SETTINGS, SUPPLY, NOTES = "settings.json", "supply", "notes"

LAWFUL = (RegisterBusy, NotReached)
"""What may be refused while the database is contended, or away. Anything else ends the issuer, and the run says so."""

POOLED = 0.125
"""How many issuers sign large batches in processes of their own."""

SIGNS, RELEASES, CHAINS = 0.4, 0.6, 0.1
"""In how many of its turns an issuer signs, releases, and gives events their places; it numbers in each."""

TOGETHER, NICE = 4, 5
IDLE_SECONDS, LONGEST_PAUSE_SECONDS = 0.3, 0.5

_PR_SET_PDEATHSIG = 1

_LAST_EVENT = select(func.coalesce(func.max(Event.id), 0))
_DONE = select(Event.first_entry, Event.last_entry).where(
    Event.id > bindparam("after"), Event.act == bindparam("act"), Event.at == bindparam("at")
)
_GIVEN = (
    select(Entry.entry, Certificate.series_key, Certificate.serial, Entry.to_be_signed, Entry.token)
    .join(Certificate, Certificate.id == Entry.certificate_id)
    .where(Entry.entry.between(bindparam("first"), bindparam("last")))
)
_WAITS = (
    select(func.count())
    .select_from(Result)
    .outerjoin(Entry, Entry.result_id == Result.id)
    .where(Result.submission_id == bindparam("submission"), *WAITS_FOR_NUMBER)
)


def live(folder: Path, *, serial: int, slot: int, seed: int) -> None:
    """Issue until killed; the issuer dies with the process that forked it."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # Sixteen of them must keep neither the killer waiting, nor the database server, nor who brings new work.
    os.nice(NICE)
    chance = Random(f"{seed} {serial}")
    notebook = Notebook(folder / NOTES / f"{serial:06}.jsonl")
    supply = Supply(folder / SUPPLY)
    while True:
        try:
            issuer = Issuer(_desk(folder), notebook, supply, slot=slot, chance=chance)
            break
        except LAWFUL as refusal:
            _refused(refusal, notebook, chance)
    while True:
        try:
            issuer.turn()
        except LAWFUL as refusal:
            _refused(refusal, notebook, chance)


def _refused(refusal: Exception, notebook: Notebook, chance: Random) -> None:
    notebook.note_refusal(type(refusal).__name__)
    time.sleep(chance.uniform(0, LONGEST_PAUSE_SECONDS))


def _desk(folder: Path) -> Desk:
    return Desk(load_settings(json.loads((folder / SETTINGS).read_text("utf-8"))))


class Issuer:
    """Takes turns at the three acts, and writes down what each of them left in the register."""

    def __init__(self, desk: Desk, notebook: Notebook, supply: Supply, *, slot: int, chance: Random) -> None:
        self._notebook = notebook
        self._supply = supply
        self._slot = slot
        self._chance = chance
        self._sessions = desk.installation.sessions
        self._profiles = desk.installation.profiles
        self._environment = desk.settings.environment
        self._actor = desk.actor
        self._journal = desk.custody.journal
        self._trust = desk.custody.trust
        self._signers = _signers(desk, pooled=chance.random() < POOLED)
        self._memory = Memory()

    def turn(self) -> None:
        """Number a batch; sign, release and chain one if chance will have it."""
        offered = self._supply.choose(self._chance, self._chance.choice((1, 1, TOGETHER)))
        moved = self._number(offered) if offered else 0
        if self._chance.random() < SIGNS:
            moved += self._done(Act.SIGN, self._sign)
        if self._chance.random() < RELEASES:
            moved += self._done(Act.RELEASE, self._release)
        if self._chance.random() < CHAINS:
            moved += chain_events(self._sessions)
        if not moved:
            time.sleep(IDLE_SECONDS)

    def _number(self, offered: Mapping[int, UUID]) -> int:
        # Asked before, as whoever issues must: a database that knew less would be an old copy.
        known = {"signer": self._journal.last_entry()}

        def number(now: datetime) -> int:
            return number_together(
                self._sessions,
                self._actor,
                list(offered.values()),
                self._profiles.issuing,
                environment=self._environment,
                now=now,
                known_entries=known,
                memory=self._memory,
            )

        count = self._done(Act.NUMBER, number)
        if count < BATCH:
            self._close_finished(offered)
        return count

    def _sign(self, now: datetime) -> int:
        return sign_numbered(
            self._sessions,
            self._actor,
            self._signers,
            self._profiles,
            environment=self._environment,
            now=now,
            memory=self._memory,
        )

    def _release(self, now: datetime) -> int:
        return release_signed(self._sessions, self._actor, self._trust, now=now, memory=self._memory)

    def _close_finished(self, offered: Mapping[int, UUID]) -> None:
        for place, submission in offered.items():
            ((waiting,),) = self._sessions.rows(_WAITS, {"submission": submission})
            if not waiting:
                self._supply.close(place)

    def _done(self, act: Act, do: Callable[[datetime], int]) -> int:
        """Do an act and write down what it left; return how much it moved on."""
        ((after,),) = self._sessions.rows(_LAST_EVENT, {})
        now = _instant(self._slot)
        requested = time.monotonic_ns()
        count = do(now)
        acknowledged = time.monotonic_ns()
        if count:
            given = tuple(self._given(act, now, after))
            self._notebook.note(Acknowledged(act, requested, acknowledged, given))
        return count

    def _given(self, act: Act, now: datetime, after: int) -> Iterator[Given]:
        """Read back what the events of this act, which no other act has the instant of, say that it did."""
        for first, last in self._sessions.rows(_DONE, {"after": after, "act": act, "at": now}):
            for row in self._sessions.rows(_GIVEN, {"first": first, "last": last}):
                entry, series, serial, signed_bytes, token = row
                content = signed_bytes if act is Act.NUMBER else token
                yield Given(entry, series, serial, sha256(content or b"").hexdigest())


def _signers(desk: Desk, *, pooled: bool) -> Mapping[bytes, BatchSigner]:
    return desk.custody.certificate_signers(pooled=pooled)


def _instant(slot: int) -> datetime:
    """Return the present, with the slot for its last two digits: no two issuers ever act at the same instant."""
    now = datetime.now(UTC)
    return now - timedelta(microseconds=now.microsecond % 100 - slot)


def forked(folder: Path, *, serial: int, slot: int, seed: int) -> int:
    """Fork an issuer; return its process id. What ends it by itself is told on standard error."""
    pid = os.fork()
    if pid:
        return pid
    try:
        live(folder, serial=serial, slot=slot, seed=seed)
    finally:
        # Not a step back into the program that was forked, whatever happened.
        traceback.print_exc()
        os._exit(1)
