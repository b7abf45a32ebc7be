"""The operator's settings: environment variables that begin with WORKPLAN_."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import limits
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

HOST = re.compile(r"[a-z0-9.:-]+")
DATABASE = re.compile(r"(?:sqlite|postgresql)(?:\+\w+)?://.*", re.DOTALL)
ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")  # RFC 6454
PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
LONGEST_PREFIX = 200
Network = IPv4Network | IPv6Network


def valid_prefix(text: str) -> str | None:
    """A prefix without its trailing slash; None if it is invalid, such as `//host` or `/..`."""
    prefix = text.removesuffix("/")
    fits = len(prefix) <= LONGEST_PREFIX and PREFIX.fullmatch(prefix)
    return prefix if fits and not {".", ".."} & {*prefix.split("/")} else None


def base(public_url: str, prefix: str) -> str:
    """The public base URL of the service; without a host in the public URL, the prefix alone.

    A path in the public URL is the prefix.
    """
    whole = public_url.rstrip("/")
    return whole if urlsplit(whole).path else whole + prefix


class Settings(BaseSettings):
    """All settings, with defaults that work on one machine."""

    model_config = SettingsConfigDict(
        env_prefix="WORKPLAN_",
        extra="ignore",
        hide_input_in_errors=True,  # values may be secrets
    )

    database_url: str = Field(
        default="sqlite:///var/workplan.db",
        description="sqlite:///path or postgresql://user:password@host/database",
    )
    database_replica_url: str | None = Field(
        default=None,
        description="a replica of the PostgreSQL database, which serves public reads while it is "
        "not behind",
    )
    notices: Path = Field(
        default=Path("var/notices"),
        description="the folder in which `python -m seed intake` stores notices",
    )
    pool_size: int = Field(
        default=8, ge=1, le=100, description="the maximum number of database connections per worker"
    )
    home_jurisdiction: str | None = Field(
        default=None,
        pattern=r"^[0-9]{6}$",
        description="the GB/T 2260 code of the government whose names come first, such as 440000",
    )
    public_url: str = Field(
        default="/",
        description="the URL at which clients reach the service: the `servers` entry of the "
        "OpenAPI document; its path is the prefix that a gateway strips",
    )
    root_path: str = Field(
        default="",
        description="the prefix that a gateway strips, such as /workplan; all links begin with it",
    )
    trusted_proxies: Annotated[frozenset[Network], NoDecode] = Field(
        default=frozenset(),
        description="comma-separated addresses and networks of proxies whose X-Forwarded-Prefix and "
        "X-Forwarded-For are trusted; from all other clients they are ignored",
    )
    cache_megabytes: int = Field(
        default=64, ge=0, le=100_000, description="the size of each worker's response cache"
    )
    credentialed_origins: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        description="comma-separated origins whose pages may send credentials (CORS); pages of all "
        "other origins read without",
    )
    webhook_delivery: bool = Field(
        default=True, description="whether this machine delivers to webhooks"
    )
    webhook_hosts: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        description="comma-separated hosts in your own network that webhooks may use, with http or "
        "https; all other hosts need https and global addresses",
    )
    idempotency_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="how many days the response to an Idempotency-Key is replayed",
    )
    delivery_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="how many days delivered and failed webhook deliveries are retained",
    )
    key_secret: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="the secret for the HMACs of API keys; the same on all machines",
    )
    key_secret_file: str = Field(
        default="var/key-secret",
        description="the file of that secret if WORKPLAN_KEY_SECRET is not set; created if missing",
    )
    access_log: bool = Field(
        default=False,
        description="whether to log each request, as a line of JSON; a proxy usually does so already",
    )
    metrics_clients: Annotated[frozenset[Network], NoDecode] = Field(
        default=frozenset(map(ip_network, ("127.0.0.0/8", "::1/128"))),
        description="comma-separated addresses and networks of clients that may read /metrics",
    )
    rate_limit: str | None = Field(
        default=None,
        description="the maximum rate of requests of a client, such as 600/minute; none if not set",
    )
    key_rate_limit: str | None = Field(
        default=None,
        description="the maximum rate of requests with one key, such as 120/minute; none if not set",
    )
    rate_limit_store: SecretStr | None = Field(
        default=None,
        description="redis://host:port/number, in which workers and machines count together",
    )
    concurrent_requests: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description="the maximum number of requests in progress in a worker; none if not set",
    )
    allowed_hosts: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        description="comma-separated hosts of this service in `Host`; any if not set",
    )
    security_contact: str | None = Field(
        default=None,
        pattern=r"^(mailto:|https://|tel:)[!-~]{3,300}$",
        description="where to report vulnerabilities, for /.well-known/security.txt",
    )
    opentelemetry: bool = Field(
        default=False,
        description="whether to send traces and metrics by OTLP, as the OTEL_ variables say",
    )

    @property
    def prefix(self) -> str:
        """The path prefix that a gateway strips."""
        return self.root_path or _path_of(self.public_url)

    @property
    def base(self) -> str:
        """The base of links that are made outside of requests."""
        return base(self.public_url, self.prefix)

    @field_validator("database_url", "database_replica_url")
    @classmethod
    def _database(cls, value: str | None) -> str | None:
        """`sqlite:///path`; the message has no value, which may contain a password."""
        if value is not None and not DATABASE.fullmatch(value):
            raise ValueError("use sqlite:///path or postgresql://user:password@host/database")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        """`https://plans.example.gov.cn/api`, or a path if links need no host."""
        parts = urlsplit(value)
        origin = value.removesuffix(parts.path)
        has_place = ORIGIN.fullmatch(origin.lower()) or (not origin and parts.path)
        if not has_place or valid_prefix(parts.path) is None:
            raise ValueError(
                f"{value!r} is not a valid URL; use scheme://host, scheme://host/path or /path, "
                "such as https://plans.example.gov.cn/api"
            )
        return value

    @field_validator("root_path")
    @classmethod
    def _root_path(cls, value: str) -> str:
        """`/workplan`."""
        if (prefix := valid_prefix(value)) is None:
            raise ValueError(
                f"{value!r} is not a valid prefix; use /name or /name/name with letters, digits, "
                ". _ ~ and -"
            )
        return prefix

    @field_validator("trusted_proxies", "metrics_clients", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> list[Network]:
        """`127.0.0.1,10.1.0.0/16,fd00::/8`."""
        parts = value.split(",") if isinstance(value, str) else value
        try:
            return [ip_network(str(part).strip()) for part in parts if str(part).strip()]
        except ValueError as error:
            raise ValueError(
                f"{error}; use addresses or networks, such as 127.0.0.1,10.1.0.0/16"
            ) from None

    @model_validator(mode="after")
    def _replica_of_postgresql(self) -> "Settings":
        urls = (self.database_url, self.database_replica_url)
        if urls[1] and not all(str(url).startswith("postgresql") for url in urls):
            raise ValueError(
                "WORKPLAN_DATABASE_REPLICA_URL needs postgresql:// there and in WORKPLAN_DATABASE_URL"
            )
        return self

    @model_validator(mode="after")
    def _one_prefix(self) -> "Settings":
        in_url = _path_of(self.public_url)
        if self.root_path and in_url and self.root_path != in_url:
            raise ValueError(
                f"WORKPLAN_ROOT_PATH is {self.root_path}, but the path of WORKPLAN_PUBLIC_URL is "
                f"{in_url}; both are the prefix that clients see: set one of them, or both the same"
            )
        return self

    @field_validator("credentialed_origins", mode="before")
    @classmethod
    def _origins(cls, value: object) -> object:
        """`https://a.example,https://b.example:8443`."""
        return _each(
            value,
            ORIGIN,
            "is not an origin; use scheme://host or scheme://host:port in lower case, without a "
            "path, such as https://app.example.gov.cn",
        )

    @field_validator("rate_limit", "key_rate_limit")
    @classmethod
    def _rate(cls, value: str | None) -> str | None:
        """`600/minute`."""
        if value is not None:
            try:
                valid = limits.parse(value).amount > 0
            except ValueError:
                valid = False
            if not valid:
                raise ValueError(f"{value!r} is not a rate; use number/unit, such as 600/minute")
        return value

    @field_validator("rate_limit_store")
    @classmethod
    def _store(cls, value: SecretStr | None) -> SecretStr | None:
        """`redis://127.0.0.1:6379/0`."""
        if value and not value.get_secret_value().startswith(("redis://", "rediss://")):
            raise ValueError("use redis://host:port/number or rediss://host:port/number")
        return value

    @field_validator("webhook_hosts", "allowed_hosts", mode="before")
    @classmethod
    def _hosts(cls, value: object) -> object:
        """`robots.example.internal,10.0.0.5`."""
        return _each(
            value,
            HOST,
            "is not a host; use a name in lower case or an address, without scheme and port, "
            "such as robots.example.internal",
        )


def _path_of(public_url: str) -> str:
    return urlsplit(public_url).path.rstrip("/")


def _each(value: Any, pattern: re.Pattern[str], error: str) -> list[str]:
    """The items of a comma-separated string or a collection; raises ValueError for invalid ones."""
    parts = value.split(",") if isinstance(value, str) else value
    items = [part.strip() for part in parts if part.strip()]
    for item in items:
        if not pattern.fullmatch(item):
            raise ValueError(f"{item!r} {error}")
    return items


def mistakes(error: ValidationError) -> list[str]:
    """What is wrong with the settings, a line each: the variable and what would be right."""
    lines = []
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        message = one["msg"].removeprefix("Value error, ")
        field = Settings.model_fields.get(str(one["loc"][0])) if one["loc"] else None
        if field is None:  # of two settings together, which the message names
            lines.append(message)
        else:
            lines.append(f"WORKPLAN_{str(one['loc'][0]).upper()}: {message} ({field.description})")
    return lines
