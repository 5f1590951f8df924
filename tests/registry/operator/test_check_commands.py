"""``certreg check`` as it is typed: what it says, and with which exit code."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import text, update

from registry.certificate.tables import Entry
from registry.operator.check_commands import check
from registry.operator.desk import Desk
from registry.settings import load_settings
from tests.registry.assessment import submissions


class Checking:
    """An office, and the command before it."""

    def __init__(self, office):
        self.office = office

    def run(self, *options, code=0):
        desk = Desk(load_settings(self.office.environ))
        result = CliRunner().invoke(check, list(options), obj=desk, catch_exceptions=False)
        desk.close()
        assert result.exit_code == code, result.output
        return result.output

    def spoil(self, **values):
        installation = self.office.installation
        installation.sessions.run(lambda session: session.execute(update(Entry).values(**values)))
        installation.sessions.close()


@pytest.fixture
def checking(office):
    office.approved(*[submissions.row(number) for number in range(1, 4)])
    office.done("issue")
    return Checking(office)


def test_a_register_in_good_order_is_said_to_be(checking):
    output = checking.run()

    assert "checked everything" in output
    assert "entries (登记序号) 3" in output
    assert "nothing is wrong\n" in output
    assert "a witness outside" in output


def test_the_next_check_goes_on_where_the_last_one_ended(checking):
    checking.office.done("work", "--once")
    checking.run()

    assert "checked what came after place" in checking.run()
    assert "checked everything" in checking.run("--full")


def test_a_fault_is_told_with_its_row_and_ends_with_1(checking):
    checking.spoil(status="void")

    output = checking.run(code=1)

    assert "state: entry 1: it is void" in output
    assert "found: " in output


def test_after_a_fault_everything_is_looked_at_again(checking):
    checking.spoil(status="void")
    checking.run(code=1)

    assert "checked everything" in checking.run(code=1)


def test_what_could_not_be_checked_is_said_and_ends_with_2(checking):
    (checking.office.folder / "secrets" / "data.key").unlink()

    output = checking.run("--full", code=2)

    assert "not checked: sealed" in output
    assert "nothing is wrong with what was checked" in output


def test_a_register_that_is_not_there_ends_with_2(checking):
    checking.office.environ["CERTREG_DATABASE_URL"] = "sqlite:////nowhere/register.sqlite3"

    assert "certreg:" in checking.run(code=2)


def test_json_holds_all_findings_and_counts(checking):
    checking.spoil(status="void")

    report = json.loads(checking.run("--json", "--full", code=1))

    assert report["exit_code"] == 1
    assert report["since_place"] == 0
    assert report["counts"]["entries"] == 3
    assert {"kind": "state", "table": "entry", "row": "1"}.items() <= report["findings"][0].items()


def test_several_processes_find_the_same(checking):
    checking.spoil(status="void")
    alone = json.loads(checking.run("--json", "--processes", "1", code=1))
    together = json.loads(checking.run("--json", "--processes", "2", code=1))

    keys = ("counts", "findings", "skipped")
    assert [sorted(map(str, alone[key])) for key in keys] == [sorted(map(str, together[key])) for key in keys]


def test_a_charter_that_can_not_be_read_is_refused_in_words(checking):
    installation = checking.office.installation
    installation.sessions.run(
        lambda session: session.execute(text("UPDATE charter SET founded_at = 'never'"))
    )
    installation.sessions.close()

    output = checking.run(code=2)

    assert "charter" in output
    assert "can not be read" in output


@pytest.mark.parametrize("role", ["snapshot", "status", "targets", "names", "root", "timestamp"])
def test_metadata_that_a_client_would_refuse_is_found(checking, role):
    checking.run()
    folder = checking.office.folder / "public" / "tuf"
    (path,) = (path for path in folder.iterdir() if role in path.name.split(".")[:2])
    path.write_text(path.read_text().replace('"expires":"20', '"expires":"21'))

    assert f"{path}" in checking.run(code=1)
