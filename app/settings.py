"""What an operator can set: environment variables that begin with WORKPLAN_."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

HOST = re.compile(r"[a-z0-9.:-]+")
ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")  # RFC 6454
PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
LONGEST_PREFIX = 200
Network = IPv4Network | IPv6Network


def valid_prefix(text: str) -> str | None:
    """A prefix without the slash at its end; None for what is none, such as `//host` or `/..`."""
    prefix = text.removesuffix("/")
    fits = len(prefix) <= LONGEST_PREFIX and PREFIX.fullmatch(prefix)
    return prefix if fits and not {".", ".."} & {*prefix.split("/")} else None


def base(public_url: str, prefix: str) -> str:
    """Where the service is for clients: what the operator has said, else the prefix alone.

    A path in the public URL is the prefix.
    """
    whole = public_url.rstrip("/")
    return whole if urlsplit(whole).path else whole + prefix


class Settings(BaseSettings):
    """All settings, each with a default that works on one machine."""

    model_config = SettingsConfigDict(env_prefix="WORKPLAN_", extra="ignore")

    database_url: str = Field(
        default="sqlite:///var/workplan.db",
        description="sqlite:///path or postgresql://user:password@host/database",
    )
    notices: Path = Field(
        default=Path("var/notices"),
        description="the folder that `python -m seed intake` stores notices in",
    )
    pool_size: int = Field(
        default=8, ge=1, le=100, description="database connections of one worker, at the most"
    )
    public_url: str = Field(
        default="/",
        description="where clients reach the service; the contract names it as its server, and a "
        "path in it is the prefix that a gateway strips",
    )
    root_path: str = Field(
        default="",
        description="the prefix that a gateway strips, such as /workplan; all links begin with it",
    )
    trusted_proxies: Annotated[frozenset[Network], NoDecode] = Field(
        default=frozenset(),
        description="addresses and networks, with commas between them, of proxies whose "
        "X-Forwarded-Prefix counts; from all others whatever is forwarded is ignored",
    )
    cache_megabytes: int = Field(
        default=64, ge=0, le=100_000, description="finished answers that one worker keeps"
    )
    credentialed_origins: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        description="origins of pages that may send credentials, with commas between them; "
        "pages of all others read without",
    )
    webhook_delivery: bool = Field(
        default=True, description="whether this machine sends what webhooks are to be told"
    )
    webhook_hosts: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        description="hosts of your own network that webhooks may reach, also by http, with commas "
        "between them; all others must have global addresses and https",
    )
    idempotency_days: int = Field(
        default=30, ge=1, le=3650, description="how long a response is replayed to the same request"
    )
    delivery_days: int = Field(
        default=30, ge=1, le=3650, description="how long deliveries that are over can be looked at"
    )
    key_secret: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="what the HMACs of keys are made with; the same on all machines",
    )
    key_secret_file: str = Field(
        default="var/key-secret",
        description="where that secret is kept where none is set; made when it is missing",
    )
    access_log: bool = Field(
        default=False, description="a line for each request; what stands in front has one already"
    )

    @property
    def prefix(self) -> str:
        """The path that a gateway strips."""
        return self.root_path or _path_of(self.public_url)

    @property
    def base(self) -> str:
        """What the links of the service begin with that no request asks for."""
        return base(self.public_url, self.prefix)

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, given: str) -> str:
        """`https://plans.example.gov.cn/api`, or a path where links need no host."""
        parts = urlsplit(given)
        origin = given.removesuffix(parts.path)
        has_place = ORIGIN.fullmatch(origin.lower()) or (not origin and parts.path)
        if not has_place or valid_prefix(parts.path) is None:
            raise ValueError(
                f"{given!r} is no address; write scheme://host, scheme://host/path or /path, "
                "such as https://plans.example.gov.cn/api"
            )
        return given

    @field_validator("root_path")
    @classmethod
    def _root_path(cls, given: str) -> str:
        """`/workplan`."""
        if (prefix := valid_prefix(given)) is None:
            raise ValueError(
                f"{given!r} is no prefix; write /name or /name/name of letters, digits, . _ ~ and -"
            )
        return prefix

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _proxies(cls, given: Any) -> list[Network]:
        """`127.0.0.1,10.1.0.0/16,fd00::/8`."""
        parts = given.split(",") if isinstance(given, str) else given
        try:
            return [ip_network(str(part).strip()) for part in parts if str(part).strip()]
        except ValueError as error:
            raise ValueError(
                f"{error}; write addresses or networks, such as 127.0.0.1,10.1.0.0/16"
            ) from None

    @model_validator(mode="after")
    def _one_prefix(self) -> "Settings":
        in_url = _path_of(self.public_url)
        if self.root_path and in_url and self.root_path != in_url:
            raise ValueError(
                f"WORKPLAN_ROOT_PATH is {self.root_path}, and the path of WORKPLAN_PUBLIC_URL is "
                f"{in_url}; both are the prefix that clients see, so give one, or the same"
            )
        return self

    @field_validator("credentialed_origins", mode="before")
    @classmethod
    def _origins(cls, given: object) -> object:
        """`https://a.example,https://b.example:8443`."""
        return _each(
            given,
            ORIGIN,
            "is no origin; write scheme://host or scheme://host:port in lower case, without a path, "
            "such as https://app.example.gov.cn",
        )

    @field_validator("webhook_hosts", mode="before")
    @classmethod
    def _hosts(cls, given: object) -> object:
        """`robots.example.internal,10.0.0.5`."""
        return _each(
            given,
            HOST,
            "is no host; write a name in lower case or an address, without scheme and port, "
            "such as robots.example.internal",
        )


def _path_of(public_url: str) -> str:
    return urlsplit(public_url).path.rstrip("/")


def _each(given: Any, pattern: re.Pattern[str], refusal: str) -> list[str]:
    """What stands between commas, or in a collection; raises ValueError where one does not fit."""
    parts = given.split(",") if isinstance(given, str) else given
    listed = [part.strip() for part in parts if part.strip()]
    for part in listed:
        if not pattern.fullmatch(part):
            raise ValueError(f"{part!r} {refusal}")
    return listed
