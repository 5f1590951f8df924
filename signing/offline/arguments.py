"""How the commands read their arguments: wrong ones are told as any other wrong use is."""

import argparse
from typing import NoReturn

from signing.offline.errors import WrongArguments


class Parser(argparse.ArgumentParser):
    """A parser whose refusals are ours, since its own exit code 2 means here that nothing can be told."""

    def __init__(self, program: str, description: str) -> None:
        super().__init__(program, description=description, add_help=False, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Raise ``WrongArguments`` instead of ending the program."""
        raise WrongArguments(message)
