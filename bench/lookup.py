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
from bench.comparison import Comparison, of_pairs
from bench.filling import ROWS, Person, fill, person
from bench.registers import DATABASES, Register, open_register
from bench.report import Floor, Report
from bench.sites import Site
from bench.statements import counted
from registry.assessment.tables import Result
from registry.certificate.tables import Certificate, Entry
from registry.publication.door import open_lookup
from signing.id_check import IdType

CERTIFICATES = 20_000
REPEATS = 5
AIM = 0.5
BASELINE = "bare route, one row"


@dataclass(frozen=True, slots=True)
class Holder:
    """One certificate and what its holder knows."""

    number: str
    person: Person

    @property
    def by_number(self) -> str:
        """The form that asks for it by number."""
        return urlencode({"by": "number", "number": self.number, "name": self.person.name})

    @property
    def by_id(self) -> str:
        """The form that asks for it by ID."""
        asked = {"id_type": IdType.RESIDENT_ID, "id_number": self.person.id_number, "name": self.person.name}
        return urlencode({"by": "id", **asked})

    @property
    def missing(self) -> str:
        """A form with its number and a name that nobody has."""
        return urlencode({"by": "number", "number": self.number, "name": "无此人"})


def measure() -> Report:
    """Measure the look-up on each database."""
    comparisons, floors = [], []
    for database in DATABASES:
        with open_register(database) as register:
            holders = _filled(register)
            floors += _count_statements(register, holders[0])
            comparisons += _compare(register, holders)
    notes = (
        f"{CERTIFICATES:,} certificates; gunicorn with {sites.WORKERS} workers of {sites.THREADS} threads;"
        f" {load.CONNECTIONS} kept-alive connections for {load.SECONDS} s a turn; load by {load.generator()}.",
        "The lines in req/CPU-s count the CPU time of the site's processes alone; other work of the machine and the"
        " load itself are not in them.",
    )
    return Report("Look-up", comparisons, floors, notes)


def _filled(register: Register) -> list[Holder]:
    """Make the certificates; return them in an order in which neighbours lie far apart in the database."""
    people = [person(serial) for serial in range(CERTIFICATES)]
    for done, _ in enumerate(fill(register, people, now=register.desk.now()), start=1):
        print(
            f"\r{register.database}: {done * ROWS:,} certificates made", end="", file=sys.stderr, flush=True
        )
    print(file=sys.stderr)
    match = register.desk.installation.matcher.match
    by_match = {match(IdType.RESIDENT_ID, one.id_number): one for one in people}

    def read(session: Session) -> list[Holder]:
        query = select(Certificate.number, Result.id_match).select_from(Entry).join(Certificate).join(Result)
        return [Holder(number, by_match[digest]) for number, digest in session.execute(query)]

    return sorted(register.sessions.read(read), key=lambda holder: holder.number[::-1])


def _compare(register: Register, holders: Sequence[Holder]) -> list[Comparison]:
    forms = {"found by number": [holder.by_number for holder in holders]}
    if register.database == DATABASES[0]:
        # What the database does differs less between these than between databases, so once is enough.
        forms["found by ID"] = [holder.by_id for holder in holders]
        forms["not found"] = [holder.missing for holder in holders]
    compared = []
    with (
        sites.serve("verify_web.app:create_app()", register.environ) as site,
        sites.serve("bench.bare_route:create_app()", register.environ) as bare,
    ):
        _require_answers(site, bare, holders[0])
        for what, asked in forms.items():
            pairs = [(_turn(bare, forms["found by number"]), _turn(site, asked)) for _ in range(REPEATS + 1)][
                1:
            ]
            compared += _both_rates(f"{what}, {register.database}", pairs)
    return compared


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of load: requests a second by the clock, and by the CPU time of the site."""

    by_clock: float
    by_cpu: float


def _turn(site: Site, forms: Sequence[str]) -> Turn:
    before = site.cpu_seconds()
    answered = load.drive(site.port, forms)
    return Turn(answered.rate, answered.requests / (site.cpu_seconds() - before))


def _both_rates(claim: str, pairs: Sequence[tuple[Turn, Turn]]) -> list[Comparison]:
    by_clock = [(bare.by_clock, ours.by_clock) for bare, ours in pairs]
    by_cpu = [(bare.by_cpu, ours.by_cpu) for bare, ours in pairs]
    return [
        of_pairs(claim, by_clock, against=BASELINE, unit="req/s", aim=AIM),
        of_pairs(claim, by_cpu, against=BASELINE, unit="req/CPU-s"),
    ]


def _require_answers(site: Site, bare: Site, holder: Holder) -> None:
    """Raise ``SiteFailed`` unless each answer is the one that is to be measured."""
    for form in (holder.by_number, holder.by_id):
        if holder.number not in load.post(site.port, form):
            raise sites.SiteFailed("the site does not find a certificate that is there")
    if holder.number in load.post(site.port, holder.missing):
        raise sites.SiteFailed("the site shows a certificate to who does not know the name")
    if holder.number not in load.post(bare.port, holder.by_number):
        raise sites.SiteFailed("the bare route does not find a certificate that is there")


def _count_statements(register: Register, holder: Holder) -> list[Floor]:
    """Say what SQL one answer takes."""
    desk = register.desk
    lookup = open_lookup(
        register.url, desk.settings.lookup_key_file, trust=lambda: desk.custody.trust, now=desk.now
    )
    floors = []
    with counted() as sent:
        lookup.by_number(holder.number, holder.person.name)
    floors.append(Floor(f"find by number, {register.database}", "1 statement, 0 commits", str(sent)))
    with counted() as sent:
        lookup.by_id(IdType.RESIDENT_ID, holder.person.id_number, holder.person.name)
    floors.append(Floor(f"find by ID, {register.database}", "1 statement, 0 commits", str(sent)))
    return floors
