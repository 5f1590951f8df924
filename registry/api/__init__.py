"""The door for assessment bodies' systems, under ``/v1``."""
