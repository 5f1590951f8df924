"""What keeps ``certverify`` and ``certmonitor`` from starting: none of these says anything about certificate or log.

::

    SigningError
    └── WrongUse                 exit code 64; ``situation`` picks the sentence that answers it
        ├── WrongArguments       the command line itself
        ├── FileNotReadable      input, root or folder: missing, or can not be opened
        ├── FileTooLarge
        ├── NotAnInput           neither a file nor the text of a QR
        ├── NoToken              a link, image or PDF without a certificate in it
        ├── SeveralTokens        it holds different certificates: which one is meant?
        ├── ImageNotReadable
        ├── ImagesNotSupported   the libraries for images are not installed
        ├── UpdatesNotSupported  the library for updates is not installed
        ├── RootNotUsable        the file given as pinned root is none
        └── StateNotUsable       the file given as a monitor's state is none, damaged, or of another log
"""

from typing import ClassVar

from signing.errors import SigningError


class WrongUse(SigningError):
    """The command can not be carried out as given. ``detail`` is what the sentence names, a path mostly."""

    situation: ClassVar[str]

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.situation}: {detail}" if detail else self.situation)
        self.detail = detail


class WrongArguments(WrongUse):
    """Options that do not fit; ``detail`` says which."""

    situation = "wrong_arguments"


class FileNotReadable(WrongUse):
    """A path that does not exist, is of another kind, or may not be read."""

    situation = "file_not_readable"


class FileTooLarge(WrongUse):
    """More bytes than any input of this kind has."""

    situation = "file_too_large"


class NotAnInput(WrongUse):
    """Neither the name of a file nor the text of a QR."""

    situation = "not_an_input"


class NoToken(WrongUse):
    """Read in full, and there is no certificate token in it."""

    situation = "no_token"


class SeveralTokens(WrongUse):
    """Several different tokens: a verdict on one would be taken for a verdict on another."""

    situation = "several_tokens"


class ImageNotReadable(WrongUse):
    """Not an image that can be opened safely."""

    situation = "image_not_readable"


class ImagesNotSupported(WrongUse):
    """``zxing-cpp`` and ``pillow`` are not installed here."""

    situation = "images_not_supported"


class UpdatesNotSupported(WrongUse):
    """``tuf`` is not installed here."""

    situation = "updates_not_supported"


class RootNotUsable(WrongUse):
    """Not a pinned root (formats.md §6)."""

    situation = "root_not_usable"


class StateNotUsable(WrongUse):
    """Not the state of a monitor of this log. Nothing is read then: who starts anew forgets what was seen."""

    situation = "state_not_usable"
