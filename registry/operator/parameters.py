"""What is written on a command line, read into values; what can not be read is wrong use (exit code 2)."""

from contextlib import suppress
from os import PathLike
from pathlib import Path

import click
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from registry.assessment.errors import UnsupportedMediaType
from registry.assessment.reading import media_type_of
from registry.people.permission import Role

PUBLIC_KEY_BYTES = 32


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
            self.fail(f"{path.name!r}: hand in an .xlsx workbook or a .json file", param, ctx)
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
