"""Serving both sites: what keeps them from starting is said in words, and nothing is left behind at the end."""

import os
import signal
import socket
from pathlib import Path

import pytest

from registry.operator.errors import NotLoopback
from registry.operator.serve_commands import Place, require_loopback
from tests.registry.operator.serving import alive, descendants, free_ports, get, served


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "localhost", "::1"])
def test_the_staff_pages_are_served_on_this_machine(host):
    assert require_loopback(host) == host


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.7", "example.org", "", "127.0.0.1.evil.example", "8.8.8.8"]
)
def test_the_staff_pages_are_served_nowhere_else(host):
    with pytest.raises(NotLoopback):
        require_loopback(host)


def test_an_ipv6_address_stands_in_brackets():
    assert Place("staff", "::1", 8001).address == "[::1]:8001"
    assert Place("staff", "127.0.0.1", 8001).address == "127.0.0.1:8001"


def test_another_host_for_the_staff_pages_is_refused_in_words(office):
    said = office.refused("serve", "--staff-host", "0.0.0.0")

    assert "people can not sign in yet" in said
    assert "127.0.0.1" in said


def test_a_port_that_is_taken_is_named(office):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port, (other,) = str(taken.getsockname()[1]), map(str, free_ports(1))

        assert "--staff-port" in office.refused("serve", "--staff-port", port, "--public-port", other)
        assert "--public-port" in office.refused("serve", "--public-port", port, "--staff-port", other)


def test_both_sites_can_not_have_one_port(office):
    (port,) = map(str, free_ports(1))

    assert "in use" in office.refused("serve", "--staff-port", port, "--public-port", port)


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_is_a_number_of_a_port(office, port):
    assert "--staff-port" in office.refused("serve", "--staff-port", port, code=2)


def test_an_address_of_another_machine_can_not_be_listened_on(office):
    staff, public = map(str, free_ports(2))

    said = office.refused(
        "serve", "--staff-port", staff, "--public-port", public, "--public-host", "192.0.2.1"
    )

    assert "--public-port" in said


def test_nothing_is_served_before_the_keys_are_founded(empty_office):
    empty_office.done("init")

    assert "certreg key found" in empty_office.refused("serve")


def test_nothing_is_served_without_the_secrets(office):
    (office.folder / "secrets" / "data.key").unlink()

    assert "data.key" in office.refused("serve")


def test_an_interruption_ends_both_sites_and_leaves_no_process(office):
    with served(office.environ) as sites:
        assert get(sites.staff + "/")[0] == 200
        assert get(sites.public + "/healthz") == (200, "ok\n")
        assert len(descendants(sites.process.pid)) >= 4

        assert sites.end(signal.SIGINT) == (0, set())

    for port in sites.ports:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), timeout=5)


def test_when_one_site_ends_by_itself_the_other_is_stopped_too(office):
    with served(office.environ) as sites:
        children = descendants(sites.process.pid)
        masters = [pid for pid in children if descendants(pid)]
        os.kill(min(masters), signal.SIGKILL)

        said, _ = sites.process.communicate(timeout=60)

        assert sites.process.returncode == 1
        assert "ended by itself" in said
        assert "Traceback" not in said
        # The workers of the site that was killed notice within a second or two.
        for _ in range(100):
            if not alive(children):
                break
            signal.sigtimedwait([], 0.1)
        assert not alive(children)


def settings_told(pid: int) -> set[str]:
    """Return the names of our variables in the environment of a process."""
    parts = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return {part.partition(b"=")[0].decode() for part in parts if part.startswith(b"CERTREG_")}


def test_the_public_site_is_not_told_where_the_keys_are_and_both_end_when_terminated(office):
    with served(office.environ) as sites:
        staff, public = (str(port).encode() for port in sites.ports)
        told = {staff: set(), public: set()}
        for pid in descendants(sites.process.pid):
            cmdline = Path(f"/proc/{pid}/cmdline").read_bytes()
            told[staff if staff in cmdline else public] |= settings_told(pid)

        assert sites.end(signal.SIGTERM) == (0, set())

    assert told[public] == {
        "CERTREG_DATABASE_URL",
        "CERTREG_PUBLIC_DIR",
        "CERTREG_LOOKUP_KEY_FILE",
        "CERTREG_ROOT_FILE",
        "CERTREG_STATUS_MAX_AGE_DAYS",
        "CERTREG_STATUS_NOTE_AGE_DAYS",
    }
    assert "CERTREG_DATA_KEY_FILE" in told[staff]
