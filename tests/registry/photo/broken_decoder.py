"""A decoding process for tests that does as the file bids it: dies, runs on, sleeps, takes all memory, or lies."""

import os
import time

from registry.photo import decoding_process
from registry.photo.errors import PhotoFault, PhotoRefused
from registry.photo.photo import Photo, plain_photo

KEPT_FORM_BROKEN = b"\xff\xd8\xff\xd9"


def outcome(data: bytes) -> Photo | PhotoRefused:
    word, _, argument = data.partition(b" ")
    match word:
        case b"die":
            os.abort()
        case b"die-once":
            if os.path.isdir(argument):
                os.rmdir(argument)
                os.abort()
            return PhotoRefused(PhotoFault.BLANK)
        case b"sleep":
            time.sleep(600)
        case b"run-on":
            while True:
                pass
        case b"fill":
            return PhotoRefused(PhotoFault.BLANK, str(len(bytes(int(argument)))))
        case b"open":
            with open(argument, "rb"):
                return PhotoRefused(PhotoFault.BLANK)
        case b"environment":
            return PhotoRefused(PhotoFault.BLANK, " ".join(sorted(set(os.environ) - {"LC_CTYPE"})))
        case b"lie":
            return Photo(KEPT_FORM_BROKEN, 590, 826, b"")
        case b"lie-in-words":
            return PhotoRefused(PhotoFault.BLANK, "<script>")
    return plain_photo(data)


if __name__ == "__main__":
    decoding_process.plain_photo = outcome
    decoding_process.CPU_SECONDS = 1
    decoding_process.main()
