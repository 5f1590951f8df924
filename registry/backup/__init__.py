"""Backup and restore: a copy of the evidence that can be proved whole, and the way back that gives no number twice.

A backup is independent of the database it came from: what SQLite wrote, PostgreSQL can take. It holds rows only. No
private key, identity, data key, look-up key or signer's journal is in it; those are kept by other hands on other
volumes.
"""
