"""Signed requests (RFC 9421): what must be signed, how it is read, and when a signature holds."""
