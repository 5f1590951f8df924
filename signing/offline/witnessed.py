"""When a checkpoint was witnessed, by the word of a quorum; of a witness that does not say when, nothing is known."""

from typing import NamedTuple

from signing.log.checkpoint import Checkpoint


class Witnessed(NamedTuple):
    """Instants in seconds since 1970.

    By ``by`` the last of a quorum had signed, so a witness that dates back moves nothing by itself. A quorum says that
    it was not before ``since``, so neither does one whose clock is fast.
    """

    since: int
    by: int


def witnessed(checkpoint: Checkpoint, quorum: int) -> Witnessed | None:
    """Return when a checkpoint was witnessed; ``None`` if fewer than a quorum say when."""
    times = sorted(at for at in checkpoint.cosigned_at.values() if at)
    return Witnessed(times[-quorum], times[quorum - 1]) if len(times) >= quorum else None
