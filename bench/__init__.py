"""Measured claims: what the register does, side by side with the barest thing that could do the same work.

Nothing here asserts: a ratio below its aim is printed as such, and a person decides. Nothing is measured but what
runs on this machine, on the loopback address, in a throw-away folder.
"""
