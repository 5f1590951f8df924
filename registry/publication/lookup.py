"""The look-up: confirms what the asker already knows, and shows nothing else.

A name is always asked for, and every kind of miss is ``None`` or an empty tuple: no such number, another name, a
certificate that was never released, one whose token does not verify. Nobody can be browsed (个人信息保护法 art. 25).
"""

import hmac
import logging
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, case, func, or_, select

from registry.assessment.tables import Result
from registry.certificate.lifecycle import Action, Status
from registry.certificate.tables import Certificate, Entry
from registry.database.sessions import Sessions
from registry.journal.tables import Event
from registry.personal_data import Matcher
from registry.publication.errors import LookupUnavailable
from registry.publication.names import Names, load_names
from registry.publication.records import PUBLIC, PublicRecord, StoredVersion, claimed_name, verified_record
from signing.id_check import IdType
from signing.number import Profile
from signing.trust import TrustKeys

LOG = logging.getLogger("certreg.lookup")

MOST_CERTIFICATES = 50
"""Of one person, in one answer. There are ten occupations of three levels and few directions."""

# All of them stand for U+00B7 in the names of minority holders, as people type it.
_DOTS = dict.fromkeys(map(ord, "•・‧．·."), "·")


# Made once, because making a query takes longer than running it. OR, because an IN is spelled out anew each time.
_Query = Select[str, int | None, str, datetime, int, bytes | None, dict[str, Any] | None]
# What was told of the act that took a certificate out of force; nothing is looked for while it is in force.
_OUT_OF_FORCE = (
    select(Event.details)
    .where(
        Event.first_entry == Entry.entry, or_(*(Event.act == act for act in (Action.SUSPEND, Action.REVOKE)))
    )
    .order_by(Event.id.desc())
    .limit(1)
    .correlate(Entry)
)
_TOLD = case((Entry.status == Status.RELEASED, None), else_=_OUT_OF_FORCE.scalar_subquery())
# Nobody is told yet that a suspension was lifted, so it began when it did.
_SUSPENDED_AT = _OUT_OF_FORCE.with_only_columns(Event.at).scalar_subquery()
_SINCE = case(
    (Entry.status == Status.REINSTATED, func.coalesce(_SUSPENDED_AT, Entry.changed_at)),
    else_=Entry.changed_at,
)
_VERSIONS: _Query = (
    select(Certificate.number, Entry.version, Entry.status, _SINCE, Entry.entry, Entry.token, _TOLD)
    .join(Entry, Entry.certificate_id == Certificate.id)
    .where(or_(*(Entry.status == status for status in PUBLIC)))
)
_BY_NUMBER = _VERSIONS.where(Certificate.number == bindparam("number"))
_BY_ID = (
    _VERSIONS.join(Result, Result.id == Entry.result_id)
    .where(Result.id_match == bindparam("id_match"))
    .order_by(Entry.entry.desc())
    .limit(MOST_CERTIFICATES)
)


class Lookup:
    """Answers the public's two questions from the register, read-only."""

    def __init__(
        self,
        sessions: Sessions,
        matcher: Matcher,
        profiles: Mapping[int, Profile],
        *,
        trust: Callable[[], TrustKeys | None],
        now: Callable[[], datetime],
    ) -> None:
        """``trust`` returns the trust bundle that is public now, ``None`` if there is none that verifies."""
        self._sessions = sessions
        self._matcher = matcher
        self._trust = trust
        self._now = now
        self._names: Names = sessions.read(lambda session: load_names(session, profiles))

    def by_number(self, number: str, name: str) -> PublicRecord | None:
        """Return the certificate of this number if this is its holder's name, else ``None``. One query."""
        records = self._named(_BY_NUMBER, {"number": _storable(number)}, name)
        return records[0] if records else None

    def by_id(self, id_type: IdType, id_number: str, name: str) -> tuple[PublicRecord, ...]:
        """Return all current certificates of the person with this ID and name, the newest first. One query."""
        return self._named(_BY_ID, {"id_match": self._matcher.match(id_type, id_number)}, name)

    def as_of(self) -> datetime:
        """Return the instant that answers given now are true for: the register itself is asked, not a copy."""
        return self._now()

    def _named(
        self, query: _Query, asked: Mapping[str, object], holder_name: str
    ) -> tuple[PublicRecord, ...]:
        wanted = _bytes_to_compare(holder_name)
        found = [StoredVersion(*row) for row in self._sessions.rows(query, asked)]
        named = [
            stored for stored in found if hmac.compare_digest(_bytes_to_compare(claimed_name(stored)), wanted)
        ]
        records = (self._verified(stored) for stored in named)
        return tuple(record for record in records if record is not None)

    def _verified(self, stored: StoredVersion) -> PublicRecord | None:
        trust = self._trust()
        if trust is None:
            raise LookupUnavailable
        record = verified_record(stored, self._names, trust)
        if record is None:
            # For whoever keeps the register: the row was not made by issuing. Nobody is shown it.
            LOG.error("entry %d is stored as released, but its token does not verify", stored.entry)
        return record


def _storable(number: str) -> str:
    """Return the number, or "" for what no database holds (NUL, half a surrogate pair); no number is empty."""
    return number if number.isascii() and number.isprintable() else ""


def _bytes_to_compare(name: str) -> bytes:
    return comparable(name).encode("utf-8", "surrogatepass")


def comparable(name: str) -> str:
    """Return a name as it is compared: width, case, spaces and the kind of dot do not matter, characters do."""
    dotted = unicodedata.normalize("NFC", name).translate(_DOTS)
    folded = unicodedata.normalize("NFKC", dotted).casefold()
    return "".join(character for character in folded if not character.isspace())
