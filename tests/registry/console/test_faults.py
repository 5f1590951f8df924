"""When something goes wrong, the page says so in Chinese and tells nothing of the inside."""

import pytest

from registry.app import create_app
from registry.console.texts import FAULTS
from registry.database.errors import RegisterBusy
from registry.database.sessions import Sessions
from registry.journal.errors import RegisterOutdated
from tests.instants import NOON
from tests.registry.staff_site import installation_of

SECRET = "张三 210102197001010011"


class FailingSessions(Sessions):
    """Sessions that always raise."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, query):
        raise self._error


@pytest.fixture
def site_that_raises(tmp_path):
    class Nobody:
        sessions = None

    def site(error: Exception):
        world = Nobody()
        world.sessions = FailingSessions(error)
        return create_app(installation_of(world, tmp_path), now=lambda: NOON).test_client()

    return site


def test_an_unknown_error_is_a_plain_page_without_its_text(site_that_raises, caplog):
    answer = site_that_raises(RuntimeError(SECRET)).get("/")

    assert answer.status_code == 500
    assert FAULTS[500][0] in answer.text
    assert "RuntimeError" not in answer.text
    assert "张三" not in answer.text + caplog.text
    assert "RuntimeError at " in caplog.text


def test_a_busy_register_says_when_to_come_again(site_that_raises):
    answer = site_that_raises(RegisterBusy(8, "locked")).get("/submissions")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "请稍等" in answer.text


def test_a_register_that_is_an_older_copy_of_itself_says_why(site_that_raises):
    answer = site_that_raises(RegisterOutdated("<b>a witness</b> knows 12 leaves")).get("/")

    assert answer.status_code == 503
    assert "只能查看" in answer.text
    assert "&lt;b&gt;a witness&lt;/b&gt; knows 12 leaves" in answer.text
    assert "Retry-After" not in answer.headers


def test_a_name_that_is_not_this_machine_gets_no_page(site_that_raises):
    site = site_that_raises(RuntimeError(SECRET))

    for host in ("evil.example", "evil.example:8001", "[::2]", "[::1", "", "a..b", "a" * 64, "."):
        answer = site.get("/", headers={"Host": host})
        assert answer.status_code == 400, host
        assert "evil" not in answer.text
