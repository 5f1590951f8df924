"""Look-up: requests a second of the public site, beside a bare Flask route that reads one row.

Both run under gunicorn with the same workers and threads, on the same register, under the same load. The site
does more for its answer: it reads the form forgivingly, compares the name, reads the signed bytes, finds the names
behind the codes, and renders a page with its headers.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench import load, sites
from bench.comparison import Comparison, compare
from bench.filling import ROWS, Person, fill, person
from bench.registers import DATABASES, Register, open_register
from bench.report import Floor, Report
from bench.statements import counted
from registry.assessment.tables import Result
from registry.certificate.tables import Certificate, Entry
from registry.publication.door import open_lookup
from signing.id_check import IdType

CERTIFICATES = 2_000
REPEATS = 3
AIM = 0.5


@dataclass(frozen=True, slots=True)
class Holder:
    """One certificate and what its holder knows."""

    number: str
    person: Person


def measure() -> Report:
    """Measure the look-up on each database."""
    comparisons, floors = [], []
    for database in DATABASES:
        with open_register(database) as register:
            holders = _filled(register)
            floors += _count_statements(register, holders)
            comparisons += _compare(register, holders)
    notes = (
        f"{CERTIFICATES:,} certificates; gunicorn with {sites.WORKERS} workers of {sites.THREADS} threads;"
        f" {load.CONNECTIONS} kept-alive connections; load made by {load.generator()} on the same processors.",
    )
    return Report("Look-up", comparisons, floors, notes)


def _filled(register: Register) -> list[Holder]:
    people = [person(serial) for serial in range(CERTIFICATES)]
    for done, _ in enumerate(fill(register, people, now=register.desk.now()), start=1):
        print(f"\r{register.database}: {done * ROWS:,} certificates made", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    by_match = {register.desk.installation.matcher.match(IdType.RESIDENT_ID, one.id_number): one for one in people}

    def read(session: Session) -> list[Holder]:
        query = select(Certificate.number, Result.id_match).select_from(Entry).join(Certificate).join(Result)
        return [Holder(number, by_match[match]) for number, match in session.execute(query)]

    return register.sessions.read(read)


def _compare(register: Register, holders: Sequence[Holder]) -> list[Comparison]:
    # Far apart, so that neighbours in the database are not asked for one after the other.
    asked = sorted(holders, key=lambda holder: holder.number[::-1])
    by_number = [urlencode({"by": "number", "number": one.number, "name": one.person.name}) for one in asked]
    by_id = [
        urlencode({
            "by": "id",
            "id_type": IdType.RESIDENT_ID,
            "id_number": one.person.id_number,
            "name": one.person.name,
        })
        for one in asked
    ]  # fmt: skip
    missing = [urlencode({"by": "number", "number": one.number, "name": "无此人"}) for one in asked]
    with (
        sites.serve("verify_web.app:create_app()", register.environ) as site,
        sites.serve("bench.bare_route:create_app()", register.environ) as bare,
    ):
        _require_answers(site, bare, asked[0], by_number[0], by_id[0], missing[0])
        return [
            compare(
                f"{what}, {register.database}",
                lambda bodies=bodies: load.requests_per_second(site, bodies),
                against="bare route reading one row",
                baseline=lambda: load.requests_per_second(bare, by_number),
                unit="req/s",
                repeats=REPEATS,
                aim=AIM,
            )
            for what, bodies in (("found by number", by_number), ("found by ID", by_id), ("not found", missing))
        ]


def _require_answers(site: int, bare: int, holder: Holder, by_number: str, by_id: str, missing: str) -> None:
    """Raise ``SiteFailed`` unless each answer is the one that is to be measured."""
    for body in (by_number, by_id):
        if holder.number not in load.post(site, body):
            raise sites.SiteFailed("the site does not find a certificate that is there")
    if holder.number in load.post(site, missing):
        raise sites.SiteFailed("the site shows a certificate to who does not know the name")
    if holder.number not in load.post(bare, by_number):
        raise sites.SiteFailed("the bare route does not find a certificate that is there")


def _count_statements(register: Register, holders: Sequence[Holder]) -> list[Floor]:
    """Say what SQL one answer takes."""
    desk, holder = register.desk, holders[0]
    lookup = open_lookup(register.url, desk.settings.lookup_key_file, now=desk.now)
    floors = []
    with counted() as sent:
        lookup.by_number(holder.number, holder.person.name)
    floors.append(Floor(f"find by number, {register.database}", "1 statement", str(sent)))
    with counted() as sent:
        lookup.by_id(IdType.RESIDENT_ID, holder.person.id_number, holder.person.name)
    floors.append(Floor(f"find by ID, {register.database}", "1 statement", str(sent)))
    return floors
