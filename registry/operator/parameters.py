"""What is written on a command line, read into values; what can not be read is wrong use (exit code 2)."""

from contextlib import suppress
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path

import click
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from registry.assessment.errors import UnsupportedMediaType
from registry.assessment.reading import media_type_of
from registry.people.permission import Role
from signing.cose import KEY_ID_SIZE

PUBLIC_KEY_BYTES = 32
MOST_ENTRIES = 1_000_000


class KeyFile(click.Path[Path]):
    """A file ``NAME.age`` with a key; its public part lies beside it."""

    def __init__(self, *, exists: bool) -> None:
        super().__init__(exists=exists, dir_okay=False, path_type=Path)

    def convert(
        self, value: str | PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the path."""
        if Path(value).suffix != ".age":
            self.fail(f"{str(value)!r}: the name of a key file ends in .age", param, ctx)
        return super().convert(value, param, ctx)


class ResultsFile(click.Path[Path]):
    """A file of results, of a kind that is read here."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(
        self, value: str | PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the path."""
        path = super().convert(value, param, ctx)
        try:
            media_type_of(path.name)
        except UnsupportedMediaType:
            self.fail(f"{path.name!r}: hand in an .xlsx workbook, a .csv or a .json file", param, ctx)
        return path


class Appointed(click.ParamType[tuple[Role, str]]):
    """A role in a scope, ``ROLE:SCOPE``."""

    name = "appointment"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Role, str]:
        """Return role and scope; whether there is such a scope is asked of the directory later."""
        role, _, scope = value.partition(":")
        if role not in list(Role) or not scope:
            self.fail(f"{value!r}: write ROLE:SCOPE, ROLE one of {', '.join(Role)}", param, ctx)
        return Role(role), scope


class PublicKeyText(click.ParamType[bytes]):
    """A public Ed25519 key: 64 hex digits, or a PEM file as ``openssl pkey -pubout`` writes it."""

    name = "public key"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        """Return its 32 bytes; whether the key is admissible is asked when it is enrolled."""
        with suppress(ValueError):
            if len(public := bytes.fromhex(value)) == PUBLIC_KEY_BYTES:
                return public
        try:
            key = load_pem_public_key(Path(value).read_bytes())
        except (OSError, ValueError, UnsupportedAlgorithm):
            self.fail(f"{value!r} is neither 64 hex digits nor a PEM file with a public key", param, ctx)
        if not isinstance(key, Ed25519PublicKey):
            self.fail(
                f"{value!r} is not an Ed25519 key; make one with openssl genpkey -algorithm ed25519",
                param,
                ctx,
            )
        return key.public_bytes_raw()


class ReturnedRow(click.ParamType[tuple[int, str]]):
    """A row with the reason for which it goes back, ``ROW=REASON``."""

    name = "row"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, str]:
        """Return row number and reason."""
        row, _, reason = value.partition("=")
        if not (row.isascii() and row.isdecimal() and len(row) < 10) or not reason.strip():
            self.fail(f"{value!r}: write ROW=REASON, such as 17=姓名与证件不符", param, ctx)
        return int(row), reason.strip()


class KeyId(click.ParamType[bytes]):
    """A key id: 8 hex digits, as ``certreg key list`` shows it."""

    name = "keyid"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        """Return its 4 bytes."""
        try:
            key_id = bytes.fromhex(value)
        except ValueError:
            key_id = b""
        if len(key_id) != KEY_ID_SIZE:
            self.fail(f"{value!r}: a key id has 8 hex digits; `certreg key list` shows them", param, ctx)
        return key_id


class Instant(click.ParamType[datetime]):
    """An instant with its zone, as ISO 8601."""

    name = "instant"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return it in UTC."""
        try:
            instant = datetime.fromisoformat(str(value))
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            self.fail(f"{value!r}: write it with its zone, such as 2026-11-21T09:30:00+08:00", param, ctx)
        return instant.astimezone(UTC)


class Entries(click.ParamType[tuple[int, ...]]):
    """Entries: one, ``FIRST-LAST``, or a file with one of these on each line."""

    name = "entries"

    def convert(
        self, value: str | PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return them."""
        text = str(value)
        found = _run(text)
        if found is not None:
            return found
        try:
            lines = Path(text).read_text("ascii").split()
        except (OSError, ValueError):
            self.fail(f"{text!r} is neither an entry, nor FIRST-LAST, nor a file of such lines", param, ctx)
        entries: list[int] = []
        for line in lines:
            run = _run(line)
            if run is None:
                self.fail(f"{text}: {line!r} is neither an entry nor FIRST-LAST", param, ctx)
            entries += run
        return tuple(entries)


def _run(text: str) -> tuple[int, ...] | None:
    """Return the entries of ``FIRST-LAST`` or of one, ``None`` for anything else."""
    first, dash, last = text.partition("-")
    ends = [first, last] if dash else [first]
    if not all(end.isascii() and end.isdecimal() and len(end) < 11 for end in ends):
        return None
    begin, end = int(first), int(ends[-1])
    return tuple(range(begin, end + 1)) if begin <= end < begin + MOST_ENTRIES else None
