"""What ends a worker.

RegistryError
└── WorkerEnded             a worker can not go on; a supervisor may start another, or must not
    ├── WorkerBroken        a fault of the program itself
    └── WorkerForbidden     to go on would make it worse
"""

from registry.errors import RegistryError


class WorkerEnded(RegistryError):
    """A worker ended before anybody asked it to. What it had begun is found again by state."""

    def __init__(self, job: str, why: str) -> None:
        super().__init__(f"{job}: {why}")
        self.job = job
        self.why = why


class WorkerBroken(WorkerEnded):
    """A fault of the program itself: a new process may do better, and can do no harm."""


class WorkerForbidden(WorkerEnded):
    """The register's files are damaged: nobody may write to them before somebody has looked."""
