"""Whether a register is whole, told from its rows alone and without any of the register's own checks."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import select

from registry.certificate.coverage import numbered_digest
from registry.certificate.tables import Certificate, Entry, EntryCounter, Series
from registry.journal.tables import Event
from signing.signed_bytes import token_of_signed_bytes
from signing.token import open_token
from tests.registry.world import World, private_key, serials

FOLLOWS = {
    (None, "number"): "numbered",
    ("numbered", "sign"): "signed",
    ("numbered", "void"): "void",
    ("signed", "void"): "void",
    ("signed", "release"): "released",
    ("released", "suspend"): "suspended",
    ("suspended", "reinstate"): "reinstated",
    ("reinstated", "release"): "released",
    ("reinstated", "suspend"): "suspended",
    ("released", "revoke"): "revoked",
    ("suspended", "revoke"): "revoked",
    ("reinstated", "revoke"): "revoked",
    ("released", "supersede"): "superseded",
}
IN_FORCE = ("released", "suspended", "reinstated")


def require_whole(world: World) -> None:
    """Require what must hold after any fault, whatever was going on."""
    entries = world.entries()
    events = world.all(select(Event).order_by(Event.id))
    require_dense(world, entries)
    require_sum_of_events(entries, events)
    require_covered(world, entries, events)
    require_signed_bytes(world, entries)


def require_dense(world: World, entries: list[Entry]) -> None:
    """Series and entries are exactly 1..N, the counters N; no result has two entries."""
    assert [entry.entry for entry in entries] == list(range(1, len(entries) + 1))
    assert world.all(select(EntryCounter.last)) == [len(entries)]
    for series in world.all(select(Series)):
        certificates = world.all(select(Certificate).where(Certificate.series_key == series.key))
        given = sorted(certificate.serial for certificate in certificates)
        assert given == list(range(1, series.issued + 1)), series.key
        assert sorted(serials(certificate.number for certificate in certificates)) == given
    assert max(Counter(entry.result_id for entry in entries).values(), default=1) == 1


def require_sum_of_events(entries: list[Entry], events: Iterable[Event]) -> None:
    """Each entry stands where its events took it, and no certificate has two versions in force."""
    status: dict[int, str] = {}
    for event in events:
        if event.first_entry is not None:
            for entry in range(event.first_entry, event.last_entry + 1):
                status[entry] = FOLLOWS[status.get(entry), event.act]
    assert {entry.entry: entry.status for entry in entries} == status
    in_force = Counter(entry.certificate_id for entry in entries if entry.status in IN_FORCE)
    assert max(in_force.values(), default=1) == 1


def require_covered(world: World, entries: list[Entry], events: list[Event]) -> None:
    """Each entry is vouched for by one event of its numbering, as it stands now."""
    certificates = {found.id: found for found in world.all(select(Certificate))}
    covered = []
    for event in events:
        if event.act == "number":
            run = entries[event.first_entry - 1 : event.last_entry]
            first = [certificates[entry.certificate_id] for entry in run if entry.version == 1]
            assert event.digest == numbered_digest(first, run)
            covered += [entry.entry for entry in run]
    assert sorted(covered) == [entry.entry for entry in entries]


def require_signed_bytes(world: World, entries: list[Entry]) -> None:
    """Each token is the one that the stored bytes have, and verifies; nothing unsigned is beyond *numbered*."""
    for entry in entries:
        if entry.token is None:
            assert entry.status in ("numbered", "void")
            continue
        epoch = world.trust.keys[entry.key_id]
        signature = private_key(f"epoch {epoch.first_entry}").sign(entry.to_be_signed)
        assert entry.token == token_of_signed_bytes(entry.to_be_signed, signature)
        assert open_token(entry.token, world.trust).entry == entry.entry


def fixed(world: World) -> dict[int, tuple[object, bytes | None, bytes | None]]:
    """Return what no later act may change of each entry: its result, its bytes, its token once there is one."""
    return {entry.entry: (entry.result_id, entry.to_be_signed, entry.token) for entry in world.entries()}


def require_kept(world: World, before: dict[int, tuple[object, bytes | None, bytes | None]]) -> None:
    """Require that what ``fixed`` returned before is still so."""
    now = fixed(world)
    for entry, (result, bytes_, token) in before.items():
        assert now[entry][:2] == (result, bytes_)
        assert token is None or now[entry][2] == token
