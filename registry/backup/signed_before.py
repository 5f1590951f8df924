"""What the register itself knows that was signed: for a signer's journal that is lost, or an old copy.

A journal that begins empty has forgotten everything, and its signer would sign other content for an entry that people
hold. What was lost with both, database and journal, can not be brought back by anybody.
"""

from collections.abc import Iterator
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.signer.history import SignedEntry
from registry.certificate.tables import Entry
from signing.signed_bytes import statement_of_signed_bytes


def signed_before(session: Session) -> Iterator[SignedEntry]:
    """Yield every entry that has a token, in their order; each corrects the one before it of the same number."""
    query = (
        select(Entry.entry, Entry.key_id, Entry.to_be_signed)
        .where(Entry.token.is_not(None))
        .order_by(Entry.entry)
    )
    last_entries: dict[bytes, int] = {}
    with session.execute(query, execution_options={"yield_per": 1000}) as rows:
        for entry, key_id, to_be_signed in rows:
            if to_be_signed is None:
                continue
            number = statement_of_signed_bytes(to_be_signed).number
            digest = sha256(to_be_signed).digest()
            yield SignedEntry(entry, number, key_id, digest, last_entries.get(number))
            last_entries[number] = entry
