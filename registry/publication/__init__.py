"""The read-only door of the public side. It imports nothing of `keys`, holds no key, and writes no row."""
