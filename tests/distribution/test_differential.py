"""Metadata with one member changed, signed as it should be: both clients come to the same end."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from securesystemslib.formats import encode_canonical

from tests.distribution.cases import Case, Visit
from tests.distribution.clients import outcomes_of_page, outcomes_of_update
from tests.distribution.repository import PUBLICATION, Repository, repository, tuf_key
from tests.vectors import world

FILES = {
    "tuf/1.root.json": world.ROOTS[:2],
    "tuf/timestamp.json": [PUBLICATION],
    "tuf/1.snapshot.json": [PUBLICATION],
    "tuf/1.targets.json": world.ROOTS[:2],
    "tuf/1.names.json": Repository(world.NOW).custodians,
    "tuf/1.status.json": [world.STATUS],
}
VALUES = [None, True, 0, 1, -1, 2, 2**40, "", "x", "1", "0" * 64, [], {}, [1], {"a": 1}]
MORE = ["succinct_roles", "path_hash_prefixes", "sha512", "length", "hashes", "delegations"]
LEFT_OUT = object()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the way to every member and item of a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield (*path, name)
        yield from places(item, (*path, name))


def value_at(value: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        value = value[name]
    return value


def changed(signed: dict[str, Any], path: tuple[Any, ...], new: Any) -> dict[str, Any]:
    whole = copy.deepcopy(signed)
    at = value_at(whole, path[:-1])
    if new is LEFT_OUT:
        del at[path[-1]]
    else:
        at[path[-1]] = new
    return whole


def signed_anew(signed: dict[str, Any], keys: list[world.SeedKey]) -> bytes:
    said = encode_canonical(signed).encode()
    signatures = [{"keyid": tuf_key(key).keyid, "sig": key.private.sign(said).hex()} for key in keys]
    return json.dumps({"signatures": signatures, "signed": signed}).encode()


def changes(files: dict[str, bytes], chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Return each file with each member left out, with values in its place, and with members more in it."""
    for name, keys in FILES.items():
        signed = json.loads(files[name])["signed"]
        for path in places(signed):
            for new in (LEFT_OUT, *chance.sample(VALUES, 2)):
                yield name, signed_anew(changed(signed, path, new), keys)
        for path in [(), *places(signed)]:
            if isinstance(value_at(signed, path), dict):
                for more in ("more", chance.choice(MORE)):
                    yield name, signed_anew(changed(signed, (*path, more), chance.choice(VALUES)), keys)


def test_both_clients_come_to_the_same_end(tmp_path):
    made = repository(world.NOW)
    chance = random.Random(20261120)
    cases = [
        Case(made.pin(), [Visit(made.files | {name: data}, "")]) for name, data in changes(made.files, chance)
    ]

    in_the_page = outcomes_of_page(cases, now=world.NOW)

    for number, (case, page) in enumerate(zip(cases, in_the_page, strict=True)):
        told = outcomes_of_update(case.pin, case.visits, tmp_path / str(number), now=world.NOW)
        assert told == page, changed_file(case, made)
    refused = [page[0].reason for page in in_the_page if page[0].reason]
    assert len(refused) > 300
    assert len(set(refused)) > 5


def changed_file(case: Case, made: Repository) -> str:
    """Return what was changed, for whoever reads a failure."""
    (visit,) = case.visits
    return next(f"{name}: {visit.files[name]!r}" for name in FILES if visit.files[name] != made.files[name])
