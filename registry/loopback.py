"""Names of this machine: what the staff's pages may be served on and asked for under, until people can sign in."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether a host, without port and brackets, is this machine itself: ``localhost`` or such an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
