"""What an entry of the backup becomes, for each status here, each status that is public, and each age."""

from datetime import timedelta

import pytest

from registry.backup.errors import StatusContradicts
from registry.backup.manifest import Manifest
from registry.backup.public_word import Age, PublicWord
from registry.certificate.lifecycle import Status
from signing.status import Status as PublicStatus
from tests.instants import NOON
from tests.registry.world import ENVIRONMENT

NUMBERED, SIGNED, RELEASED, SUSPENDED, REINSTATED, REVOKED, SUPERSEDED, VOID = (
    Status.NUMBERED,
    Status.SIGNED,
    Status.RELEASED,
    Status.SUSPENDED,
    Status.REINSTATED,
    Status.REVOKED,
    Status.SUPERSEDED,
    Status.VOID,
)
SETS = {
    VOID: "voided",
    NUMBERED: "unreleased",
    REVOKED: "revoked",
    SUPERSEDED: "superseded",
    SUSPENDED: "suspended",
}
CONTRADICTION = None

# Stored, then what it becomes if the public was told: unreleased, released, suspended, revoked, superseded, void.
TOLD = (NUMBERED, RELEASED, SUSPENDED, REVOKED, SUPERSEDED, VOID)
TABLE = {
    NUMBERED: (NUMBERED, RELEASED, SUSPENDED, REVOKED, SUPERSEDED, VOID),
    SIGNED: (SIGNED, RELEASED, SUSPENDED, REVOKED, SUPERSEDED, VOID),
    RELEASED: (RELEASED, RELEASED, SUSPENDED, REVOKED, SUPERSEDED, CONTRADICTION),
    SUSPENDED: (SUSPENDED, RELEASED, SUSPENDED, REVOKED, SUPERSEDED, CONTRADICTION),
    # For the public it was suspended.
    REINSTATED: (REINSTATED, RELEASED, SUSPENDED, REVOKED, SUPERSEDED, CONTRADICTION),
    REVOKED: (REVOKED, REVOKED, REVOKED, REVOKED, CONTRADICTION, CONTRADICTION),
    SUPERSEDED: (SUPERSEDED, SUPERSEDED, SUPERSEDED, CONTRADICTION, SUPERSEDED, CONTRADICTION),
    VOID: (VOID, CONTRADICTION, CONTRADICTION, CONTRADICTION, CONTRADICTION, VOID),
}
CASES = [
    (stored, public, after) for stored, row in TABLE.items() for public, after in zip(TOLD, row, strict=True)
]


def public_status(status, *, made_at=NOON):
    """Return a status of one entry."""
    sets = {name: frozenset({1}) if SETS.get(status) == name else frozenset() for name in SETS.values()}
    return PublicStatus(
        environment=ENVIRONMENT, version=1, made_at=made_at, size=1, trust_keys_version=1, **sets
    )


@pytest.mark.parametrize(("stored", "public", "after"), CASES)
def test_a_newer_public_status_is_followed(stored, public, after):
    word = PublicWord(public_status(public), Age.NEWER)

    if after is CONTRADICTION:
        with pytest.raises(StatusContradicts):
            word.followed(1, stored)
    else:
        assert word.followed(1, stored) is after


@pytest.mark.parametrize(
    ("stored", "public", "age", "after"),
    [
        (RELEASED, SUSPENDED, Age.OLDER, RELEASED),
        (RELEASED, SUSPENDED, Age.BESIDE, SUSPENDED),
        (SUSPENDED, RELEASED, Age.OLDER, SUSPENDED),
        (SUSPENDED, RELEASED, Age.BESIDE, SUSPENDED),
        (REINSTATED, SUSPENDED, Age.OLDER, REINSTATED),
        (REINSTATED, SUSPENDED, Age.BESIDE, SUSPENDED),
        (REINSTATED, RELEASED, Age.OLDER, REINSTATED),
        (REINSTATED, RELEASED, Age.BESIDE, REINSTATED),
        (RELEASED, REVOKED, Age.OLDER, REVOKED),
        (SIGNED, RELEASED, Age.OLDER, RELEASED),
    ],
)
def test_only_a_suspension_depends_on_which_is_younger(stored, public, age, after):
    assert PublicWord(public_status(public), age).followed(1, stored) is after


@pytest.mark.parametrize("stored", TABLE)
def test_an_entry_above_the_public_status_stays_as_it_is(stored):
    assert PublicWord(public_status(RELEASED), Age.NEWER).followed(2, stored) is stored


@pytest.mark.parametrize(
    ("seconds", "age"), [(-2, Age.OLDER), (0, Age.BESIDE), (3, Age.BESIDE), (5, Age.BESIDE), (6, Age.NEWER)]
)
def test_the_age_is_told_by_the_time_the_backup_took(seconds, age):
    manifest = Manifest(
        environment=ENVIRONMENT,
        revision="",
        made_at=NOON + timedelta(milliseconds=500),
        ended_at=NOON + timedelta(seconds=5),
        place=0,
        hash="",
        entry=1,
        series={},
        tables=(),
    )

    status = public_status(RELEASED, made_at=NOON + timedelta(seconds=seconds))

    assert PublicWord.beside(status, manifest, newest_at=manifest.made_at).age is age


@pytest.mark.parametrize(
    ("minutes", "age"),
    [(-1, Age.OLDER), (0, Age.BESIDE), (9, Age.BESIDE), (11, Age.NEWER), (3000, Age.NEWER)],
)
def test_a_backup_of_an_old_copy_is_as_old_as_its_last_act(minutes, age):
    manifest = Manifest(
        environment=ENVIRONMENT,
        revision="",
        made_at=NOON + timedelta(days=3),
        ended_at=NOON + timedelta(days=3, seconds=5),
        place=0,
        hash="",
        entry=1,
        series={},
        tables=(),
    )

    status = public_status(RELEASED, made_at=NOON + timedelta(minutes=minutes))

    assert PublicWord.beside(status, manifest, newest_at=NOON).age is age
