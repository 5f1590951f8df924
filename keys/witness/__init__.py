"""The witness: cosigns a checkpoint of a log if its tree goes on from the last one seen (C2SP ``tlog-witness``).

A program of its own with keys of its own, best run by somebody else than the log. It believes nobody, knows no leaf
and opens no database: what it needs is the last head that it cosigned, and that must never be lost.
"""
