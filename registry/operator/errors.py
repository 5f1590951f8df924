"""Refusals of the operator's door.

RegistryError
├── NotFounded          this register has no keys or no registrar yet
├── AmbiguousActor      several accounts may act as registrar; name one
└── NotLoopback         the staff pages would be reachable from other machines
"""

from registry.errors import RegistryError


class NotFounded(RegistryError):
    """Something is used before it was made."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"there is no {what} yet; {remedy}")
        self.what = what


class AmbiguousActor(RegistryError):
    """Several accounts may act as registrar, and the command can not know which one does."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"several registrars ({', '.join(names)}); name one with --as ACCOUNT")
        self.names = names


class NotLoopback(RegistryError):
    """The staff pages ask nobody who he is, so they are for this machine alone."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"the staff pages can not be served on {host}: people can not sign in yet; use 127.0.0.1 and a tunnel"
        )
        self.host = host
