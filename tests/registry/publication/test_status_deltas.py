"""The deltas in the public tree: whatever a verifier holds comes to what is public, also after faults."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from registry.publication import status_deltas
from registry.publication.public_files import STATUS, read_public_file, remove_left_behind, write_public_file
from registry.publication.status_deltas import deltas_there, write_deltas
from signing.cose import Kind
from signing.status import open_status
from signing.status_delta import apply, delta_name
from tests.vectors import world

MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TRUST = world.trust_keys()


def signed(status):
    return world.STATUS.sign1(status.to_payload(), Kind.STATUS)


class Register:
    """Publishes a status of a thousand entries in sets, of which a few change every time."""

    def __init__(self, public_dir):
        self.public_dir = public_dir
        self.random = Random(1)
        revoked = frozenset(self.random.sample(range(1, 60_000), 1_000))
        self.status = world.status(
            version=0, voided=frozenset(), unreleased=frozenset(), superseded=frozenset(), revoked=revoked
        )
        self.status = replace(self.status, suspended=frozenset())
        self.last = None
        self.history = []

    def next_status(self, now):
        """Return the status of a later moment: something is revoked, suspended, reinstated, numbered, released."""
        old = self.status
        free = [
            entry
            for entry in self.random.sample(range(1, 60_000), 9)
            if entry not in old.revoked | old.suspended
        ]
        size = old.size + self.random.choice((0, 0, 1, 5))
        self.status = replace(
            old,
            version=max(old.version + 1, int(now.timestamp())),
            made_at=now,
            size=size,
            revoked=old.revoked | {free[0]},
            suspended=frozenset(free[1:3]),
            unreleased=frozenset(range(old.size + 1, size + 1)),
        )
        self.history.append(self.status)
        return self.status

    def publish(self, now, *, worth_bytes=0):
        file = signed(self.next_status(now))
        last, self.last = self.last, self.status
        write_deltas(self.public_dir, file, self.status, last, worth_bytes=worth_bytes)
        write_public_file(self.public_dir, STATUS, file)

    def refreshed(self, held, now):
        """Return what a verifier that holds a status makes of the delta it asks for, ``None`` if there is none."""
        name = delta_name(held.made_at, now)
        data = name and read_public_file(self.public_dir, name)
        return open_status(apply(data, held), TRUST) if data else None


@pytest.fixture
def register(tmp_path):
    return Register(tmp_path)


def test_whoever_was_away_for_up_to_eight_days_is_brought_up_to_date(register):
    now = MIDNIGHT
    for minutes in [*range(0, 11 * 1440, 361), *range(11 * 1440, 11 * 1440 + 500, 25)]:
        now = MIDNIGHT + minutes * MINUTE
        register.publish(now)

    reached = [register.refreshed(held, now) for held in register.history]

    assert all(after in (None, register.status) for after in reached)
    away = [now.date() - held.made_at.date() for held in register.history]
    assert [after is not None for after in reached] == [days <= timedelta(days=8) for days in away]
    assert len(deltas_there(register.public_dir)) == 9 + 7


def test_an_entry_that_changed_and_changed_back_is_in_the_delta(register):
    register.publish(MIDNIGHT)
    register.publish(MIDNIGHT + MINUTE)
    held = register.status
    assert held.suspended
    register.publish(MIDNIGHT + 2 * MINUTE)
    assert held.suspended - register.status.suspended

    assert register.refreshed(held, MIDNIGHT) == register.status


def test_what_is_too_old_is_removed_and_nothing_grows(register):
    for hours in range(0, 400, 5):
        register.publish(MIDNIGHT + timedelta(hours=hours))
        names = deltas_there(register.public_dir)
        assert len(names) <= 16

    assert sorted(path.name for path in (register.public_dir / "status" / "since").iterdir()) == [
        name.rpartition("/")[2] for name in names
    ]


def test_a_small_status_has_no_deltas_and_those_of_a_larger_one_go(register):
    register.publish(MIDNIGHT)
    assert deltas_there(register.public_dir) != []

    register.publish(MIDNIGHT + MINUTE, worth_bytes=status_deltas.WORTH_A_DELTA_BYTES)

    assert deltas_there(register.public_dir) == []


def test_a_delta_that_is_no_smaller_than_the_file_begins_anew(register):
    register.publish(MIDNIGHT)
    everything = replace(register.status, revoked=frozenset(range(1, 60_001, 7)), suspended=frozenset())
    register.publish(MIDNIGHT + MINUTE)
    held = register.status
    register.status = replace(everything, version=register.status.version)

    register.publish(MIDNIGHT + 2 * MINUTE)
    register.publish(MIDNIGHT + 3 * MINUTE)

    with pytest.raises(Exception, match="is held"):
        register.refreshed(held, MIDNIGHT)
    assert register.refreshed(register.history[-2], MIDNIGHT) == register.status


@pytest.mark.parametrize(
    "damage", [b"", b"\x00", b"\xa0", None], ids=["empty", "a byte", "another map", "lost"]
)
def test_a_damaged_or_lost_delta_begins_anew(register, damage):
    register.publish(MIDNIGHT)
    for name in deltas_there(register.public_dir):
        if damage is None:
            (register.public_dir / name).unlink()
        else:
            (register.public_dir / name).write_bytes(damage)

    register.publish(MIDNIGHT + MINUTE)
    register.publish(MIDNIGHT + 2 * MINUTE)

    assert register.refreshed(register.history[1], MIDNIGHT) == register.status


def test_deltas_to_a_status_that_nobody_knows_begin_anew(register):
    register.publish(MIDNIGHT)
    register.publish(MIDNIGHT + MINUTE)
    (register.public_dir / STATUS).write_bytes(signed(register.history[0]))
    register.last = None

    register.publish(MIDNIGHT + 2 * MINUTE)
    register.publish(MIDNIGHT + 3 * MINUTE)

    assert register.refreshed(register.history[2], MIDNIGHT) == register.status


@pytest.mark.parametrize("writes", range(4))
def test_a_publisher_that_dies_between_the_deltas_costs_nobody_his_delta(register, monkeypatch, writes):
    """Those who hold what came out in part, and those who hold what was there before, are both brought on."""
    for hours in range(30):
        register.publish(MIDNIGHT + timedelta(hours=hours))
    now = MIDNIGHT + timedelta(hours=30)
    left = iter(range(writes))

    def write(public_dir, name, data):
        if next(left, None) is None:
            raise KeyboardInterrupt
        write_public_file(public_dir, name, data)

    with monkeypatch.context() as patched:
        patched.setattr(status_deltas, "write_public_file", write)
        with pytest.raises(KeyboardInterrupt):
            register.publish(now)

    came_out = [*register.history] if writes else register.history[:-1]
    register.publish(now + MINUTE)

    reached = [register.refreshed(held, now + MINUTE) for held in came_out]
    assert reached == [register.status] * len(reached)
    assert len(reached) >= 30


def test_what_a_killed_writer_left_is_removed(register):
    register.publish(MIDNIGHT)
    part = register.public_dir / "status" / "since" / ".2026-11-20.cbor.x1y2z3"
    part.write_bytes(b"")

    remove_left_behind(register.public_dir)

    assert not part.exists()
    assert len(deltas_there(register.public_dir)) == 2
