"""Whether this register may go on: one that knows less than others do of its own past is an older copy of itself.

Whoever keeps the public log enters that into the log's row (``LogHead.behind``). From then on the register reads,
suspends, revokes, voids and distrusts, because nobody may be kept from taking a certificate out of force; what would
put one in force, or lead there, is refused until the register knows its past again.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.database.sessions import Sessions
from registry.journal.errors import ChainWithoutHead, RegisterOutdated
from registry.journal.tables import LogHead

# Made once: making a query takes longer than running it.
_BEHIND = select(LogHead.behind).where(LogHead.id == 1)


def require_up_to_date(session: Session) -> None:
    """Return if the register may go on; asked in the transaction of each act that would not be undone by a rebuild.

    One query. Raises ``RegisterOutdated``, or ``ChainWithoutHead`` if the row that says so is missing.
    """
    _judge(session.connection().execute(_BEHIND).scalars().all())


def require_up_to_date_before(sessions: Sessions) -> None:
    """Do the same outside any transaction: before something is begun that a refusal in the act would come too late for.

    The act asks again.
    """
    _judge([behind for (behind,) in sessions.rows(_BEHIND, {})])


def _judge(found: Sequence[str | None]) -> None:
    if not found:
        raise ChainWithoutHead
    if found[0] is not None:
        raise RegisterOutdated(str(found[0]))
