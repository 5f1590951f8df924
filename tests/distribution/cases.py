"""Every way in which a distribution can go right or wrong: one table for all clients.

A case is what one visitor meets, visit after visit; each visit has the files on the host and what must come of
it: ``updated``, ``current``, or the reason and the file that shows it. A visitor remembers from visit to visit.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from signing.cose import Kind
from signing.root import Root
from tests.distribution.repository import (
    KEYS,
    NAMES,
    PUBLICATION,
    STATUS,
    Repository,
    hashed,
    repository,
    root_keys,
)
from tests.vectors import world
from tests.vectors.world import SeedKey

PAST = timedelta(seconds=0)
NEW_PUBLICATION = SeedKey("publication, second")
LAST_NUMBER = 2**31 - 1


@dataclass(frozen=True)
class Visit:
    """The files on the host, and what comes of the visit. ``later`` is the time since the first visit."""

    files: dict[str, bytes]
    reason: str
    about: str | None = None
    recovered: bool = False
    later: timedelta = PAST


@dataclass(frozen=True)
class Case:
    """The pinned root, and the visits in their order."""

    pin: Root
    visits: list[Visit]


def updated(made: Repository, **more: Any) -> Visit:
    return Visit(dict(made.files), "updated", **more)


def refused(made: Repository, reason: str, about: str, **more: Any) -> Visit:
    return Visit(dict(made.files), reason, about if "/" in about else f"tuf/{about}", **more)


# What goes well


def first_visit(made: Repository) -> list[Visit]:
    return [updated(made)]


def nothing_new(made: Repository) -> list[Visit]:
    return [updated(made), Visit(dict(made.files), "current")]


def a_new_status(made: Repository) -> list[Visit]:
    first = updated(made)
    made.status_version += 1
    return [first, updated(made.publish("status"))]


def old_files_are_pruned(made: Repository) -> list[Visit]:
    first = updated(made)
    made.status_version += 1
    made.publish()
    for name in ("tuf/1.targets.json", "tuf/1.names.json", "tuf/1.status.json", "tuf/1.snapshot.json"):
        del made.files[name]
    return [first, updated(made)]


# Rotation of the root


def rotated_over_three_versions(made: Repository) -> list[Visit]:
    for generation in (2, 3):
        made.rotate(root_keys(generation))
    return [updated(made.publish())]


def rotated_between_visits(made: Repository) -> list[Visit]:
    first = updated(made)
    made.rotate(root_keys(2)).publish()
    return [first, updated(made)]


def expired_roots_on_the_way(made: Repository) -> list[Visit]:
    made.life["root"] = PAST
    made.rotate(root_keys(2))
    made.life["root"] = timedelta(days=1)
    return [updated(made.rotate(root_keys(3)).publish())]


def next_root_without_the_old_keys(made: Repository) -> list[Visit]:
    made.signers["root"] = [*root_keys(1)[:1], *root_keys(2)[:2]]
    return [refused(made.rotate(root_keys(2)), "threshold_not_met", "2.root.json")]


def next_root_without_its_own_keys(made: Repository) -> list[Visit]:
    made.signers["root"] = [*root_keys(1)[:2], *root_keys(2)[:1]]
    return [refused(made.rotate(root_keys(2)), "threshold_not_met", "2.root.json")]


def a_version_of_the_root_left_out(made: Repository) -> list[Visit]:
    made.rotate(root_keys(1)).rotate(root_keys(1)).publish()
    made.files["tuf/2.root.json"] = made.files.pop("tuf/3.root.json")
    return [refused(made, "root_out_of_order", "2.root.json")]


def an_old_root_for_a_new_one(made: Repository) -> list[Visit]:
    made.files["tuf/2.root.json"] = made.files["tuf/1.root.json"]
    return [refused(made, "root_out_of_order", "2.root.json")]


def the_pinned_version_is_another(made: Repository) -> list[Visit]:
    made.rotate(root_keys(1))
    made.files["tuf/1.root.json"] = made.files["tuf/2.root.json"]
    return [refused(made, "root_out_of_order", "1.root.json")]


def another_root_than_pinned(made: Repository) -> list[Visit]:
    other = Repository(made.now, roots=root_keys(9))
    other.write("root")
    return [refused(other.publish(), "wrong_root", "1.root.json")]


def another_threshold_than_pinned(made: Repository) -> list[Visit]:
    made.threshold = 1
    made.write("root", 1)
    return [refused(made.publish(), "wrong_root", "1.root.json")]


def pinned_root_with_too_few_signatures(made: Repository) -> list[Visit]:
    made.signers["root"] = made.roots[:1]
    made.write("root", 1)
    return [refused(made, "threshold_not_met", "1.root.json")]


def a_root_key_under_two_names(made: Repository) -> list[Visit]:
    content = json.loads(made.files["tuf/1.root.json"])
    signed = content["signed"]
    first, *others = signed["roles"]["root"]["keyids"]
    signed["keys"]["0" * 64] = signed["keys"][first]
    signed["roles"]["root"]["keyids"] = [first, "0" * 64, *others]
    made.files["tuf/1.root.json"] = json.dumps(content).encode()
    return [refused(made, "malformed_metadata", "1.root.json")]


def newer_roots_withheld(made: Repository) -> list[Visit]:
    old = made.copy()
    made.rotate(root_keys(2), publication=NEW_PUBLICATION).publish()
    return [updated(made), refused(old.publish(), "threshold_not_met", "timestamp.json")]


# Rollback


def an_older_timestamp(made: Repository) -> list[Visit]:
    old = dict(made.files)
    return [updated(made.publish()), Visit(old, "rollback", "tuf/timestamp.json")]


def an_older_snapshot(made: Repository) -> list[Visit]:
    first = updated(made.publish())
    made.meta["snapshot"] = 1
    made.write("timestamp")
    return [first, refused(made, "rollback", "timestamp.json")]


def an_older_status(made: Repository) -> list[Visit]:
    first = updated(made.publish())
    made.meta["status"] = 1
    return [first, refused(made.publish("targets"), "rollback", "3.snapshot.json")]


def older_keys(made: Repository) -> list[Visit]:
    first = updated(made.publish())
    made.meta["targets"] = 1
    return [first, refused(made.publish("status"), "rollback", "3.snapshot.json")]


def a_refused_visit_forgets_nothing(made: Repository) -> list[Visit]:
    old = made.copy()
    newer = made.copy().publish()
    del newer.files["tuf/2.snapshot.json"]
    return [
        updated(made),
        refused(newer, "incomplete", "2.snapshot.json"),
        refused(old, "rollback", "timestamp.json"),
    ]


def a_role_left_out_of_the_snapshot(made: Repository) -> list[Visit]:
    first = updated(made)
    made.meta["names"] = 0
    return [first, refused(made.publish(), "malformed_metadata", "2.snapshot.json")]


# Fast-forward


def forwarded(made: Repository) -> Repository:
    """Whoever has the online key publishes the highest version there is."""
    gone_far = made.copy()
    for role in ("snapshot", "timestamp"):
        gone_far.write(role, LAST_NUMBER)
    return gone_far


def fast_forward_without_rotation(made: Repository) -> list[Visit]:
    return [updated(forwarded(made)), refused(made.publish(), "rollback", "timestamp.json")]


def fast_forward_and_rotation(made: Repository) -> list[Visit]:
    first = updated(forwarded(made))
    made.rotate(root_keys(1), publication=NEW_PUBLICATION).publish()
    return [first, updated(made, recovered=True)]


def fast_forward_of_the_status_and_rotation(made: Repository) -> list[Visit]:
    gone_far = made.copy()
    gone_far.write("status", LAST_NUMBER)
    for role in ("snapshot", "timestamp"):
        gone_far.write(role, LAST_NUMBER)
    made.rotate(root_keys(1), publication=NEW_PUBLICATION).publish()
    return [updated(gone_far), updated(made, recovered=True)]


# Freeze


def expired(role: str, about: str) -> Callable[[Repository], list[Visit]]:
    def case(made: Repository) -> list[Visit]:
        made.life[role] = PAST
        if role == "root":
            made.write("root", 1)
        return [refused(made.publish(), "expired", about)]

    return case


def frozen_for_two_days(made: Repository) -> list[Visit]:
    later = timedelta(days=2)
    return [updated(made), refused(made, "expired", "timestamp.json", later=later)]


def frozen_but_for_the_timestamp(made: Repository) -> list[Visit]:
    first = updated(made)
    made.life["timestamp"] = timedelta(days=20)
    made.write("timestamp")
    return [first, refused(made, "expired", "1.snapshot.json", later=timedelta(days=8))]


# Mix and match


def another_snapshot_than_the_timestamps(made: Repository) -> list[Visit]:
    old = made.files["tuf/1.snapshot.json"]
    made.publish()
    made.files["tuf/2.snapshot.json"] = old
    return [refused(made, "mix_and_match", "2.snapshot.json")]


def another_role_than_the_snapshots(role: str) -> Callable[[Repository], list[Visit]]:
    def case(made: Repository) -> list[Visit]:
        old = made.files[f"tuf/1.{role}.json"]
        made.publish()
        made.files[f"tuf/2.{role}.json"] = old
        return [refused(made, "mix_and_match", f"2.{role}.json")]

    return case


def exactly(made: Repository) -> list[Visit]:
    made.exactly = True
    return [updated(made.publish())]


def another_file_of_the_version(role: str) -> Callable[[Repository], list[Visit]]:
    def case(made: Repository) -> list[Visit]:
        made.exactly = True
        made.publish()
        made.life[role] += timedelta(seconds=1)
        made.write(role, 2)
        return [refused(made, "mix_and_match", f"2.{role}.json")]

    return case


def a_longer_file_of_the_version(made: Repository) -> list[Visit]:
    made.exactly = True
    made.publish()
    made.files["tuf/2.status.json"] += b" "
    return [refused(made, "too_large", "2.status.json")]


def a_shorter_file_of_the_version(made: Repository) -> list[Visit]:
    made.lengths["names"] = len(made.files["tuf/1.names.json"]) + 1
    return [refused(made.publish(), "mix_and_match", "2.names.json")]


# Signatures


def too_few_signatures(role: str, about: str) -> Callable[[Repository], list[Visit]]:
    def case(made: Repository) -> list[Visit]:
        made.signers[role] = made._entitled(role)[:-1]
        return [refused(made.publish(), "threshold_not_met", about)]

    return case


def signed_by(role: str, keys: list[SeedKey], about: str) -> Callable[[Repository], list[Visit]]:
    def case(made: Repository) -> list[Visit]:
        made.signers[role] = keys
        return [refused(made.publish(), "threshold_not_met", about)]

    return case


def one_signature_twice(made: Repository) -> list[Visit]:
    made.signers["names"] = made.custodians[:1]
    made.publish()
    head, signature, tail = _around_signature(made.files["tuf/2.names.json"])
    made.files["tuf/2.names.json"] = head + signature + b", " + signature + tail
    return [refused(made, "malformed_metadata", "2.names.json")]


def _around_signature(data: bytes) -> tuple[bytes, bytes, bytes]:
    start = data.index(b"[", data.index(b'"signatures"')) + 1
    end = data.index(b"]", start)
    return data[:start], data[start:end], data[end:]


# Environment


def of_another_environment(role: str, about: str) -> Callable[[Repository], list[Visit]]:
    def case(made: Repository) -> list[Visit]:
        made.environment[role] = "test"
        if role == "root":
            made.write("root", 1)
        return [refused(made.publish(), "wrong_environment", about)]

    return case


def next_root_of_another_environment(made: Repository) -> list[Visit]:
    made.environment["root"] = "test"
    return [refused(made.rotate(root_keys(2)), "wrong_environment", "2.root.json")]


# Delegations


def paths_of(role: str, paths: list[str], about: str) -> Callable[[Repository], list[Visit]]:
    def case(made: Repository) -> list[Visit]:
        made.paths[role] = paths
        return [refused(made.publish(), "wrong_delegation", about)]

    return case


def lists_of(role: str, paths: list[str], about: str) -> Callable[[Repository], list[Visit]]:
    def case(made: Repository) -> list[Visit]:
        made.lists[role] = paths
        return [refused(made.publish(), "wrong_delegation", about)]

    return case


def the_status_supplies_the_keys(made: Repository) -> list[Visit]:
    made.paths["status"] = ["trust/*", "status/*"]
    made.lists |= {"targets": [], "status": [KEYS, STATUS]}
    return [refused(made.publish(), "wrong_delegation", KEYS)]


def the_status_is_asked_for_names(made: Repository) -> list[Visit]:
    made.paths = {"status": ["status/*", "trust/names.*"], "names": [NAMES]}
    return [refused(made.publish(), "wrong_delegation", NAMES)]


def a_pattern_of_another_kind(made: Repository) -> list[Visit]:
    made.paths["status"] = ["status/[a-z]*"]
    return [refused(made.publish(), "malformed_metadata", "2.targets.json")]


# The files themselves


def altered(path: str, change: Callable[[bytes], bytes]) -> Callable[[Repository], list[Visit]]:
    def case(made: Repository) -> list[Visit]:
        name = hashed(path, made.content[path])
        made.files[name] = change(made.files[name])
        return [refused(made, "wrong_length_or_hash", path)]

    return case


def missing(name: str, reason: str) -> Callable[[Repository], list[Visit]]:
    def case(made: Repository) -> list[Visit]:
        del made.files[f"tuf/{name}"]
        return [refused(made, reason, name)]

    return case


def a_missing_file(made: Repository) -> list[Visit]:
    del made.files[hashed(STATUS, made.content[STATUS])]
    return [refused(made, "incomplete", STATUS)]


def nothing_at_all(made: Repository) -> list[Visit]:
    made.files.clear()
    return [refused(made, "not_a_repository", "1.root.json")]


def the_old_layout(made: Repository) -> list[Visit]:
    first = updated(made)
    plain = {name: made.files[name] for name in (KEYS, NAMES, STATUS)}
    return [first, Visit(plain, "not_a_repository", "tuf/timestamp.json")]


def does_not_open(path: str, content: bytes) -> Callable[[Repository], list[Visit]]:
    def case(made: Repository) -> list[Visit]:
        made.given[path] = content
        return [refused(made.publish(), "unusable_file", path)]

    return case


def larger_than_it_may_be(path: str, most: int) -> Callable[[Repository], list[Visit]]:
    def case(made: Repository) -> list[Visit]:
        made.lengths[path] = most + 1
        return [refused(made.publish(), "too_large", path)]

    return case


# The form of the metadata


def malformed(name: str, change: Callable[[bytes], bytes]) -> Callable[[Repository], list[Visit]]:
    def case(made: Repository) -> list[Visit]:
        made.files[f"tuf/{name}"] = change(made.files[f"tuf/{name}"])
        return [refused(made, "malformed_metadata", name)]

    return case


def too_large(name: str) -> Callable[[Repository], list[Visit]]:
    def case(made: Repository) -> list[Visit]:
        made.files[f"tuf/{name}"] += b" " * 2**16
        return [refused(made, "too_large", name)]

    return case


ROLES = ("targets", "names", "status")
FILES = {role: f"2.{role}.json" for role in (*ROLES, "snapshot")} | {
    "timestamp": "timestamp.json",
    "root": "1.root.json",
}

CASES: dict[str, Callable[[Repository], list[Visit]]] = {
    "first visit": first_visit,
    "nothing new": nothing_new,
    "a new status": a_new_status,
    "old files are pruned": old_files_are_pruned,
    "root rotated over three versions": rotated_over_three_versions,
    "root rotated between visits": rotated_between_visits,
    "expired roots on the way": expired_roots_on_the_way,
    "next root without the old keys": next_root_without_the_old_keys,
    "next root without its own keys": next_root_without_its_own_keys,
    "a version of the root left out": a_version_of_the_root_left_out,
    "an old root for a new one": an_old_root_for_a_new_one,
    "the pinned version is another": the_pinned_version_is_another,
    "another root than pinned": another_root_than_pinned,
    "another threshold than pinned": another_threshold_than_pinned,
    "pinned root with too few signatures": pinned_root_with_too_few_signatures,
    "a root key under two names": a_root_key_under_two_names,
    "newer roots withheld": newer_roots_withheld,
    "rollback: an older timestamp": an_older_timestamp,
    "rollback: an older snapshot": an_older_snapshot,
    "rollback: an older status": an_older_status,
    "rollback: older keys": older_keys,
    "rollback after a refused visit": a_refused_visit_forgets_nothing,
    "a role left out of the snapshot": a_role_left_out_of_the_snapshot,
    "fast-forward without rotation": fast_forward_without_rotation,
    "fast-forward and rotation": fast_forward_and_rotation,
    "fast-forward of the status and rotation": fast_forward_of_the_status_and_rotation,
    **{f"freeze: {role} expired": expired(role, about) for role, about in FILES.items()},
    "freeze: for two days": frozen_for_two_days,
    "freeze: but for the timestamp": frozen_but_for_the_timestamp,
    "mix and match: snapshot": another_snapshot_than_the_timestamps,
    **{f"mix and match: {role}": another_role_than_the_snapshots(role) for role in ROLES},
    "named exactly": exactly,
    **{f"named exactly: {role}": another_file_of_the_version(role) for role in (*ROLES, "snapshot")},
    "named exactly: a longer one": a_longer_file_of_the_version,
    "named exactly: a shorter one": a_shorter_file_of_the_version,
    **{
        f"too few signatures: {role}": too_few_signatures(role, about)
        for role, about in FILES.items()
        if role != "root"
    },
    "signed by a stranger: timestamp": signed_by("timestamp", [world.STRANGER], "timestamp.json"),
    "signed by the online key: targets": signed_by("targets", [PUBLICATION], "2.targets.json"),
    "signed by the online key: names": signed_by("names", [PUBLICATION, world.STATUS], "2.names.json"),
    "signed by the online key: status": signed_by("status", [PUBLICATION], "2.status.json"),
    "one signature twice": one_signature_twice,
    **{
        f"environment: {role}": of_another_environment(role, about) for role, about in FILES.items()
    },
    "environment: next root": next_root_of_another_environment,
    "delegation: names has no path": paths_of("names", ["trust/other.cbor"], NAMES),
    "delegation: status is asked for names": the_status_is_asked_for_names,
    "delegation: names may give keys": paths_of("names", ["trust/*"], KEYS),
    "form: a pattern of another kind": a_pattern_of_another_kind,
    "delegation: status lists keys": lists_of("status", [STATUS, KEYS], "2.status.json"),
    "delegation: names lists the status": lists_of("names", [NAMES, STATUS], "2.names.json"),
    "delegation: names lists nothing": lists_of("names", [], NAMES),
    "delegation: targets lists names": lists_of("targets", [KEYS, NAMES], NAMES),
    "delegation: targets lists nothing": lists_of("targets", [], KEYS),
    "delegation: the status supplies the keys": the_status_supplies_the_keys,
    "file: altered": altered(STATUS, lambda data: data[:-1] + bytes((data[-1] ^ 1,))),
    "file: cut short": altered(NAMES, lambda data: data[:-1]),
    "file: longer": altered(KEYS, lambda data: data + b"\0"),
    "file: missing": a_missing_file,
    "file: keys do not open": does_not_open(
        KEYS, world.signed_file(world.trust_keys().to_payload(), world.ROOTS[0], world.STRANGER)
    ),
    "file: names do not open": does_not_open(NAMES, b"\x80"),
    "file: status does not open": does_not_open(
        STATUS, world.STRANGER.sign1(world.status().to_payload(), Kind.STATUS)
    ),
    "file: keys larger than they may be": larger_than_it_may_be(KEYS, 16 * 2**20),
    "file: names larger than they may be": larger_than_it_may_be(NAMES, 4 * 2**20),
    "file: status larger than it may be": larger_than_it_may_be(STATUS, 16 * 2**20),
    "missing: timestamp": missing("timestamp.json", "not_a_repository"),
    "missing: pinned root": missing("1.root.json", "not_a_repository"),
    "missing: snapshot": missing("1.snapshot.json", "incomplete"),
    "missing: targets": missing("1.targets.json", "incomplete"),
    "missing: status": missing("1.status.json", "incomplete"),
    "nothing at all": nothing_at_all,
    "the old layout": the_old_layout,
    "form: not JSON": malformed("timestamp.json", lambda data: b"<!doctype html>"),
    "form: not UTF-8": malformed("timestamp.json", lambda data: data.replace(b"demo", b"\xff\xfe")),
    "form: with a byte order mark": malformed("timestamp.json", lambda data: b"\xef\xbb\xbf" + data),
    "form: a third part": malformed(
        "timestamp.json", lambda data: data.replace(b'{"signatures"', b'{"more":1,"signatures"', 1)
    ),
    "form: a member twice": malformed(
        "1.snapshot.json", lambda data: data.replace(b'"version":1', b'"version":1,"version":1', 1)
    ),
    "form: a float": malformed("1.names.json", lambda data: data.replace(b'"version":1', b'"version":1.0')),
    "form: another kind": malformed("1.root.json", lambda data: data.replace(b'"root",', b'"targets",')),
    "form: no environment": malformed("1.status.json", lambda data: data.replace(b"x-certreg-", b"y-certreg-")),
    "form: an instant that is none": malformed(
        "timestamp.json", lambda data: data.replace(b'"expires":"2', b'"expires":"2026-02-30T00:00:00Z","e":"2')
    ),
    **{f"too large: {name}": too_large(name) for name in ("1.root.json", "timestamp.json", "1.status.json")},
}  # fmt: skip


def case(name: str, now: datetime) -> Case:
    """Return a case; ``now`` is the instant of its first visit."""
    made = repository(now)
    pin = made.pin()
    return Case(pin, CASES[name](made))
