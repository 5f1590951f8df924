"""Refusals of the store.

RegistryError
└── DatabaseError
    ├── UnknownDatabase     the URL names no engine that the register runs on
    ├── FaultySqlite        the SQLite library can corrupt the register
    ├── RegisterMissing     there is no register at that place
    ├── RegisterEmpty       the file is there and has no byte in it: what was in it is lost, or it is quite new
    ├── NotReached          no database answers there, or the file is none
    ├── MigrationsMissing   the files that make the schema are not where they should be
    ├── SchemaMismatch      the register's shape is not the one this program was written for
    ├── RegisterBusy        every try lost against other writers or a broken connection
    ├── CommitUnknown       connection or disk failed while committing: done or not, nobody knows
    └── StorageFault        the disk under the register is the cause, and trying again is none of our business
        ├── StorageFull     no room is left for what was to be written
        ├── StorageFailed   it can not be written, or not be read: read-only, or an error of the disk
        └── StorageDamaged  what is stored contradicts itself, or its files were exchanged
"""

from registry.errors import RegistryError


class DatabaseError(RegistryError):
    """The store can not be opened or used as asked."""


class UnknownDatabase(DatabaseError):
    """The URL names a database that the register does not run on."""

    def __init__(self, name: str, remedy: str) -> None:
        super().__init__(f"the register does not run on {name}: {remedy}")
        self.name = name


class FaultySqlite(DatabaseError):
    """The SQLite library in use may corrupt a database that two connections write to."""

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(
            f"SQLite {found} can corrupt a register that two connections write to; "
            f"{needed} or newer is needed. "
            'Install a repaired one into this environment: pip install "pysqlite3>=0.6.1" '
            "(not pysqlite3-binary, which carries an older library)."
        )
        self.found = found
        self.needed = needed


class RegisterMissing(DatabaseError):
    """No register stands where the settings say it does."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"there is no register at {place}: correct CERTREG_DATABASE_URL, or bring a lost one back with "
            "`certreg restore FOLDER`; only for a new register run `certreg init`"
        )
        self.place = place


class RegisterEmpty(DatabaseError):
    """The file of a register has no byte in it. It is not opened: SQLite would delete a log that lies beside it."""

    def __init__(self, place: str, log_bytes: int) -> None:
        log = f", and its log {place}-wal has {log_bytes} bytes: keep both" if log_bytes else ""
        super().__init__(
            f"{place} is empty (0 bytes){log}. A register may have been here: to bring it back, move the file away "
            "with all that lies beside it, and run `certreg restore FOLDER`. Only if there never was one, run "
            "`certreg init`, which would found a second register over the first"
        )
        self.place = place


class NotReached(DatabaseError):
    """No database answers at the address, or the file there is not one."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the database can not be opened ({why}): start it, or correct CERTREG_DATABASE_URL")
        self.why = why


class MigrationsMissing(DatabaseError):
    """The directory of migrations is not there, so no schema can be made or compared."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"there are no migrations in {place}: install certreg from its checkout (pip install -e .)"
        )
        self.place = place


class SchemaMismatch(DatabaseError):
    """The register's schema and this program are of different versions."""

    def __init__(self, found: str | None, needed: str) -> None:
        remedy = (
            "run `certreg init` to bring the register up, or use the program that fits it"
            if found
            else "bring a lost register back with `certreg restore FOLDER`; only for a new one run `certreg init`"
        )
        super().__init__(
            f"the register's schema is {found or 'empty'}, this program needs {needed}: {remedy}"
        )
        self.found = found
        self.needed = needed


class RegisterBusy(DatabaseError):
    """A piece of work lost every race that it was allowed to run; nothing of it is stored."""

    def __init__(self, tries: int, last: str) -> None:
        super().__init__(
            f"the register was busy or out of reach {tries} times in a row ({last}); try again later"
        )
        self.tries = tries
        self.last = last


class CommitUnknown(DatabaseError):
    """The connection broke, or the disk failed, during COMMIT, so the act may be stored or not.

    Repeating it blindly could do it twice. Read the register first, then decide.
    """

    def __init__(self) -> None:
        super().__init__(
            "the connection or the disk failed while the act was being committed: "
            "look in the register whether it is there before doing it again"
        )


class StorageFault(DatabaseError):
    """The disk under the register is at fault. Nothing of the act is stored, and it is not tried again."""


class StorageFull(StorageFault):
    """There is no room for what was to be written. Reading goes on; once there is room, so does writing."""

    def __init__(self) -> None:
        super().__init__(
            "the disk under the register is full, nothing of this was stored: make room, then do it again; "
            "nothing has to be repaired"
        )


class StorageFailed(StorageFault):
    """The disk under the register can not be written, or not be read."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the disk under the register fails ({why}), nothing of this was stored: "
            "see to the disk (is it full, or read-only?), then start the program again"
        )
        self.why = why


class StorageDamaged(StorageFault):
    """What is stored contradicts itself, or a file that belongs to it was taken away under the program."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the register's files are damaged ({why}), nothing of this was stored: stop every program that uses them, "
            "keep a copy of all of them as they are, and run `certreg check` before anything is written again"
        )
        self.why = why
