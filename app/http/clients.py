"""Who sent a request, through proxies that the settings name and no others."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.types import Scope

from app.settings import Network

FORWARDED_FOR = b"x-forwarded-for"
MOST_ADDRESSES = 1024  # cached ones, each of at most 60 characters
Address = IPv4Address | IPv6Address


def client_of(scope: Scope, trusted: frozenset[Network]) -> str | None:
    """The address of the client; None if there is none, as on a Unix socket.

    Each proxy appends the address that it sees to `X-Forwarded-For`.  So the last address that is
    not a trusted proxy's is the client; what stands before it is the client's own claim.
    """
    peer = scope.get("client")
    if not peer:
        return None
    address: str = peer[0]
    if not trusted or not is_within(address, trusted):
        return address
    values = [value for name, value in scope["headers"] if name == FORWARDED_FOR]
    for claimed in reversed(b",".join(values).decode("latin-1").split(",")):
        if _address(claimed.strip()) is None:
            break
        address = claimed.strip()
        if not is_within(address, trusted):
            break
    return address


@lru_cache(MOST_ADDRESSES)
def is_within(address: str, networks: frozenset[Network]) -> bool:
    """Whether an address is in one of the networks; IPv4 addresses may be mapped to IPv6."""
    found = _address(address)
    return found is not None and any(found in network for network in networks)


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped
    return found
