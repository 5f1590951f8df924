"""A request whose form leaves no open file behind.

The library unpacks each part of a form to a file of its own, in memory first and on disk when it is large. It closes
those that it handed over; of a form that it gives up half-way (too many parts, broken off) it hands over none, and they
would stay open until somebody collects the garbage.
"""

from typing import IO, Any

from flask import Request


class FormRequest(Request):
    """Closes every file that its form was unpacked to, when the request ends."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._unpacked: list[IO[bytes]] = []

    def _get_file_stream(self, *arguments: Any, **named: Any) -> IO[bytes]:
        file = super()._get_file_stream(*arguments, **named)
        self._unpacked.append(file)
        return file

    def close(self) -> None:
        """Close what the request has open."""
        super().close()
        for file in self._unpacked:
            file.close()
