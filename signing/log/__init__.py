"""The public log, as anybody can check it: leaves, tiles, proofs, checkpoints and who signed them (formats.md §14).

C2SP ``tlog-tiles``, ``tlog-checkpoint``, ``signed-note``, ``tlog-cosignature`` and ``tlog-proof``. Bytes in, values
out: no file, no network, no clock.
"""
