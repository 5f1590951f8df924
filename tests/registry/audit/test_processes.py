"""Hands in other processes: they find what one process finds."""

import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import update

from registry.audit.check import Check, own_hands
from registry.audit.errors import ProcessLost
from registry.audit.evidence import open_evidence
from registry.audit.finding import Outcome
from registry.audit.processes import Address, many_hands
from registry.audit.tasks import Room, Scope, Task
from registry.certificate.tables import Entry
from registry.database.engine import Limits
from registry.foundation.charter import read_charter


def address_of(audited):
    return Address(audited.engine.url.render_as_string(hide_password=False), Limits())


def pool_processes():
    """Return the children of this process that were spawned for pieces."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text("ascii").split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def test_many_hands_find_what_one_finds(fresh_audited):
    audited = fresh_audited
    sessions, places = audited.world.sessions, audited.places
    evidence = open_evidence(places, sessions.read(read_charter))
    audited.world.tamper(update(Entry).where(Entry.entry == 4).values(token=b"none"))

    alone, _ = Check(sessions, evidence, own_hands(sessions, evidence), places).run()
    with many_hands(address_of(audited), places, processes=2) as hands:
        together, _ = Check(sessions, evidence, hands, places).run()

    assert set(together.findings) == set(alone.findings) != set()
    assert together.counts == alone.counts


def test_a_process_that_is_killed_ends_the_check_in_words(audited):
    task = Task(Room.CHAIN, 1, 1)
    with many_hands(address_of(audited), audited.places, processes=1) as hands:
        outcomes = hands(Scope(1, 1, 1), [task] * 100)
        assert isinstance(next(outcomes), Outcome)
        for child in pool_processes():
            os.kill(child, signal.SIGKILL)
        with pytest.raises(ProcessLost):
            for _ in outcomes:
                pass
