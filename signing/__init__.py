"""What is signed, and how anyone checks it.

This package reads and writes the formats of ``docs/formats.md``: strict CBOR, COSE_Sign1 with Ed25519, the
statement and its token, the QR text, trust bundle, status file, evidence, and the verdict. It needs the
standard library alone; ``cryptography`` makes ``signing.ed25519`` faster when it is there.

It holds no private key, opens no file, asks no clock and no network (except the room ``signing.offline``),
and imports nothing else of the project: what decides whether a certificate is genuine can be read on its
own.
"""
