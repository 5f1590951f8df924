"""What the bodies do at a desk: write files, sign them, hand them in, and hand them in again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from registry.intake.withdrawal import withdraw
from registry.people.representative import Representative
from tests.life.cast import SUBMITS
from tests.life.desk import Desk
from tests.life.foretold_intake import hand_in
from tests.life.foretold_intake import withdraw as foretell_withdrawal
from tests.life.notebook import SITES, File, Row
from tests.life.sketches import DIRECTIONS, LEVELS, pick
from tests.life.troubles import Killed, Trouble
from tests.registry.assessment.submissions import resident_id
from tests.registry.assessment.submissions import row as form_row

NOT_OURS = "X999900000000000000000"


class Writing:
    """The bodies at a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.book = desk, desk.book

    def hand_in(self, sketches: Sequence[Any], submitter: str, trouble: Trouble | None) -> None:
        """Write a file from sketches and hand it in."""
        rows: list[Row] = []
        for number, (level, whose, days, direction, which) in enumerate(sketches, 1):
            person = self._person(whose, which, {row.person for row in rows})
            dated = None if days is None else self.book.today + timedelta(days=days)
            passed = whose != "failed"
            rows.append(Row(number, person, _name(person), level, DIRECTIONS[direction], passed, dated))
        self.hand_in_file(self._file(rows, submitter), submitter, trouble)

    def hand_in_corrections(
        self, corrections: Sequence[tuple[int, str]], right_body: bool, trouble: Trouble | None
    ) -> None:
        """Correct certificates: what is right now, beside what was wrong."""
        numbers = self.book.numbers()
        chosen = {pick(numbers, which): what for which, what in corrections}
        issuers = sorted(SITES)
        issuer = self.book.versions_of(next(iter(chosen)))[0].submission.file.issuer
        submitter = issuer if right_body else issuers[issuers.index(issuer) - 1]
        rows = [
            self._corrected(place, number, what) for place, (number, what) in enumerate(chosen.items(), 1)
        ]
        self.hand_in_file(self._file(rows, submitter), submitter, trouble)

    def hand_in_file(self, file: File, submitter: str | None, trouble: Trouble | None) -> None:
        """Hand in a file; if the register dies over it, hand it in again, and get the receipt that was missed."""
        desk = self.desk
        submitter = submitter or file.issuer
        holder = desk.cast.submitters[submitter]
        signed = desk.world.signed(file.content, issuer=file.issuer, key=holder.key)
        ids = []

        def act() -> tuple[object, ...]:
            receipt = desk.world.submit(signed, now=self.book.now)
            ids.append(receipt.submission_id)
            counts = receipt.statistics
            return receipt.repeated, str(receipt.status), counts.entered, counts.passed

        got = desk.perform("submit", lambda: hand_in(self.book, file, submitter), act, trouble)
        if isinstance(got, Killed):
            desk.perform("submit_again", lambda: hand_in(self.book, file, submitter), act)
        taken = self.book.taken(file)
        if ids and taken is not None:
            assert taken.id in (None, ids[-1])
            taken.id = ids[-1]

    def withdraw(self, which: int, right_body: bool, trouble: Trouble | None) -> None:
        """Take back a submission of a body, or of the other one; mostly what nobody decided on yet."""
        early = [found for found in self.book.submissions if found.status in ("received", "province")]
        submission = pick([*self.book.submissions, *early, *early], which)
        issuers = sorted(SITES)
        own = submission.file.issuer
        issuer = own if right_body else issuers[issuers.index(own) - 1]
        holder = self.desk.cast.submitters[issuer]
        by = Representative(holder.actor, issuer, holder.key.key_id)

        def act() -> bool:
            return withdraw(self.desk.sessions, by, submission.id, "报送有误", now=self.book.now).repeated

        self.desk.perform(
            "withdraw", lambda: foretell_withdrawal(self.book, submission, issuer), act, trouble
        )

    def _person(self, whose: str, which: int, taken: set[int]) -> int:
        """Return a person: one of the register's, perhaps, else somebody new."""
        known = [row.person for _, row in self.book.all_rows() if row.person not in taken]
        if whose == "known" and known:
            return pick(known, which)
        self.book.persons += 1
        return self.book.persons

    def _corrected(self, place: int, number: str, what: str) -> Row:
        newest = self.book.versions_of(number)[-1].row
        row = replace(newest, number=place, issued_on=None, corrects=number, corrected=None, entry=None)
        if what == "name":
            return replace(row, name=f"{row.name}子"[:20])
        if what == "person":
            person = self._person("new", 0, set())
            return replace(row, person=person, name=_name(person))
        if what == "direction":
            return replace(row, direction=DIRECTIONS[1 - DIRECTIONS.index(row.direction)])
        if what == "level":
            return replace(row, level=LEVELS[LEVELS.index(row.level) - 1])
        return replace(row, corrects=f"{NOT_OURS}{place}")

    def _file(self, rows: Sequence[Row], submitter: str) -> File:
        issuer = SUBMITS[submitter]
        content = self.desk.world.file(*map(_as_form, rows), issuer=issuer)
        file = File(content, issuer, tuple(rows))
        if file not in self.book.files:
            self.book.files.append(file)
        return file


def _name(person: int) -> str:
    return f"李四{chr(0x4E00 + person)}"


def _as_form(row: Row) -> dict[str, Any]:
    return form_row(
        row.number,
        name=row.name,
        id_number=resident_id(row.person),
        level=row.level,
        direction=row.direction,
        theory="86.5" if row.passed else "30",
        issued_on=row.issued_on and row.issued_on.isoformat(),
        corrects=row.corrects,
        reason=row.corrects and "有误",
    )
