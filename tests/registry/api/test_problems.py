"""Every refusal has its status, and a fault of ours tells nothing of our insides."""

import importlib
import logging
import pkgutil
from http import HTTPStatus

import pytest
from sqlalchemy import update

import registry
from registry.access.errors import RequestNotSigned, SignatureFault
from registry.api.problem_list import PROBLEMS
from registry.api.problems import STATUS_OF, code_of
from registry.app import create_app
from registry.assessment.errors import WorkbookBroken
from registry.database.engine import Limits, open_engine
from registry.database.errors import CommitUnknown, RegisterBusy, StorageFailed, StorageFull
from registry.database.sessions import Retry, Sessions
from registry.errors import RegistryError
from registry.journal.tables import LogHead
from tests.instants import NOON
from tests.registry.staff_site import BodySystem, everything_stored, installation_of, require_problem
from tests.registry.world import World

# Rooms that handing in does not enter, and what the rooms that it does enter raise for other doors.
OTHER_ROOMS = {
    "registry.archive",
    "registry.audit",
    "registry.backup",
    "registry.certificate",
    "registry.documents",
    "registry.foundation",
    "registry.log",
    "registry.operator",
    "registry.photo",
    "registry.publication",
    "registry.review",
    "registry.settings",
    "registry.work",
}
OUR_OWN_FAULTS = {
    # An installation that is not whole: it does not start, or answers 500.
    "registry.database.errors.DatabaseError",
    "registry.database.errors.FaultySqlite",
    "registry.database.errors.MigrationsMissing",
    "registry.database.errors.NotReached",
    "registry.database.errors.RegisterEmpty",
    "registry.database.errors.RegisterMissing",
    "registry.database.errors.SchemaMismatch",
    "registry.database.errors.UnknownDatabase",
    "registry.journal.errors.ChainWithoutHead",
    # A family, never raised by itself.
    "registry.draft.errors.DraftError",
    # What lies in a folder where a file should be; handing in reads none.
    "registry.plain_files.NotAPlainFile",
    "registry.intake.errors.RowNotReadable",
    "registry.personal_data.SealBroken",
    "registry.draft.errors.FileDamaged",
    # Told to a reviewer at a terminal.
    "registry.draft.errors.PhotoExchanged",
    "registry.personal_data.SecretFileUnusable",
    # Raised where the directory is loaded, reviews are timed or numbers are made.
    "registry.directory.errors.CodeRenamed",
    "registry.directory.errors.DataRefused",
    "registry.directory.errors.DirectoryError",
    "registry.directory.errors.FieldMisfit",
    "registry.directory.errors.NameTaken",
    "registry.directory.errors.SeriesExhausted",
    "registry.directory.errors.UnknownProfile",
    "registry.jurisdiction.errors.CalendarMissing",
    "registry.jurisdiction.errors.UnknownJurisdiction",
    # Raised where a registrar decides what a body asked.
    "registry.request.errors.GrantRefused",
    "registry.request.errors.RequestOverrun",
}


def whole_tree(family: type[Exception]) -> list[type[Exception]]:
    return [kind for child in family.__subclasses__() for kind in (child, *whole_tree(child))]


def name(kind: type[Exception]) -> str:
    return f"{kind.__module__}.{kind.__name__}"


def test_every_refusal_that_handing_in_can_raise_has_a_status():
    for module in pkgutil.walk_packages(registry.__path__, "registry."):
        importlib.import_module(module.name)
    tree = whole_tree(RegistryError)
    own = [kind for kind in tree if ".".join(kind.__module__.split(".")[:2]) not in OTHER_ROOMS]

    unmapped = {name(kind) for kind in own if not issubclass(kind, tuple(STATUS_OF))}

    assert unmapped == OUR_OWN_FAULTS


def test_a_kind_stands_before_its_family():
    kinds = list(STATUS_OF)

    for place, kind in enumerate(kinds):
        assert not any(issubclass(later, kind) for later in kinds[place + 1 :]), kind


def test_every_refusal_has_a_code_that_is_listed_with_its_status():
    for kind, status in STATUS_OF.items():
        for child in (kind, *whole_tree(kind)):
            # A signature's fault has a code of its own each.
            codes = list(SignatureFault) if child is RequestNotSigned else [code_of(child)]
            for code in codes:
                expected = {status, HTTPStatus.FORBIDDEN} if code == "wrong_purpose" else {status}
                assert PROBLEMS[code].status in expected, code


def test_a_code_of_what_is_wrong_in_a_file_is_the_faults_and_not_the_problems():
    error = WorkbookBroken()

    assert error.faults[0].code == "broken_workbook"
    assert code_of(type(error), error) == "submission_refused"


class FailingSessions(Sessions):
    """Sessions that always raise."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, query):
        raise self._error

    run = read
    rows = read


def body_before(world: World, folder, error: Exception) -> BodySystem:
    """A body before a register whose database raises."""
    broken = installation_of(world, folder, world.personal)
    object.__setattr__(broken, "sessions", FailingSessions(error))
    return BodySystem(create_app(broken, now=lambda: NOON), world)


SECRET = "张三 210102197001010011 /srv/certreg/register.sqlite3"


@pytest.mark.parametrize("error", [RuntimeError(SECRET), ZeroDivisionError(SECRET), RegistryError(SECRET)])
def test_an_unknown_error_is_500_without_its_text(young_world, tmp_path, caplog, error):
    body = body_before(young_world, tmp_path, error)

    with caplog.at_level(logging.DEBUG):
        problem = require_problem(body.hand_in(young_world.file()), 500)

    assert problem["detail"].startswith(
        "the register has failed, and it is not known whether this was stored"
    )
    assert type(error).__name__ not in problem["detail"]
    assert type(error).__name__ in caplog.text
    assert "张三" not in caplog.text
    assert "210102" not in caplog.text


def test_an_installation_without_its_secrets_is_500_and_stores_nothing(young_world, tmp_path, caplog):
    body = BodySystem(create_app(installation_of(young_world, tmp_path), now=lambda: NOON), young_world)
    stored = everything_stored(young_world)

    answer = body.hand_in(young_world.file())

    assert "missing.key" not in str(require_problem(answer, 500))
    assert "SecretFileUnusable" in caplog.text
    assert everything_stored(young_world) == stored


@pytest.mark.parametrize(
    "error",
    [
        RegisterBusy(8, "locked by another writer"),
        CommitUnknown(),
        StorageFull(),
        StorageFailed("disk I/O error"),
    ],
)
def test_a_busy_register_says_when_to_come_again(young_world, tmp_path, error):
    answer = body_before(young_world, tmp_path, error).hand_in(young_world.file())

    require_problem(answer, 503)
    assert answer.headers["Retry-After"] == "5"


def test_a_register_that_is_an_older_copy_of_itself_takes_nothing_and_says_why(young_world, tmp_path):
    file = young_world.file()
    installation = installation_of(young_world, tmp_path, young_world.personal)
    body = BodySystem(create_app(installation, now=lambda: NOON), young_world)
    young_world.tamper(update(LogHead).values(behind="a witness knows 12 leaves, this register 10"))
    stored = everything_stored(young_world)

    answer = body.hand_in(file)

    problem = require_problem(answer, 503)
    assert "a witness knows 12 leaves, this register 10" in problem["detail"]
    assert answer.headers["Retry-After"] == "600"
    assert everything_stored(young_world) == stored


def test_another_writer_who_does_not_let_go_makes_the_register_busy(young_world, tmp_path):
    address = f"sqlite:///{tmp_path / 'register.sqlite3'}"
    impatient = open_engine(address, limits=Limits(lock_seconds=0.02))
    installation = installation_of(young_world, tmp_path, young_world.personal)
    object.__setattr__(installation, "sessions", Sessions(impatient, retry=Retry(tries=2)))
    body = BodySystem(create_app(installation, now=lambda: NOON), young_world)
    other_writer = open_engine(address)

    with other_writer.begin():
        answer = body.hand_in(young_world.file())

    require_problem(answer, 503)
    assert body.hand_in(young_world.file()).status_code == 201
    impatient.dispose()
    other_writer.dispose()
