"""The register's store: how it is opened, read and written, on SQLite and on PostgreSQL alike.

This room knows no table of its own. The rooms keep their tables in ``tables.py``; here are the ground they
stand on (``metadata``), the door (``engine``), the only two ways through it (``sessions``), and the way to
the current shape (``migrate``). It refuses to decide anything about certificates.
"""
