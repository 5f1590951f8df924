"""A body's client (评价机构客户端): what its programs and clerks use to speak with the register, from outside.

A door like the others, but on the other side of the wall: it knows the register by its API alone (``docs/api.md``), and
imports nothing of its rooms. ``Client`` is for programs, ``certreg-client`` (``command``) for clerks::

    key = open_key(Path("access.pem"), ask_passphrase)
    client = Client(Transport("https://register.example", key, "production"))
    draft = client.check(Path("results.xlsx"), photos=Path("photos.zip"))

"""

from registry.client.client import Client
from registry.client.drafts import Draft
from registry.client.errors import ClientError, NotSubmitted, Refused, TryAgain
from registry.client.key_files import ClientKey, make_key, open_key
from registry.client.settled import Settled
from registry.client.transport import Transport

__all__ = [
    "Client",
    "ClientError",
    "ClientKey",
    "Draft",
    "NotSubmitted",
    "Refused",
    "Settled",
    "Transport",
    "TryAgain",
    "make_key",
    "open_key",
]
