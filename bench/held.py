"""What people hold of a register, and what became of it after a restore."""

from dataclasses import dataclass

from sqlalchemy import select

from registry.certificate.lifecycle import Status
from registry.certificate.tables import Certificate, Entry, EntryCounter
from registry.database.sessions import Sessions

Held = dict[str, tuple[int, bytes]]
"""What people hold: entry and token, by number."""


@dataclass(frozen=True, slots=True)
class Losses:
    """What became of the certificates that people hold."""

    whole: int
    without_bytes: int
    lost: int

    def __str__(self) -> str:
        return f"lost {self.lost:,}, kept without bytes {self.without_bytes:,}, whole {self.whole:,}"


def read_line(line: str) -> tuple[str, tuple[int, bytes]]:
    """Read what ``issue_until_killed`` wrote."""
    number, entry, token = line.split()
    return number, (int(entry), bytes.fromhex(token))


def last_entry_of(sessions: Sessions) -> int:
    """Return the last entry given."""
    return sessions.read(lambda session: session.scalar(select(EntryCounter.last)) or 0)


def held_in(sessions: Sessions, *, after: int = 0) -> Held:
    """Return every certificate with a token."""
    query = select(Certificate.number, Entry.entry, Entry.token).join(Entry).where(Entry.entry > after)
    rows = sessions.read(lambda session: list(session.execute(query)))
    return {number: (entry, token) for number, entry, token in rows if token is not None}


def losses_among(held: Held, sessions: Sessions) -> Losses:
    """Say what became of what people hold."""
    query = select(Certificate.number, Entry.entry, Entry.token, Entry.status).join(Entry)
    stored = {
        number: (entry, token, status)
        for number, entry, token, status in sessions.read(lambda session: list(session.execute(query)))
    }
    whole = without_bytes = 0
    for number, (entry, token) in held.items():
        found = stored.get(number)
        if found is None or found[0] != entry or found[2] != Status.RELEASED:
            continue
        whole += found[1] == token
        without_bytes += found[1] is None
    return Losses(whole, without_bytes, len(held) - whole - without_bytes)


def numbers_given_twice(held: Held, sessions: Sessions) -> int:
    """Count the numbers that stand for another entry than before, and the entries that stand for another number."""
    query = select(Certificate.number, Entry.entry).join(Entry)
    pairs = sessions.read(lambda session: list(session.execute(query)))
    entries = {entry: number for number, (entry, _) in held.items()}
    return sum(
        (number in held and held[number][0] != entry) or entries.get(entry, number) != number
        for number, entry in pairs
    )
