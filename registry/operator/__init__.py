"""The operator's door: the command `certreg`."""
