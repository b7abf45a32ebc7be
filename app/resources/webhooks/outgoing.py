"""The one way in which the service calls others: never inside the operator's network unasked.

A name is resolved, every address that it has must be global (or the host named by the operator in
WORKPLAN_WEBHOOK_HOSTS), and the call goes to the address that was looked at, so that no second
answer of the name server sends it elsewhere.  No redirects, no proxies, 5 s in all, 64 KB of answer.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    import httpx

LONGEST = 5.0  # seconds, from the name to the last byte
LARGEST = 1 << 16  # bytes of an answer
PORTS = {"https": 443, "http": 80}
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: IPv4 inside
UNICAST = IPv6Network("2000::/3")  # all that is given out of IPv6 (RFC 4291, section 2.4)
FOR_DOCUMENTS = IPv6Network("3fff::/20")  # RFC 9637, which Python 3.11 does not know

Resolve = Callable[[str, int], Awaitable[Collection[str]]]


class UnreachedError(Exception):
    """No answer came; says why in a word that is safe to show."""


@dataclass(frozen=True)
class Reply:
    """What was answered."""

    status: int
    body: bytes


def may_be_called(url: str, own_hosts: Collection[str]) -> bool:
    """Whether a URL may be called, as far as it shows before its name is resolved."""
    import httpx

    parts = _split(url)
    try:
        if httpx.URL(url).raw_host.decode("ascii") != str(parts.hostname).partition("%")[0]:
            return False
    except httpx.InvalidURL:
        return False
    if parts.hostname in own_hosts:
        return True
    try:
        return parts.scheme == "https" and _is_global(str(parts.hostname))
    except ValueError:  # a name, no address
        return parts.scheme == "https"


def _split(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.port == 0:
        raise ValueError("no http or https URL")
    return parts


def _is_global(address: str) -> bool:
    """Whether an address is one of the internet; those that hold another are that one."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        inside = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in NAT64:
            inside = ip_address(int(ip) & 0xFFFFFFFF)  # type: ignore[assignment]
        if not inside and (ip not in UNICAST or ip in FOR_DOCUMENTS):
            return False
        ip = inside or ip
    return ip.is_global and not ip.is_multicast


async def resolve(host: str, port: int) -> Collection[str]:
    """All addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def _all_of(lookup: Awaitable[Collection[str]]) -> Collection[str]:
    """As a task; what has no address is as one without any."""
    try:
        return await lookup
    except (OSError, UnicodeError):
        return ()


class Outgoing:
    """Calls to others; `own_hosts` may have any address, and http."""

    def __init__(self, own_hosts: Collection[str] = (), resolve: Resolve = resolve) -> None:
        self.own_hosts = own_hosts
        self.resolve = resolve
        self.lookups: dict[tuple[str, int], asyncio.Task[Collection[str]]] = {}

    @cached_property
    def client(self) -> "httpx.AsyncClient":
        import httpx  # here, since it takes memory that few need

        limits = httpx.Limits(max_keepalive_connections=0)  # a connection is for one host only
        # Nothing that one receiver sets goes to another: they may share an address.
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        return httpx.AsyncClient(
            trust_env=False,
            cookies=no_cookies,
            limits=limits,
            timeout=LONGEST,
            headers={"User-Agent": "workplan-api", "Accept-Encoding": "identity"},
        )

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send a body and give what is answered; raises UnreachedError."""
        try:
            async with asyncio.timeout(LONGEST):
                address = await self._address(url)
                return await self._post_to(address, url, body, headers)
        except TimeoutError:
            raise UnreachedError(f"no answer within {LONGEST:.0f} s") from None

    async def _address(self, url: str) -> str:
        """Where to connect to; raises UnreachedError."""
        try:
            parts = _split(url)
            host = str(parts.hostname)
            addresses = await self._resolved(host, parts.port or PORTS[parts.scheme])
        except ValueError:
            raise UnreachedError("this is no URL to call") from None
        if not addresses:
            raise UnreachedError("the host has no address")
        if host not in self.own_hosts:
            if parts.scheme != "https":
                raise UnreachedError("http goes only to hosts that the operator has named")
            if not all(_is_global(one.partition("%")[0]) for one in addresses):
                raise UnreachedError("the host has an address that is not global")
        return next(iter(addresses))

    async def _resolved(self, host: str, port: int) -> Collection[str]:
        """One question to the name server for a host at a time, since its threads are few."""
        asked = host, port
        if asked not in self.lookups:
            self.lookups[asked] = asyncio.create_task(_all_of(self.resolve(host, port)))
            self.lookups[asked].add_done_callback(lambda _: self.lookups.pop(asked))
        return await asyncio.shield(self.lookups[asked])

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
            },  # the certificate must be the name's
        )
        try:
            answer = await self.client.send(request, stream=True)
            try:
                received = bytearray()
                async for chunk in answer.aiter_raw():
                    received += chunk[: LARGEST - len(received)]
                    if len(received) >= LARGEST:
                        break
                return Reply(answer.status_code, bytes(received))
            finally:
                await answer.aclose()
        except httpx.TimeoutException:
            raise TimeoutError from None
        except httpx.HTTPError as error:
            raise UnreachedError(f"the call failed: {type(error).__name__}") from None

    async def close(self) -> None:
        """Close what is open."""
        if "client" in vars(self):
            await self.client.aclose()
