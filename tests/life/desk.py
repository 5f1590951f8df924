"""The desk at which a life is lived: one register with its people, the notebook, and what goes wrong between them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from keys.errors import JournalUnavailable, KeysError
from keys.signer.journal import SignerJournal
from registry.assessment.errors import SubmissionRefused
from registry.audit.check import check_database
from registry.audit.evidence import Evidence
from registry.certificate.issuance import Memory
from registry.certificate.lifecycle import Status
from registry.database.errors import CommitUnknown
from registry.database.sessions import Sessions
from registry.directory.profiles import NumberProfile, Profiles
from registry.errors import RegistryError
from registry.journal.tables import Event
from tests.instants import NOON
from tests.life import laws
from tests.life.cast import REVIEWS, gather
from tests.life.comparison import Register, require_said, require_same
from tests.life.foretelling import Foretold
from tests.life.notebook import LEVEL_DIGITS, SITES, Notebook, series_key
from tests.life.register_place import Place
from tests.life.troubles import Ending, Killed, Trouble, Troublemaker
from tests.registry.world import ENVIRONMENT, PROFILE, World

Refusal = RegistryError | KeysError
TORN = b"6 0123456789abcdef"


@dataclass
class Tally:
    """What was lived through, over all lives: steps, acts and refusals by name, troubles that struck.

    ``ends`` counts how entries ended, first versions and corrections (true) apart, ``years`` their years of issue;
    ``reinstated`` how many steps saw an entry that waited for the release of its lifted suspension.
    """

    lives: int = 0
    steps: int = 0
    reinstated: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    troubles: Counter[Trouble] = field(default_factory=Counter)
    ends: Counter[tuple[str, bool]] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)


def profile_with(digits: int) -> NumberProfile:
    """Return the issuing profile with so many digits for the serial, so that a series can be used up."""
    *others, serial = PROFILE.layout.fields
    layout = replace(PROFILE.layout, fields=(*others, replace(serial, width=digits)))
    return replace(PROFILE, layout=layout)


class Desk:
    """One life's register and notebook; every act passes through ``perform``."""

    def __init__(self, place: Place, folder: Path, tally: Tally, *, digits: int = 6) -> None:
        place.make_fresh()
        self._place, self._tally = place, tally
        self._journal_file = folder / "signer" / "journal.txt"
        self._trouble = Troublemaker(place.engine)
        self._seen = laws.Seen()
        self._published = 0
        self._open()
        self.world = World(self.sessions, folder)
        self.world.trust = replace(self.world.trust, profiles={PROFILE.code: profile_with(digits).layout})
        self.profile = profile_with(digits)
        self.profiles = Profiles({PROFILE.code: self.profile}, self.profile)
        self.cast = gather(self.world)
        told = self.sessions.read(lambda session: session.scalar(select(func.count()).select_from(Event)))
        self.book = Notebook(NOON, digits, told or 0)
        for issuer in SITES:
            self.book.open_series |= {series_key(issuer, 2026, level): 0 for level in LEVEL_DIGITS}

    def _open(self) -> None:
        self.sessions = Sessions(self._place.engine, sleep=lambda seconds: None)
        self.memories = [Memory(), Memory()]

    def restart(self, *, torn: bool = False) -> None:
        """Forget all that a process holds, and open everything anew; ``torn``: a line of the journal was begun."""
        self.close()
        if torn:
            with self._journal_file.open("ab") as journal:
                journal.write(TORN)
        self._open()
        self.world.sessions = self.sessions
        self.world.journal = SignerJournal.open(self._journal_file)

    def close(self) -> None:
        """End the process: its connections, its journal."""
        self._place.disconnect()
        self.world.journal.close()

    def end(self) -> None:
        """End the life: the register's own check of everything finds nothing either."""
        try:
            self._check_with_its_own_check()
        finally:
            self.close()
        for version in self.book.versions:
            self._tally.ends[version.status, version.version > 1] += 1
            self._tally.years[version.issued_on.year] += 1

    # Acting.

    def perform(
        self,
        name: str,
        foretell: Callable[[], Foretold],
        act: Callable[[], Any],
        trouble: Trouble | None = None,
        *,
        idempotent: bool = True,
    ) -> Any:
        """Act; hold answer or refusal, and what a trouble left behind, against what was foretold.

        Returns the answer, or the error. ``idempotent``: an answer that got lost is asked for again by the register
        itself; else whoever acted is told that it is not known.
        """
        foretold = foretell()
        stand = None if trouble is None else trouble.place(foretold)
        with self._trouble.making(None if stand is None else trouble):
            got = _attempt(act)
        self._tally.acts[name] += 1
        if trouble is None or stand is None or not self._has_struck(got):
            self._settle(name, foretold, got)
            return got
        self._tally.troubles[trouble] += 1
        for moment in foretold.moments[:stand]:
            moment.effect()
        if trouble.ending is not Ending.LOST:
            self.restart()
        elif idempotent:
            self._settle(name, foretell(), got)
        else:
            assert type(got) is CommitUnknown, (name, got)
        return got

    def try_in_vain(self, act: Callable[[], Any], trouble: Trouble | None) -> None:
        """Act under a trouble of which only what comes after it is looked at; then begin anew."""
        if trouble is not None:
            with self._trouble.making(trouble):
                _attempt(act)
            self._tally.troubles[trouble] += self._trouble.struck
            self.restart()

    def _has_struck(self, got: Any) -> bool:
        return self._trouble.struck or isinstance(got, Killed | JournalUnavailable)

    def _settle(self, name: str, foretold: Foretold, got: Any) -> None:
        for moment in foretold.moments:
            moment.effect()
        if foretold.refusal is None:
            assert got == foretold.answer, (name, got, foretold)
            return
        assert type(got) is foretold.refusal, (name, got, foretold)
        self._tally.refusals[foretold.refusal.__name__] += 1
        if isinstance(got, SubmissionRefused):
            found = {(fault.row, fault.code) for fault in got.faults}
            assert found == foretold.faults, (name, found, foretold)

    # Looking.

    def check(self) -> None:
        """Hold the register against the notebook and against every law."""
        register = self.sessions.read(
            lambda session: Register.read(session, previous=self._published, now=self.book.now)
        )
        assert register.status.version > self._published
        self._published = register.status.version
        self._tally.reinstated += any(row.status == Status.REINSTATED for row in register.entries)
        require_same(register, self.book)
        require_said(register.entries[len(self._seen.given) :], self.book, self.profile)
        self._check_laws(register)

    def _check_laws(self, register: Register) -> None:
        seen, book = self._seen, self.book
        laws.series_and_entries_are_dense(register)
        laws.one_result_one_entry_one_version_in_force(register)
        laws.one_person_one_certificate(register)
        laws.what_was_given_never_changes(register, seen)
        laws.tokens_are_over_the_stored_bytes(register, seen, self.world.trust)
        laws.three_people_confirmed(register, seen, self._keys)
        laws.states_are_the_sum_of_events(register, seen)
        laws.the_chain_holds(register, seen, chained=book.chained)
        size = self._journal_file.stat().st_size
        laws.the_signer_knows_one_content_for_each_entry(
            register, seen, self.world.journal, book.recorded, size=size
        )

    def _check_with_its_own_check(self) -> None:
        world = self.world
        evidence = Evidence(
            ENVIRONMENT,
            self.profiles,
            trust=world.trust,
            sealer=world.personal.sealer,
            matcher=world.personal.matcher,
        )
        report = self.sessions.read(lambda session: check_database(session, evidence))
        assert [finding.text for finding in report.findings] == []

    @property
    def _keys(self) -> dict[Any, bytes]:
        deciders = (self.cast.deciders[name] for name in REVIEWS)
        return {holder.actor.account_id: holder.key.public for holder in deciders}


def _attempt(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except (Killed, RegistryError, KeysError) as error:
        return error
