"""``certverify``: is this certificate genuine? Answered on this machine, with files alone.

The one room of ``signing`` that reads a clock and opens files. To verify, it opens no address and asks no
network: what it trusts is a pinned root that came by another way, and public files that anyone may copy. The
verdict itself is not decided here but in ``signing.verdict``; this room finds the token in what it was given,
finds the files, and says the verdict in plain words.

``certverify update`` is the exception, and apart: it fetches the public files as a client of their
distribution (``refresh``, ``tuf_client``), and writes into the user's own folder. A proof of the public log is written
where the user says (``log_proof``). ``certmonitor``, which follows that log, has a room of its own (``monitor``).
"""
