"""What an operator can set: environment variables that begin with WORKPLAN_."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All settings, each with a default that works on one machine."""

    model_config = SettingsConfigDict(env_prefix="WORKPLAN_", extra="ignore")

    database_url: str = Field(
        default="sqlite:///var/workplan.db",
        description="sqlite:///path or postgresql://user:password@host/database",
    )
    pool_size: int = Field(
        default=8, ge=1, le=100, description="database connections of one worker, at the most"
    )
    public_url: str = Field(
        default="/",
        description="where clients reach the service; the contract names it as its server",
    )
    cache_megabytes: int = Field(
        default=64, ge=0, le=100_000, description="finished answers that one worker keeps"
    )
    access_log: bool = Field(
        default=False, description="a line for each request; what stands in front has one already"
    )
