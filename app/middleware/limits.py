"""Limits that an operator may set: hosts, rates of clients and keys, and concurrent requests.

Headers are those of draft-ietf-httpapi-ratelimit-headers-10.  A 304 is not counted, so polling by
`If-None-Match` is free.  Health checks have no limits.
"""

import math
from ipaddress import IPv6Address, ip_address, ip_network

from asgi_correlation_id import correlation_id
from limits import RateLimitItem, parse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as ASGIMessage

from app.http.clients import client_of
from app.http.problems import (
    ApiError,
    MalformedRequestError,
    Message,
    UnavailableError,
    problem_response,
)
from app.http.quotas import QUOTAS, RateLimitedError
from app.middleware.counts import Counts, InMemory, InRedis
from app.middleware.requests import is_request_id, new_request_id, without_body
from app.middleware.security_headers import DEFAULTS
from app.settings import Settings
from app.telemetry.metrics import LIMITED, Metrics

UNLIMITED = frozenset(("/livez", "/readyz", "/metrics"))
CLIENT, KEY = "client", "key"  # names of policies in headers
IPV6_SITE = 64  # bits of an address that a provider gives to one customer
BUSY = Message(
    "同时处理的请求已达上限；请按 Retry-After 稍后再试。",
    "Too many requests are in progress; try again after Retry-After seconds.",
)
OTHER_HOST = Message(
    "Host 头不是此服务的主机名。", "The Host header names a host that is not this service."
)


class Limit:
    """The layer; it is there only if a limit is set."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics
        self.trusted = settings.trusted_proxies
        self.hosts = settings.allowed_hosts
        self.most_running = settings.concurrent_requests
        self.running = 0
        notations = {CLIENT: settings.rate_limit, KEY: settings.key_rate_limit}
        self.policies = {name: parse(one) for name, one in notations.items() if one}
        store = settings.rate_limit_store
        self.counts: Counts = InRedis(store.get_secret_value()) if store else InMemory()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self.app(scope, receive, send)
            return
        taken = scope[QUOTAS] = Taken(self, send)
        try:
            await self._within(taken, scope, receive)
        finally:
            del scope[QUOTAS]  # its `send` refers to the scope: a cycle

    async def _within(self, taken: "Taken", scope: Scope, receive: Receive) -> None:
        try:
            if self.hosts and not _is_host(scope, self.hosts):
                self.metrics.count(LIMITED, "host")
                raise MalformedRequestError(OTHER_HOST)
            if self.most_running and self.running >= self.most_running:
                self.metrics.count(LIMITED, "concurrency")
                raise UnavailableError(BUSY)
            await taken.take(CLIENT, site_of(client_of(scope, self.trusted)))
        except ApiError as error:
            await refuse(error, scope, receive, taken.send)
            return
        self.running += 1
        try:
            await self.app(scope, receive, taken.send)
        finally:
            self.running -= 1


class Taken:
    """What one request took of which quotas."""

    def __init__(self, limit: Limit, send: Send) -> None:
        self.limit = limit
        self.sending = send
        self.quotas: list[tuple[str, RateLimitItem, str]] = []
        self.states: list[tuple[int, float]] = []  # count and seconds until the end of the window

    async def take(self, policy: str, identifier: str) -> None:
        """Count the request; raises RateLimitedError if there is no quota left."""
        if (item := self.limit.policies.get(policy)) is None:
            return
        key = item.key_for(policy, identifier)
        count, left = await self.limit.counts.add(key, item.get_expiry(), 1)
        self.quotas.append((policy, item, key))
        self.states.append((count, left))
        if count > item.amount:
            self.limit.metrics.count(LIMITED, policy)
            raise RateLimitedError(math.ceil(left))

    async def send(self, message: ASGIMessage) -> None:
        """Send a message, with the state of the quotas in its headers."""
        if message["type"] == "http.response.start" and self.quotas:
            if message["status"] == 304:
                self.states = [
                    await self.limit.counts.add(key, item.get_expiry(), -1)
                    for _, item, key in self.quotas
                ]
            policies, states = [], []
            for (name, item, _), (count, left) in zip(self.quotas, self.states, strict=True):
                policies.append(f'"{name}";q={item.amount};w={item.get_expiry()}')
                states.append(f'"{name}";r={max(item.amount - count, 0)};t={math.ceil(left)}')
            headers = [
                *message["headers"],
                (b"ratelimit-policy", ", ".join(policies).encode()),
                (b"ratelimit", ", ".join(states).encode()),
            ]
            message = {**message, "headers": headers}
        await self.sending(message)


async def refuse(error: ApiError, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a problem from outside of the layer that gives requests their id."""
    sent = (value for name, value in scope["headers"] if name == b"x-request-id")
    request_id = next((one.decode() for one in sent if is_request_id(one)), None)
    correlation_id.set(request_id or new_request_id())
    response = problem_response(scope, error)
    response.headers["X-Request-ID"] = correlation_id.get() or ""
    response.raw_headers.extend(DEFAULTS)
    await response(scope, receive, without_body(send) if scope["method"] == "HEAD" else send)


def site_of(address: str | None) -> str:
    """What counts as one client: an IPv4 address, or the /64 of an IPv6 address."""
    if address is None:
        return "unknown"
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ip_network((int(found), IPV6_SITE), strict=False))
    return str(found)


def _is_host(scope: Scope, allowed: frozenset[str]) -> bool:
    """Whether the request is for one of these hosts; the port does not matter."""
    sent = next((value for name, value in scope["headers"] if name == b"host"), b"")
    host = sent.decode("latin-1").lower()
    name, _, port = host.rpartition(":")
    return host in allowed or (port.isdecimal() and name in allowed)
