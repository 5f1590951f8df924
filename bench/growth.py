"""The public log's growth: acts of a register become leaves, files and a head that a witness signed.

The baseline is what no log could save, without any register: the same leaves hashed, the same files written, each
durable before the head is, the head signed and cosigned.
"""

from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.comparison import compare, rate_of
from bench.filling import ROWS
from bench.issuing import Issuing
from bench.log import files_of
from bench.registers import DATABASES, open_register
from bench.report import Floor, Report
from registry.log.files import LogFiles
from registry.log.leaves import unlogged
from registry.operator.log_keeping import open_log
from registry.publication.public_files import write_public_file

REPEATS = 5
BATCHES = 5
AIM_PER_SECOND = 5_000
FLOORS = (
    Floor(
        "one head of 5,000 leaves",
        "about 45 files and the checkpoint, each durable; memory and witness, durable; 4 signatures",
        "the same",
    ),
)


def measure() -> Report:
    """Measure sequencing and publication of leaves on each database."""
    comparisons, notes = [], []
    for database in DATABASES:
        with open_register(database) as register, TemporaryDirectory(prefix="certreg-bench-log-") as folder:
            register.open_epochs(entries=(REPEATS + 1) * BATCHES * ROWS)
            growing = Growing(Issuing(register), Path(folder))
            comparison = compare(
                f"{database}: leaves sequenced, written and cosigned",
                growing.rate,
                against="the same leaves, files and signatures without a register",
                baseline=growing.bare_rate,
                unit="/s",
                repeats=REPEATS,
            )
            comparisons.append(comparison)
            met = "met" if comparison.ours_rate >= AIM_PER_SECOND else "MISSED"
            notes.append(f"{database}: {comparison.ours_rate:,.0f} leaves/s, aim {AIM_PER_SECOND:,}: {met}.")
    return Report("Growth of the public log", comparisons, FLOORS, notes)


class Growing:
    """Signed entries of one register, brought into its log again and again."""

    def __init__(self, issuing: Issuing, folder: Path) -> None:
        self._issuing = issuing
        self._fresh = (folder / str(serial) for serial in count())
        issuing.show_in_log()

    def rate(self) -> float:
        """Number and sign some thousands, and measure only their way into the log, in leaves per second."""
        for _ in range(BATCHES):
            number, sign, *_ = self._issuing.steps()
            number.act()
            sign.act()
        return rate_of(self._issuing.show_in_log, count=BATCHES * ROWS)

    def bare_rate(self) -> float:
        """Do what no log could save with as many leaves."""
        desk = self._issuing.register.desk
        log = open_log(desk.installation, desk.custody, now=desk.now)
        if log is None:
            raise AssertionError("the register has no log")
        place, profiles = next(self._fresh), desk.installation.profiles
        leaves = list(
            desk.installation.sessions.read(
                lambda session: unlogged(session, profiles, place=0, most=BATCHES * ROWS)
            ).leaves
        )
        leaves = (leaves * (BATCHES * ROWS // len(leaves) + 1))[: BATCHES * ROWS]
        head = log.memory.last(log.policy.keys).head

        def bare() -> None:
            LogFiles(place).write_all(files_of(leaves).items())
            signed = log.keys.sign(head, stamp=0) + log.keys.sign(head, stamp=0)
            write_public_file(place, "checkpoint", signed.encode())

        return rate_of(bare, count=BATCHES * ROWS)
