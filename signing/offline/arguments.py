"""How the commands read their arguments: wrong ones are told as any other wrong use is."""

import argparse
from datetime import datetime
from typing import NoReturn

from signing.offline.errors import WrongArguments


class Parser(argparse.ArgumentParser):
    """A parser whose refusals are ours, since its own exit code 2 means here that nothing can be told."""

    def __init__(self, program: str, description: str) -> None:
        super().__init__(program, description=description, add_help=False, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Raise ``WrongArguments`` instead of ending the program."""
        raise WrongArguments(message)


def instant(text: str, wrong: str) -> datetime:
    """Return an instant given as ISO 8601 with a time zone; ``WrongArguments`` with these words otherwise."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise WrongArguments(wrong) from None
    if given.tzinfo is None:
        raise WrongArguments(wrong)
    return given
