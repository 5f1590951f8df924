"""What the public sees: the look-up, the page a QR opens, and the public files.

Holds no private key, writes nothing to the register, and reads it through ``registry.publication`` alone.
"""
