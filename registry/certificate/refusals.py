"""Refusals that are kept until somebody reads them: what they say, without the frames that they came through.

A frame holds rows, and a row holds a person; one refusal of a batch would keep the whole batch in memory.
"""

from typing import Generic, TypeVar

Key = TypeVar("Key")
Refusal = TypeVar("Refusal", bound=Exception)


class Refusals(dict[Key, Refusal], Generic[Key, Refusal]):
    """Refusals by what was refused; each is stripped of its frames as it is put in under its key."""

    def __setitem__(self, key: Key, refusal: Refusal) -> None:
        """Keep a refusal, without the frames of itself and of what led to it."""
        refusal.__cause__ = refusal.__context__ = None
        super().__setitem__(key, refusal.with_traceback(None))


HeldBack = dict[int, Exception]
"""What could not be signed or released, and why, by entry."""
