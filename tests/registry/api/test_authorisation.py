"""Who may do what at the API, to whose things: every caller at every address that the application has.

What is not in the table of addresses is forgotten, and fails. Whoever the table does not name is told why in the same
words whatever there is behind the address; and to another body, what there is looks exactly like what there is not.
"""

import copy
import json
import re
import shutil
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.access.errors import SignatureFault
from registry.api.door import is_open
from registry.api.failures import Failures
from registry.app import create_app
from registry.assessment.content import Column
from registry.assessment.json_claims import DRAFT as DRAFT_OF_FORM
from registry.assessment.json_claims import STATISTICS
from registry.database.engine import open_engine
from registry.database.schema import metadata
from registry.database.sessions import Sessions
from registry.people.accounts import Purpose
from registry.people.permission import NATIONAL, Role
from tests.instants import NOON, THAT_DAY
from tests.registry.api.lively import JSON, Lively
from tests.registry.api.own_site import trust_the_world
from tests.registry.staff_site import (
    BodySystem,
    everything_stored,
    installation_of,
    require_problem,
    signature_over,
)
from tests.registry.world import BODY, OTHER_BODY, World, holder_key, private_key

pytestmark = pytest.mark.usefixtures("quick_id_checks")

UNLIMITED = 10**9


class Opens(StrEnum):
    """What has to be permitted before an address does its work."""

    # A body's system works on drafts and reads; whoever hands in for the body may do that too.
    USE = "use_api"
    # What the body answers for.
    ANSWER = "answer"
    KEYS = "manage_keys"


D, S, C, R = "/v1/drafts", "/v1/submissions", "/v1/certificates", "/v1/requests"
DRAFT, SUBMISSION, CERTIFICATE = f"{D}/<draft_id>", f"{S}/<submission_id>", f"{C}/<number>"
REQUEST = f"{R}/<request_id>"
TABLE: dict[tuple[str, str], Opens] = {
    # The submission's own signature says who answers for it.
    ("POST", S): Opens.USE,
    ("GET", S): Opens.USE,
    ("GET", SUBMISSION): Opens.USE,
    ("GET", f"{SUBMISSION}/rows"): Opens.USE,
    ("GET", f"{SUBMISSION}/decisions"): Opens.USE,
    ("GET", f"{SUBMISSION}/certificates"): Opens.USE,
    ("GET", f"{SUBMISSION}/qr.zip"): Opens.USE,
    ("GET", f"{SUBMISSION}/tokens"): Opens.USE,
    ("POST", f"{SUBMISSION}/withdrawal"): Opens.ANSWER,
    ("GET", CERTIFICATE): Opens.USE,
    ("GET", f"{CERTIFICATE}/token"): Opens.USE,
    ("GET", f"{CERTIFICATE}/qr.png"): Opens.USE,
    ("GET", f"{CERTIFICATE}/qr.svg"): Opens.USE,
    ("GET", f"{CERTIFICATE}/certificate.pdf"): Opens.USE,
    ("POST", f"{CERTIFICATE}/requests"): Opens.ANSWER,
    ("GET", R): Opens.USE,
    ("GET", REQUEST): Opens.USE,
    ("POST", f"{REQUEST}/withdrawal"): Opens.ANSWER,
    ("GET", "/v1/changes"): Opens.USE,
    ("GET", "/v1/listings"): Opens.USE,
    ("GET", "/v1/sites"): Opens.USE,
    ("GET", "/v1/series"): Opens.USE,
    ("GET", "/v1/templates/<edition>/<code>/<level>.xlsx"): Opens.USE,
    ("POST", D): Opens.USE,
    ("GET", D): Opens.USE,
    ("GET", DRAFT): Opens.USE,
    ("GET", f"{DRAFT}/settled"): Opens.USE,
    ("GET", f"{DRAFT}/rows"): Opens.USE,
    ("GET", f"{DRAFT}/faults"): Opens.USE,
    ("GET", f"{DRAFT}/faults.xlsx"): Opens.USE,
    ("GET", f"{DRAFT}/preview"): Opens.USE,
    ("GET", f"{DRAFT}/photos"): Opens.USE,
    ("POST", f"{DRAFT}/photos"): Opens.USE,
    ("PUT", f"{DRAFT}/photos/<file_id>/parts/<number>"): Opens.USE,
    ("PUT", f"{DRAFT}/signature"): Opens.USE,
    ("POST", f"{DRAFT}/corrections"): Opens.USE,
    ("PUT", f"{DRAFT}/results"): Opens.USE,
    ("DELETE", f"{DRAFT}/photos"): Opens.USE,
    ("DELETE", DRAFT): Opens.USE,
    ("GET", "/v1/keys"): Opens.KEYS,
    ("POST", "/v1/keys"): Opens.KEYS,
    ("DELETE", "/v1/keys/<key_id>"): Opens.KEYS,
}
OBJECTS = re.compile(r"<(draft_id|submission_id|request_id|key_id|file_id)>|(?<=certificates/)<number>")


@dataclass(frozen=True)
class Caller:
    """One who asks: his role and key, and what they open; ``code`` is what he is told everywhere else."""

    issuer: str | None
    role: tuple[Role, str] | None
    purpose: Purpose | None
    opens: frozenset[Opens] = frozenset()
    code: str = ""
    days: tuple[int, int] = (0, 100)
    revoked: bool = False


def of(issuer: str, role: Role, purpose: Purpose, *opens: Opens, code: str = "wrong_purpose") -> Caller:
    return Caller(issuer, (role, issuer), purpose, frozenset(opens), code)


A, M = Purpose.ACCESS, Purpose.ADMINISTRATION
OWN = {
    "submitter": of(BODY, Role.SUBMITTER, A, Opens.USE, Opens.ANSWER),
    "body system": of(BODY, Role.BODY_SYSTEM, A, Opens.USE),
    "administrator": of(BODY, Role.BODY_ADMINISTRATOR, M, Opens.KEYS),
}
OTHERS = {
    f"{name} of another body": of(OTHER_BODY, caller.role[0], caller.purpose, *caller.opens)
    for name, caller in OWN.items()
}
STAFF = (Role.PROVINCE_REVIEWER, Role.CENTRE_REVIEWER, Role.OFFICE_REVIEWER, Role.REGISTRAR)
NOBODY = {
    **{role: Caller(None, (role, NATIONAL), A, code="no_body") for role in STAFF},
    "reviewer with his decision key": Caller(
        None, (Role.PROVINCE_REVIEWER, "CN-21"), Purpose.DECISION, code="wrong_purpose"
    ),
    "account without a role": Caller(None, None, A, code="no_body"),
    "account of two bodies": Caller("both", (Role.SUBMITTER, BODY), A, code="no_body"),
    "submission key": of(BODY, Role.SUBMITTER, Purpose.SUBMISSION),
    "administrator with an access key": of(BODY, Role.BODY_ADMINISTRATOR, A, code="not_permitted"),
    "submitter with an administration key": of(BODY, Role.SUBMITTER, M, code="not_permitted"),
    "revoked key": Caller(BODY, (Role.SUBMITTER, BODY), A, code="key_revoked", revoked=True),
    "expired key": Caller(BODY, (Role.SUBMITTER, BODY), A, code="key_expired", days=(-6, -1)),
    "key of tomorrow": Caller(BODY, (Role.SUBMITTER, BODY), A, code="key_expired", days=(1, 9)),
    "unknown key": Caller(None, None, None, code="unknown_key"),
    "no key": Caller(None, None, None, code="signature_missing"),
}


class Site:
    """The application over a world full of one body's things, and everybody before it."""

    def __init__(self, world: World, folder) -> None:
        self.world = world
        installation = installation_of(world, folder, world.personal)
        object.__setattr__(installation.settings, "api_requests_per_minute", UNLIMITED)
        self.app = create_app(installation, now=lambda: NOON)
        self.app.extensions["certreg_failures"] = Failures(UNLIMITED)
        trust_the_world(self.app, world)
        self.lively = Lively(world, self.app, folder)
        self._system = BodySystem(self.app, world)
        self._keys: dict[str, Ed25519PrivateKey] = {}

    def key_of(self, name: str, caller: Caller) -> Ed25519PrivateKey:
        """Return the caller's key, enrolled when he first asks."""
        if name not in self._keys:
            self._keys[name] = private_key(name)
            if caller.purpose is not None:
                self._enrol(name, caller)
        return self._keys[name]

    def _enrol(self, name: str, caller: Caller) -> None:
        roles = [] if caller.role is None else [caller.role]
        if caller.issuer == "both":
            roles.append((Role.SUBMITTER, OTHER_BODY))
        first, last = (THAT_DAY + timedelta(days=days) for days in caller.days)
        key = holder_key(name)
        actor = self.world.account(name, *roles)
        self.world.enrol(actor, key, caller.purpose, valid_from_on=first, valid_to_on=last)
        if caller.revoked:
            self.world.revoke(key.key_id)

    def ask(self, name: str, caller: Caller, method: str, address: str, content: bytes | None = None):
        """Send what the address takes, as this caller."""
        if content is None:
            content = self.content(method, address)
        headers = dict(JSON) if content else {}
        if (method, address) == ("POST", S):
            key = (
                self.world.bodies[caller.issuer or BODY].key if caller.issuer in (BODY, OTHER_BODY) else None
            )
            signature = signature_over(content, key or self.world.bodies[BODY].key)
            headers["Submission-Signature"] = signature
        if caller.code == "signature_missing":
            return self.app.test_client().open(address, method=method, data=content, headers=headers)
        return self._system.send(method, address, content, headers=headers, key=self.key_of(name, caller))

    def content(self, method: str, address: str) -> bytes:
        """Return what is right to say at an address, or at least read."""
        if method not in ("POST", "PUT"):
            return b""
        if address in (S, D) or address.endswith("/results"):
            return self.world.file()
        return json.dumps(said_at(address)).encode()


def said_at(address: str) -> dict[str, object]:
    """Return the members that are right at an address."""
    nothing = "/parts/" in address or address.startswith(R)
    return {} if nothing else SAID[address.rpartition("/")[2]]


SAID = {
    "corrections": {"remove": [3]},
    "photos": {"size": 9, "sha256": sha256(b"other").hexdigest()},
    "signature": {"signature": "AAAA"},
    "withdrawal": {"reason": "场次有误"},
    "requests": {"kind": "suspend", "reason": "站点有误"},
    "keys": {},
}


def site_from(founded, folder):
    world, file = copy.copy(founded[0]), folder / "register.sqlite3"
    shutil.copyfile(founded[1], file)
    engine = open_engine(f"sqlite:///{file}")
    world.sessions = Sessions(engine)
    return Site(world, folder), engine


@pytest.fixture
def site(founded, tmp_path):
    site, engine = site_from(founded, tmp_path)
    yield site
    engine.dispose()


def address_of(rule: str, names: dict[str, str]) -> str:
    """Return an address with these names in it; a part's place is its number."""
    address = rule.replace("/parts/<number>", "/parts/0").replace("<edition>/<code>", "1/2-02-10-11")
    for name, value in {**names, "level": "junior"}.items():
        address = address.replace(f"<{name}>", value)
    return address


def names_of_nothing() -> dict[str, str]:
    ids = {name: str(uuid4()) for name in ("submission_id", "request_id", "draft_id", "file_id")}
    return {**ids, "number": "S000221000002262999999", "key_id": "0a0b0c0d"}


def in_order():
    """Yield the table: first what changes nothing, last what removes."""
    return sorted(TABLE.items(), key=lambda line: ["GET", "POST", "PUT", "DELETE"].index(line[0][0]))


def test_every_address_of_the_api_is_in_the_table(site):
    rules = {
        (method, re.sub(r"<\w+:", "<", rule.rule))
        for rule in site.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/v1") and not is_open(rule.rule)
    }

    assert rules == set(TABLE)


def alike(answer, names: dict[str, str]) -> tuple:
    """Return all of an answer that a client can see, but for the name it asked for itself and what is left to it."""
    text = answer.data
    for name in names.values():
        text = text.replace(name.encode(), b"NAME")
    headers = [line for line in answer.headers if line[0] not in ("RateLimit", "Content-Length")]
    return (
        answer.status_code,
        text,
        headers,
        answer.content_length - sum(answer.data.count(name.encode()) * len(name) for name in names.values()),
    )


@pytest.mark.parametrize("name", NOBODY)
def test_whoever_opens_nothing_is_told_the_same_everywhere(site, name):
    caller = NOBODY[name]
    site.key_of(name, caller)
    stored = everything_stored(site.world)

    for (method, rule), opens in TABLE.items():
        for names in (site.lively.names, names_of_nothing()):
            problem = require_problem(
                site.ask(name, caller, method, address_of(rule, names)),
                403 if caller.code == "not_permitted" or _differs(caller, opens) else 401,
            )
            expected = "wrong_purpose" if _differs(caller, opens) else caller.code
            assert problem["code"] == expected, (method, rule)
            assert not any(value in json.dumps(problem) for value in names.values())

    assert everything_stored(site.world) == stored


def _differs(caller: Caller, opens: Opens) -> bool:
    """Tell whether the caller's key counts, but for the other half of the API."""
    if caller.code in (
        SignatureFault.KEY_REVOKED,
        SignatureFault.KEY_EXPIRED,
        "signature_missing",
        "unknown_key",
    ):
        return False
    return caller.purpose in (A, M) and (caller.purpose is M) != (opens is Opens.KEYS)


@pytest.mark.parametrize("name", OTHERS)
def test_to_another_body_what_there_is_looks_exactly_like_what_there_is_not(site, name):
    caller = OTHERS[name]
    site.key_of(name, caller)
    stored = everything_stored(site.world)

    for (method, rule), opens in TABLE.items():
        if not OBJECTS.search(rule):
            continue
        real, nothing = site.lively.names, names_of_nothing()
        theirs, nobodys = (
            site.ask(name, caller, method, address_of(rule, names)) for names in (real, nothing)
        )
        problem = require_problem(theirs, theirs.status_code)
        assert alike(theirs, real) == alike(nobodys, nothing), (method, rule)
        allowed = {"not_there"} if opens in caller.opens else {"not_there", "not_permitted", "wrong_purpose"}
        assert problem["code"] in allowed, (method, rule, problem)

    assert everything_stored(site.world) == stored


REFUSED = {*SignatureFault, "not_permitted", "wrong_purpose", "not_there"}


@pytest.mark.parametrize("name", OWN)
def test_a_bodys_own_people_may_what_the_table_says_and_no_more(site, name):
    caller = OWN[name]
    site.key_of(name, caller)

    for (method, rule), opens in in_order():
        stored = everything_stored(site.world)
        answer = site.ask(name, caller, method, address_of(rule, site.lively.names))
        code = None if answer.status_code < 400 else answer.get_json(force=True)["code"]
        if opens in caller.opens:
            assert code not in REFUSED, (method, rule, answer.text)
            assert method != "GET" or answer.status_code == 200, (rule, answer.text)
            continue
        half = {Opens.KEYS} if caller.purpose is M else {Opens.USE, Opens.ANSWER}
        require_problem(answer, 403)
        assert code == ("not_permitted" if opens in half else "wrong_purpose"), (method, rule)
        assert everything_stored(site.world) == stored


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_neither_of_the_methods_that_come_by_themselves_is_open(site, method):
    for _, rule in TABLE:
        answer = site.app.test_client().open(address_of(rule, site.lively.names), method=method)
        assert answer.status_code in (401, 405), (method, rule)


# Members that are the body's own to say, at the addresses where it may.
OWN_WORDS = {
    "photos": {"size", "sha256", "name"},
    "signature": {"signature"},
    "withdrawal": {"reason"},
    "requests": {"kind", "reason"},
    "keys": {"public_key", "purpose", "valid_from_on", "valid_to_on", "account_id", "nonce", "proof"},
}
QUERIES = {("POST", D): {"name", "replaces"}}
COLUMNS = sorted({column.name for table in metadata().sorted_tables for column in table.columns})
WRITES = [line for line in TABLE if line[0] != "GET"]


@pytest.mark.parametrize(("method", "rule"), WRITES)
def test_no_column_is_written_because_somebody_named_it(site, method, rule):
    chief = TABLE[method, rule] is Opens.KEYS
    name = "administrator" if chief else "submitter"
    caller, address = OWN[name], address_of(rule, site.lively.names)
    site.key_of(name, caller)
    stored = everything_stored(site.world)
    own = set() if address.startswith(R) else OWN_WORDS.get(address.rpartition("/")[2], set())

    assert len(COLUMNS) > 100
    strange = set(COLUMNS) - QUERIES.get((method, rule), set())
    query = "&".join(f"{column}=1" for column in sorted(strange))
    asked = site.ask(name, caller, method, f"{address}?{query}", site.content(method, address))
    assert set(require_problem(asked, 422)["errors"]["query"]) >= strange
    if method in ("POST", "PUT") and "/parts/" not in address and not rule.endswith(FILES):
        strange = set(COLUMNS) - own
        said = {**said_at(address), **dict.fromkeys(strange, "1")}
        asked = site.ask(name, caller, method, address, json.dumps(said).encode())
        assert set(require_problem(asked, 422)["errors"]["json"]) >= strange
    assert everything_stored(site.world) == stored


FILES = (S, D, "/results", "/corrections")


@pytest.mark.parametrize("place", ["head", "row"])
def test_no_column_is_written_because_a_file_has_it(site, place):
    """The same for what is said in files of results: refused at once where they are handed in, a fault in a draft."""
    strange = set(COLUMNS) - {*Column, STATISTICS, DRAFT_OF_FORM}
    caller = OWN["submitter"]
    site.key_of("submitter", caller)
    stored = everything_stored(site.world)

    for column in strange:
        refused = site.ask("submitter", caller, "POST", S, with_columns(site.world, place, {column}))
        faults = require_problem(refused, 422)["faults"]
        assert any(column in f"{fault['column']} {fault['message']}" for fault in faults), column
    assert everything_stored(site.world) == stored
    draft = site.ask("submitter", caller, "POST", D, with_columns(site.world, place, strange)).json["id"]
    site.lively.work()
    assert site.ask("submitter", caller, "GET", f"{D}/{draft}").json["status"] == "faulty"


def with_columns(world: World, place: str, columns: set[str]) -> bytes:
    """Return a good file with more members than it may have."""
    file = json.loads(world.file(world.row(1)))
    (file if place == "head" else file["rows"][0]).update(dict.fromkeys(columns, "1"))
    return json.dumps(file).encode()
