"""Being asked to stop: a signal is noted, and acted on between two batches.

The first SIGTERM or SIGINT asks for a good end; from then on both have their plain effect again, so that a second one
ends the process at once. Nothing is lost by that either: a batch that is cut off is found again by state.
"""

import os
import select
import signal
from types import FrameType, TracebackType
from typing import Self

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stopping:
    """Whether the worker shall stop. A context of the main thread, which holds the signals meanwhile."""

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        self._wakes, self._wake = os.pipe()
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]
        os.close(self._wakes)
        os.close(self._wake)

    def pause(self, seconds: float) -> None:
        """Wait so long, or until the worker shall stop."""
        if not self.asked and seconds > 0:
            # select() would know no descriptor from 1,024 on.
            poll = select.poll()
            poll.register(self._wakes, select.POLLIN)
            poll.poll(seconds * 1000)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        # A pipe, because a lock that the main thread holds could not be taken here.
        os.write(self._wake, b"\0")
