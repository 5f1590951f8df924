"""A founded register with keys in files, and an operator who keeps approved submissions coming.

Founding and intake are the register's own acts, so the full check finds it clean. One thing is invented: ID checks are
written in by chance, for each costs a fortieth of a second on purpose, and the review confirms them as they stand.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from keys.custodians import add_custodian_keys
from keys.epochs import add_status_key, open_epoch
from keys.roots import create_roots, write_pinned_root
from keys.signer.journal import SignerJournal
from keys.trust_changes import first_draft
from registry.assessment.reading import JSON_MEDIA_TYPE
from registry.assessment.tables import Result
from registry.civil_time import civil_date
from registry.intake.id_checks import compute_id_checks
from registry.intake.submission import HandedIn, claim_for, submit
from registry.operator.ceremony import renew_names, tell_register_of_epochs
from registry.operator.demo_cast import (
    PROVINCE,
    Cast,
    Hand,
    custodian_media,
    demo_settings,
    engage,
    root_media,
)
from registry.operator.desk import Desk
from registry.operator.founding import found_register
from registry.operator.offline_files import signed_keys
from registry.operator.submission_commands import sign_and_decide
from registry.settings import Settings
from signing.cose import Kind
from signing.evidence import Step
from tests.registry.assessment import submissions

OCCUPATIONS = ("2-02-10-11", "2-02-10-15")
LEVELS = ("junior", "intermediate", "senior")
A_YEAR, HALF_A_YEAR = timedelta(days=365), timedelta(days=183)

FIRST_EPOCH, SECOND_EPOCH = 3_000, 5_000_000
"""The first epoch ends early in a run, so that batches are cut at its end; the second one never does."""

SALT = bytes(range(16))


@dataclass
class Ground:
    """A register, its cast, and its operator's desk."""

    desk: Desk
    cast: Cast
    chance: Random
    _people: Iterator[int] = field(default_factory=lambda: count(1))

    def approve(self, rows: int) -> UUID:
        """Hand in and confirm a submission of so many new people; return it, approved."""
        hand, occupation = self.chance.choice(list(zip(self.cast.hands, OCCUPATIONS, strict=True)))
        submission = self._submit(hand, self._form(hand, occupation, rows))
        self._give_id_checks(submission)
        for step in Step:
            sign_and_decide(self.desk, submission, self.cast.reviewers[step].key, {})
        return submission

    def _submit(self, hand: Hand, form: dict[str, Any]) -> UUID:
        installation, environment = self.desk.installation, self.desk.settings.environment
        content = json.dumps(form, ensure_ascii=False).encode()
        claim = claim_for(content, JSON_MEDIA_TYPE, issuer=hand.issuer)
        signature = hand.office.key.sign_claim(
            claim.to_bytes(), kind=Kind.SUBMISSION, environment=environment, detached=True
        )
        handed_in = HandedIn(content, JSON_MEDIA_TYPE, signature)
        receipt = submit(
            installation.sessions,
            handed_in,
            installation.personal,
            installation.jurisdictions,
            environment=environment,
            now=self.desk.now(),
        )
        return receipt.submission_id

    def _form(self, hand: Hand, occupation: str, rows: int) -> dict[str, Any]:
        today = civil_date(self.desk.now()).isoformat()
        exam = {"exam_started_on": today, "exam_ended_on": today}
        place = {"issuer": hand.issuer, "site": hand.site, "province": PROVINCE}
        return submissions.form(
            *(self._row(number, occupation) for number in range(1, rows + 1)), **place, **exam
        )

    def _row(self, number: int, occupation: str) -> dict[str, Any]:
        person = next(self._people)
        what = {"occupation": occupation, "direction": None, "level": self.chance.choice(LEVELS)}
        return submissions.row(number, id_number=submissions.resident_id(person), **what)

    def _give_id_checks(self, submission: UUID) -> None:
        sessions = self.desk.installation.sessions

        def act(session: Session) -> None:
            ids = session.scalars(select(Result.id).where(Result.submission_id == submission))
            rows = [{"result": one, "check": self.chance.randrange(4096)} for one in ids]
            session.connection().execute(_GIVE_ID_CHECK, rows)

        sessions.run(act)
        sealer = self.desk.installation.personal.sealer
        # Nothing is left to be computed: this begins the review.
        compute_id_checks(sessions, sealer, SALT, submission, now=self.desk.now(), progress=lambda _: None)


_GIVE_ID_CHECK = (
    update(Result.__table__).where(Result.id == bindparam("result")).values(id_check=bindparam("check"))
)


@contextmanager
def founded(folder: Path, *, database_url: str | None, chance: Random) -> Iterator[Ground]:
    """Found a register in a folder; ``database_url`` is ``None`` for an SQLite file in it."""
    settings = replace(
        demo_settings(folder), database_url=database_url or f"sqlite:///{folder / 'register.sqlite3'}"
    )
    desk = Desk(settings)
    try:
        found_register(desk, registrar="登记员（虚构）")
        _found_keys(desk, folder)
        yield Ground(desk, engage(desk, folder), chance)
    finally:
        desk.close()


def _found_keys(desk: Desk, folder: Path) -> None:
    """Found the keys as the operator's ceremony does, but with two epochs, of which the first one is short."""
    installation, custody, now = desk.installation, desk.custody, desk.now()
    media, settings = root_media(desk, folder / "root-media"), desk.settings
    root = create_roots(media, environment=settings.environment, now=now)
    write_pinned_root(settings.root_file, root)
    SignerJournal.create(custody.journal_path).close()
    layouts = installation.profiles.layouts
    draft = first_draft(settings.environment, salt=SALT, profiles=layouts, now=now)
    custodians = custodian_media(desk, folder / "custodian-media")
    draft = add_custodian_keys(draft, custodians, now=now)
    draft = add_status_key(draft, custody.store, custody.identity, now=now)
    for entries in (FIRST_EPOCH, SECOND_EPOCH):
        last_on = civil_date(now + HALF_A_YEAR)
        draft = open_epoch(
            draft, custody.store, custody.identity, last_on=last_on, now=now, entries=entries, ahead=True
        )
    custody.home.keep(signed_keys(custody, draft, None, custody.root_signers(media), now=now))
    tell_register_of_epochs(installation, custody, desk.actor, now=now)
    renew_names(installation, custody, custodians, now=now)


def write_settings(settings: Settings, path: Path) -> None:
    """Write the settings down for the issuers, which open everything themselves."""
    path.write_text(json.dumps(settings.to_environ()), "utf-8")
