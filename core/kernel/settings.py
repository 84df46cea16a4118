"""Configuration: environment variables, read once."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each field is the environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    database_url: str | None = None
    database_read_url: str | None = None
    data_folder: Path = Path(".data")
    demo: bool | None = None
    port: int = 8501
    public_url: str | None = None
    encryption_keys: SecretStr | None = None
    log_format: Literal["console", "json"] | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    environment: Literal["development", "production"] = "development"
    smtp_url: SecretStr | None = None
    mail_from: str = "quarterdeck@localhost"
    inbound_imap_url: SecretStr | None = None
    ticket_prefix: str = Field(default="QD-", pattern=r"^[A-Za-z0-9-]{0,10}$")
    ticket_close_days: int = Field(default=7, ge=1)
    redis_url: SecretStr | None = None
    api_cors_origins: str = ""
    nats_url: SecretStr | None = None
    seal_file: Path | None = None
    seal_mail_to: str | None = None
    flag_environment: Literal["production", "staging", "development"] = "production"
    outbound_allow: str = ""
    api_key_prefix: str = Field(default="iris", pattern=r"^[a-z][a-z0-9]{1,15}$")


@cache
def settings() -> Settings:
    """The settings of this process; `settings.cache_clear()` reads the environment again."""
    return Settings()
