"""All outgoing HTTP requests, with protection against server-side request forgery.

The host is resolved, and all its addresses must be global, unless the operator allows the host in
WORKPLAN_WEBHOOK_HOSTS.  The request goes to the address that was checked, so DNS rebinding cannot
redirect it.  No redirects, no proxies, at most 5 s in all and 64 KB of response.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    import ssl

    import httpx

TIMEOUT = 5.0  # seconds, from name resolution to the last byte
MAX_RESPONSE = 1 << 16  # bytes
PORTS = {"https": 443, "http": 80}
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: IPv4 inside
UNICAST = IPv6Network("2000::/3")  # global unicast (RFC 4291, section 2.4)
DOCUMENTATION = IPv6Network("3fff::/20")  # RFC 9637, which Python 3.11 does not know

Resolve = Callable[[str, int], Awaitable[Collection[str]]]


class NoResponseError(Exception):
    """No response; the message is safe to show to the subscriber."""


@dataclass(frozen=True)
class Reply:
    """The response of a receiver."""

    status: int
    body: bytes


def is_allowed(url: str, allowed_hosts: Collection[str]) -> bool:
    """Whether a URL may be called, as far as is known before its host is resolved."""
    import httpx

    parts = _split(url)
    try:
        if httpx.URL(url).raw_host.decode("ascii") != str(parts.hostname).partition("%")[0]:
            return False
    except httpx.InvalidURL:
        return False
    if parts.hostname in allowed_hosts:
        return True
    try:
        return parts.scheme == "https" and _is_global(str(parts.hostname))
    except ValueError:  # a name, not an address
        return parts.scheme == "https"


def _split(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.port == 0:
        raise ValueError("not an http or https URL")
    return parts


def _is_global(address: str) -> bool:
    """Whether an address is global; of an IPv6 address that embeds IPv4, the IPv4 decides."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        inside = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in NAT64:
            inside = ip_address(int(ip) & 0xFFFFFFFF)  # type: ignore[assignment]
        if not inside and (ip not in UNICAST or ip in DOCUMENTATION):
            return False
        ip = inside or ip
    return ip.is_global and not ip.is_multicast


async def resolve(host: str, port: int) -> Collection[str]:
    """All addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def _addresses_of(lookup: Awaitable[Collection[str]]) -> Collection[str]:
    """Resolve; a failed lookup counts as no addresses."""
    try:
        return await lookup
    except (OSError, UnicodeError):
        return ()


@cache
def trusted() -> "ssl.SSLContext":
    """The certificates that receivers are checked by, read once in a process: it takes 20 ms."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


class Outgoing:
    """The client for outgoing requests; `allowed_hosts` may use http and have any address."""

    def __init__(self, allowed_hosts: Collection[str] = (), resolve: Resolve = resolve) -> None:
        self.allowed_hosts = allowed_hosts
        self.resolve = resolve
        self.lookups: dict[tuple[str, int], asyncio.Task[Collection[str]]] = {}

    @cached_property
    def client(self) -> "httpx.AsyncClient":
        import httpx  # here, since it takes memory and few deployments have webhooks

        limits = httpx.Limits(max_keepalive_connections=0)  # a connection is for one host only
        # Receivers may share an address, so a cookie of one would be sent to another.
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        return httpx.AsyncClient(
            verify=trusted(),
            trust_env=False,
            cookies=no_cookies,
            limits=limits,
            timeout=TIMEOUT,
            headers={"User-Agent": "workplan-api", "Accept-Encoding": "identity"},
        )

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """POST a body; raises NoResponseError."""
        try:
            async with asyncio.timeout(TIMEOUT):
                address = await self._address(url)
                return await self._post_to(address, url, body, headers)
        except TimeoutError:
            raise NoResponseError(f"no response within {TIMEOUT:.0f} s") from None

    async def _address(self, url: str) -> str:
        """The address to connect to; raises NoResponseError."""
        try:
            parts = _split(url)
            host = str(parts.hostname)
            addresses = await self._resolved(host, parts.port or PORTS[parts.scheme])
        except ValueError:
            raise NoResponseError("not an http or https URL") from None
        if not addresses:
            raise NoResponseError("the host has no address")
        if host not in self.allowed_hosts:
            if parts.scheme != "https":
                raise NoResponseError("http is allowed only for hosts that the operator has listed")
            if not all(_is_global(one.partition("%")[0]) for one in addresses):
                raise NoResponseError("the host has an address that is not global")
        return next(iter(addresses))

    async def _resolved(self, host: str, port: int) -> Collection[str]:
        """Concurrent lookups of a host share one, since the resolver has few threads."""
        key = host, port
        if key not in self.lookups:
            self.lookups[key] = asyncio.create_task(_addresses_of(self.resolve(host, port)))
            self.lookups[key].add_done_callback(lambda _: self.lookups.pop(key))
        return await asyncio.shield(self.lookups[key])

    async def _post_to(
        self, address: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> Reply:
        import httpx

        named = httpx.URL(url)
        request = self.client.build_request(
            "POST",
            named.copy_with(host=address),
            content=body,
            headers={
                **headers,
                "Host": named.netloc.decode("ascii"),
                "Accept-Encoding": "identity",
            },
            extensions={
                "sni_hostname": named.raw_host.decode("ascii")
            },  # the certificate must be valid for the host name
        )
        try:
            response = await self.client.send(request, stream=True)
            try:
                received = bytearray()
                async for chunk in response.aiter_raw():
                    received += chunk[: MAX_RESPONSE - len(received)]
                    if len(received) >= MAX_RESPONSE:
                        break
                return Reply(response.status_code, bytes(received))
            finally:
                await response.aclose()
        except httpx.TimeoutException:
            raise TimeoutError from None
        except httpx.HTTPError as error:
            raise NoResponseError(f"the request failed: {type(error).__name__}") from None

    async def close(self) -> None:
        """Close the client, if it was opened."""
        if "client" in vars(self):
            await self.client.aclose()
