"""Refusals of the foundation room.

RegistryError
├── CharterUnreadable   the row written at the founding is not what a founding writes
├── OtherEnvironment    the settings name another environment than the register was founded in
└── OtherSecret         a secret is missing, or is not the one that the register was founded with
"""

from registry.errors import RegistryError


class CharterUnreadable(RegistryError):
    """The row that was written at the founding can not be read as it stands."""

    def __init__(self, column: str | None) -> None:
        what = "a column" if column is None else f"its column {column}"
        super().__init__(
            f"the charter (table charter, row 1) can not be read: {what} is not what the founding wrote. Somebody "
            "changed it, or the file is damaged; nothing is done with this database. Restore a backup (certreg restore)"
        )
        self.column = column


class OtherEnvironment(RegistryError):
    """The settings name another environment than the register was founded in."""

    def __init__(self, founded: str, named: str) -> None:
        super().__init__(
            f"this register is {founded!r}, but CERTREG_ENVIRONMENT is {named!r} (left out, it is 'production'); "
            f"set CERTREG_ENVIRONMENT={founded}, or name the database of a register that is {named!r}"
        )
        self.founded = founded
        self.named = named


class OtherSecret(RegistryError):
    """A secret is missing, or is not the one that the register was founded with."""

    def __init__(self, path: object, variable: str) -> None:
        super().__init__(
            f"{path} is not there, or is not what this register was founded with: put the file back from its copy, "
            f"or correct {variable}. A new one would open nothing that is stored"
        )
        self.variable = variable
