"""Turns: who comes next among those that wait, so that nobody waits for somebody else's whole heap."""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

One = TypeVar("One", bound=Hashable)


class Turns(Generic[One]):
    """Remembers who was served when. One for each kind of work, of one thread."""

    def __init__(self) -> None:
        self._since: dict[One, int] = {}
        self._served = 0

    def in_turn(self, waiting: Iterable[One]) -> list[One]:
        """Return those that wait, in the order of their turns.

        Whoever is new comes behind those that were served before it came, and before those that were served since: so
        a small heap waits for one batch of each large one, and no stream of small ones keeps a large one waiting.
        """
        # What waits no longer need not be remembered.
        self._since = {each: self._since.get(each, self._served) for each in waiting}
        return sorted(self._since, key=self._since.__getitem__)

    def served(self, one: One) -> None:
        """Note that one had a batch, or was found to be held back."""
        self._served += 1
        self._since[one] = self._served
