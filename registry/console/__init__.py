"""The staff's pages: reading only, and on the loopback address only, until people can sign in."""
