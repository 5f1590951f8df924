"""The barest way to give out numbers: one counter and one table, a batch in one transaction."""

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, String, Table, bindparam, insert, update
from sqlalchemy.orm import Session

from registry.database.engine import open_engine
from registry.database.sessions import Sessions

TOKEN_BYTES = 122

_METADATA = MetaData()
_COUNTER = Table(
    "bench_counter", _METADATA, Column("key", String(64), primary_key=True), Column("issued", BigInteger)
)
_NUMBER = Table(
    "bench_number",
    _METADATA,
    Column("entry", BigInteger, primary_key=True, autoincrement=False),
    Column("number", String(32), unique=True),
    Column("token", LargeBinary),
)
_STEP = (
    update(_COUNTER)
    .where(_COUNTER.c.key == "all")
    .values(issued=_COUNTER.c.issued + bindparam("count"))
    .returning(_COUNTER.c.issued)
)


class BareCounter:
    """A counter and its numbers, in tables of their own beside the register's."""

    def __init__(self, database_url: str) -> None:
        """Make the two tables."""
        engine = open_engine(database_url)
        self._sessions = Sessions(engine)
        _METADATA.create_all(engine)
        self._sessions.run(lambda session: session.execute(insert(_COUNTER), [{"key": "all", "issued": 0}]))

    def take(self, count: int) -> None:
        """Give out numbers, each with a row of a token's size; durable when this returns."""
        self._sessions.run(lambda session: self._take(session, count))

    def _take(self, session: Session, count: int) -> None:
        last = session.execute(_STEP, {"count": count}).scalar_one()
        rows = [
            {"entry": entry, "number": f"S000121000001263{entry:06d}", "token": bytes(TOKEN_BYTES)}
            for entry in range(last - count + 1, last + 1)
        ]
        session.execute(insert(_NUMBER), rows)
