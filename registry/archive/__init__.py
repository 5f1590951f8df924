"""Zips from outside: their directory and their entries' bytes, under limits. What is in them is others' to judge."""
