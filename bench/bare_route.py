"""The baseline of the look-up: a Flask route that reads one row by its number, through the driver alone.

Same web server, same framework, same driver, same register and pragmas as the public site; no ORM, no template, no
check of the name, no response headers of its own. Each thread keeps one connection.
"""

import os
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pysqlite3.dbapi2
from flask import Flask, request
from sqlalchemy import make_url

QUERY = (
    "SELECT certificate.number, entry.status, entry.to_be_signed FROM certificate"
    " JOIN entry ON entry.certificate_id = certificate.id WHERE certificate.number = {place}"
)
PRAGMAS = (
    "busy_timeout = 10000",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "query_only = ON",
)

Row = tuple[Any, ...]


def create_app() -> Flask:
    """Return the application; ``CERTREG_DATABASE_URL`` names the register."""
    app = Flask(__name__)
    read = _reader(os.environ["CERTREG_DATABASE_URL"])

    @app.post("/")
    def look_up() -> str:
        row = read(request.form["number"])
        return f"{row[0]} {row[1]} {len(row[2])}\n" if row else "none\n"

    return app


def _reader(url: str) -> Callable[[str], Row | None]:
    address = make_url(url)
    local = threading.local()

    def connect() -> Any:
        if address.get_backend_name() == "sqlite":
            connection = pysqlite3.dbapi2.connect(address.database, isolation_level=None)
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            return connection
        plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, autocommit=True)

    place = "?" if address.get_backend_name() == "sqlite" else "%s"
    query = QUERY.format(place=place)

    def read(number: str) -> Row | None:
        if not hasattr(local, "connection"):
            local.connection = connect()
        row: Row | None = local.connection.execute(query, (number,)).fetchone()
        return row

    return read
