"""One person on the whole road of the API, and every place where name and ID number could come out on the way.

The person has a name, an ID number, a photo with words in it and a file's name that nobody else has. They appear in
the bodies that are entitled to show them, which are listed here, and nowhere else: in no other answer, no header, no
address, no log of any library, no output, no file that is left behind; the ID number not in the database either.
"""

import io
import json
import logging
import re
import zipfile
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from keys.signer.journal import SignerJournal
from registry.api import own_certificates
from registry.api.drafts import contents, life
from registry.draft import checking
from registry.intake import submission as intake
from registry.journal.sequencer import chain_events
from registry.work.drafting import Drafting
from registry.work.faults import told
from tests.instants import NOON
from tests.registry.api.own_site import trust_the_world
from tests.registry.assessment.submissions import resident_id
from tests.registry.photo.pictures import CANARY as IN_PHOTO
from tests.registry.photo.pictures import TWO_INCH, exif, jpeg
from tests.registry.photo.zips import zipped
from tests.registry.staff_site import (
    BodySystem,
    installation_of,
    require_problem,
    signature_over,
    staff_site,
)
from tests.registry.world import BODY

pytestmark = pytest.mark.usefixtures("quick_id_checks")

NAME, NUMBER, WORSE_NUMBER = "赫连金丝雀", resident_id(977), resident_id(977)[:-1] + "?"
ARCHIVE, REASON, WHY = "金丝雀号档案.zip", "金丝雀号停电", "金丝雀号站点有误"
AS_JSON = {"Content-Type": "application/json"}
D, S, C = "/v1/drafts/<draft>", "/v1/submissions/<submission>", "/v1/certificates/<number>"

# Who may look at the person: the body itself, at what it handed in.
# Tokens say whose they are, and a PDF shows it.
SHOW_NAME = {
    f"GET {D}/faults.xlsx", f"GET {D}/rows", f"GET {D}/preview", f"GET {D}/settled",
    f"GET {S}/rows", f"GET {C}/token", f"GET {C}/certificate.pdf",
}  # fmt: skip
SHOW_NUMBER = {
    f"GET {D}/faults.xlsx",
    f"GET {D}/rows",
    f"GET {D}/preview",
    f"GET {D}/settled",
}
# What was typed wrongly is quoted where it is to be mended.
SHOW_WORSE_NUMBER = {f"GET {D}/preview", f"GET {D}/faults", f"GET {D}/faults.xlsx", f"GET {D}/rows"}


@dataclass
class Heard(logging.Handler):
    """Everything that any logger says, at every level."""

    lines: list[str] = field(default_factory=list)

    def __post_init__(self):
        super().__init__(logging.NOTSET)

    def emit(self, record):
        self.lines.append(logging.Formatter().format(record))

    def __hash__(self):
        return id(self)


@pytest.fixture
def heard():
    """Let every logger that there is say everything, and hear it."""
    listener, root = Heard(), logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in list(root.manager.loggerDict))]
    before = [(logger, logger.level, logger.propagate, logger.disabled) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.propagate, logger.disabled = True, False
    root.addHandler(listener)
    yield listener
    root.removeHandler(listener)
    for logger, level, propagate, disabled in before:
        logger.setLevel(level)
        logger.propagate, logger.disabled = propagate, disabled


@dataclass
class Trail:
    """A body at work, and every request that it made with its answer, addresses by their kind."""

    body: BodySystem
    ids: dict[str, str] = field(default_factory=dict)
    answers: list = field(default_factory=list)

    def send(self, method, address, content=b"", **more):
        answer = self.body.send(method, address, content, **more)
        kind = address.partition("?")[0]
        for name, value in self.ids.items():
            kind = kind.replace(value, f"<{name}>")
        self.answers.append((f"{method} {kind}", address, answer))
        return answer

    def say(self, method, address, document, **more):
        return self.send(
            method, address, json.dumps(document, ensure_ascii=False).encode(), headers=AS_JSON, **more
        )

    def get(self, address):
        """Fetch something page after page; return the first page's document, if it is one."""
        first = answer = self.send("GET", address)
        while (
            answer.is_json
            and answer.status_code == 200
            and answer.json.get("next")
            and answer.json.get("items")
        ):
            answer = self.send("GET", f"{address.partition('?')[0]}?limit=1&cursor={answer.json['next']}")
        return first

    def showing(self, *texts):
        """Return the kinds of requests whose answers hold any of these texts, in whatever form."""
        return {kind for kind, _, answer in self.answers if any(shows(answer.data, text) for text in texts)}


def shows(data: bytes, text: str) -> bool:
    """Tell whether bytes hold a text: as it is, escaped, or within what is packed in them."""
    plain = data
    if data[:4] == b"PK\3\4":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            plain = b"\n".join(packed.read(name) for name in packed.namelist())
    escaped = text.encode("unicode_escape").lower()
    percent = "".join(f"%{byte:02x}" for byte in text.encode()).encode()
    as_bytes = repr(text.encode())[2:-1].encode()
    forms = {text.encode(), text.encode().hex().encode(), percent, as_bytes, text.encode("utf-16-be")}
    return any(form in plain for form in forms) or escaped in plain.lower()


@pytest.fixture
def world(young_world, tmp_path, monkeypatch):
    young_world.journal = SignerJournal.create(tmp_path / "signer" / "journal.txt")
    young_world.open_epoch()
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    return young_world


@pytest.fixture
def app(world, tmp_path):
    app = staff_site(world, tmp_path)
    trust_the_world(app, world)
    return app


@pytest.fixture
def trail(app, world):
    return Trail(BodySystem(app, world))


@pytest.fixture
def work(world, tmp_path):
    """Let a worker do all there is."""
    worker = Drafting(installation_of(world, tmp_path, world.personal), worker="worker", now=lambda: NOON)

    def until_done():
        while list(worker.batches()):
            pass

    return until_done


def person(world, **changes):
    return {**world.row(1, name=NAME, id_number=NUMBER), **changes}


def database_of(world):
    """Return the bytes of the database's files."""
    file = Path(world.sessions.read(lambda session: session.get_bind().url.database))
    return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))


def look_everywhere(trail, *parts):
    for part in parts:
        trail.get(part)


def drafted(trail, world, work):
    """Go from a faulty file to a draft that waits for its signature, and look at all that there is on the way."""
    rows = [person(world, id_number=WORSE_NUMBER, theory="160"), world.row(2, theory="absent")]
    opened = trail.send("POST", "/v1/drafts", world.file(*rows, late_reason=REASON), headers=AS_JSON)
    trail.ids["draft"] = opened.json["id"]
    address = opened.headers["Location"]
    work()
    looks = [f"{address}{part}" for part in ("", "/faults", "/faults.xlsx", "/rows", "/preview", "/photos")]
    look_everywhere(
        trail, *looks, f"{address}/faults?limit=1", f"{address}/rows?limit=1", "/v1/drafts?limit=1"
    )
    trail.say("POST", f"{address}/corrections", {"rows": [person(world)]})
    archive = zipped(
        {f"{NUMBER}.jpg": jpeg(TWO_INCH, exif=exif(1), comment=IN_PHOTO), "7.jpg": jpeg(TWO_INCH)}
    )
    announced = {"size": len(archive), "sha256": sha256(archive).hexdigest(), "name": ARCHIVE}
    file = trail.say("POST", f"{address}/photos", announced).json["id"]
    trail.ids["file"] = file
    part = f"{address}/photos/{file}/parts/0"
    trail.send("PUT", part, archive, headers={"Content-Type": "application/octet-stream"})
    work()
    look_everywhere(trail, *looks)
    # The photo of nobody goes, with the archive; the person's comes again.
    trail.send("DELETE", f"{address}/photos")
    archive = zipped({f"{NUMBER}.jpg": jpeg(TWO_INCH, exif=exif(1), comment=IN_PHOTO)})
    announced = {"size": len(archive), "sha256": sha256(archive).hexdigest(), "name": ARCHIVE}
    trail.ids["file"] = trail.say("POST", f"{address}/photos", announced).json["id"]
    part = f"{address}/photos/{trail.ids['file']}/parts/0"
    trail.send("PUT", part, archive, headers={"Content-Type": "application/octet-stream"})
    work()
    look_everywhere(trail, *looks)
    assert trail.get(address).json["status"] == "ready", trail.get(f"{address}/faults").text
    return address


def handed_in(trail, world, work, address):
    """Sign the draft, and let it become a submission; return that."""
    settled = trail.get(f"{address}/settled").data
    signature = signature_over(settled, world.bodies[BODY].key)
    trail.say("PUT", f"{address}/signature", {"signature": signature})
    work()
    trail.ids["submission"] = trail.get(address).json["submission_id"]
    # The same content again, at the other door.
    trail.body.hand_in(settled)
    return trail.ids["submission"]


def issued(trail, world, submission):
    """Let it be reviewed and issued; look at everything, and ask for an act."""
    identifier = UUID(submission)
    world.compute_id_checks(identifier)
    for _ in range(3):
        world.decide(identifier)
    world.number(identifier)
    world.sign()
    world.release()
    (number,) = world.numbers(identifier)
    trail.ids["number"] = number
    certificate = f"/v1/certificates/{number}"
    asked = trail.say("POST", f"{certificate}/requests", {"kind": "suspend", "reason": WHY})
    trail.ids["request"] = asked.json["id"]
    chain_events(world.sessions)
    of_submission = ("", "/rows", "/decisions", "/certificates", "/qr.zip", "/tokens", "/rows?limit=1")
    look_everywhere(
        trail, *(f"/v1/submissions/{submission}{part}" for part in of_submission), "/v1/submissions"
    )
    of_certificate = ("", "/token", "/qr.png", "/qr.svg", "/certificate.pdf")
    look_everywhere(trail, *(f"{certificate}{part}" for part in of_certificate))
    look_everywhere(
        trail,
        "/v1/requests",
        "/v1/changes?limit=1",
        "/v1/series",
        "/v1/sites",
        f"/v1/requests/{asked.json['id']}",
    )


def test_name_and_number_come_out_where_the_body_may_see_them_and_nowhere_else(
    trail, world, work, heard, capfd, tmp_path
):
    address = drafted(trail, world, work)
    in_draft = database_of(world)
    issued(trail, world, handed_in(trail, world, work, address))

    # 1. Answers: every one that was to come came, and the person is in those that are entitled alone.
    assert {kind: answer.status_code for kind, _, answer in trail.answers if answer.status_code >= 400} == {}
    assert trail.showing(NUMBER) == SHOW_NUMBER
    assert trail.showing(WORSE_NUMBER) == SHOW_WORSE_NUMBER
    # The PDF's text is packed, and another test reads it; it is looked at here for what is not packed.
    assert trail.showing(NAME) | {f"GET {C}/certificate.pdf"} == SHOW_NAME
    assert trail.showing(IN_PHOTO.decode()) == set()
    secrets = (NAME, NUMBER, WORSE_NUMBER, REASON, ARCHIVE, WHY, IN_PHOTO.decode())
    # 2. Addresses, among them those of the next pages, and headers.
    said = [place for _, place, _ in trail.answers]
    said += [f"{name}: {value}" for _, _, answer in trail.answers for name, value in answer.headers]
    said += [
        answer.text for _, _, answer in trail.answers if answer.content_type == "application/problem+json"
    ]
    assert any("cursor=" in place for place in said)
    # 3. What is logged at every level, and printed.
    printed = capfd.readouterr()
    for text in [*said, *heard.lines, printed.out, printed.err]:
        assert not any(shows(text.encode(), secret) for secret in secrets), text
    # 4. The database: sealed as long as it is a draft; later the name, which is no secret there, and nothing more.
    stored = database_of(world)
    for secret in (NUMBER, WORSE_NUMBER, NUMBER[:14], IN_PHOTO.decode()):
        assert not shows(in_draft, secret)
        assert not shows(stored, secret)
    assert not shows(in_draft, NAME)
    assert shows(stored, NAME)
    # 5. Files that are left behind.
    left = [path for folder in ("tmp", "work") for path in (tmp_path / folder).rglob("*") if path.is_file()]
    assert left == []


def failing(*_arguments, **_named):
    raise RuntimeError(f"{NAME} {NUMBER} {REASON}")


# Where a view or a worker raises in the middle, and what is asked then.
BROKEN = {
    "handing in": (intake, "check", lambda trail, content: trail.body.hand_in(content)),
    "opening a draft": (
        life, "open_draft", lambda trail, content: trail.send("POST", "/v1/drafts", content, headers=AS_JSON),
    ),
    "corrections": (
        contents, "add_corrections",
        lambda trail, content: trail.send("POST", f"/v1/drafts/{BODY_DRAFT}/corrections", content, headers=AS_JSON),
    ),
    "a request": (
        own_certificates, "ask",
        lambda trail, _: trail.say("POST", "/v1/certificates/S1/requests", {"kind": "revoke", "reason": WHY}),
    ),
}  # fmt: skip
BODY_DRAFT = "0190c0de-0000-7000-8000-00000000abcd"


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize(
    "headers", [{}, {"Idempotency-Key": '"canary-of-november"'}], ids=["once", "repeatable"]
)
def test_a_fault_in_the_middle_tells_nothing_of_the_person(
    trail, world, heard, capfd, monkeypatch, name, headers
):
    room, function, ask = BROKEN[name]
    monkeypatch.setattr(room, function, failing)

    answer = ask(trail, world.file(person(world), late_reason=REASON))

    problem = require_problem(answer, 500)
    printed = capfd.readouterr()
    assert any("RuntimeError at " in line for line in heard.lines)
    told_of_it = [
        json.dumps(problem, ensure_ascii=False),
        *(f"{each}" for each in answer.headers),
        *heard.lines,
    ]
    for text in [*told_of_it, printed.out, printed.err]:
        assert not any(shows(text.encode(), secret) for secret in (NAME, NUMBER, REASON)), text


def test_a_fault_of_the_worker_tells_nothing_of_the_person(trail, world, work, heard, monkeypatch):
    trail.send("POST", "/v1/drafts", world.file(person(world), late_reason=REASON), headers=AS_JSON)
    monkeypatch.setattr(checking, "check", failing)

    with pytest.raises(RuntimeError) as fault:
        work()

    assert re.match("RuntimeError at ", told(fault.value))
    for text in [told(fault.value), *heard.lines]:
        assert not any(shows(text.encode(), secret) for secret in (NAME, NUMBER, REASON)), text
