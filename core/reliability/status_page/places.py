"""Where the page is written to and read from, as environment variables say."""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic_settings import BaseSettings, SettingsConfigDict

from core.kernel.settings import settings as portal

PATH = "/status"


class StatusPageSettings(BaseSettings):
    """Each field is the environment variable of the same name in capitals.

    `status_page_url` is where the public reads the page, `status_page_forms_url` where it reaches the portal's forms. Host
    and port are those of `python -m jobs status-page`.
    """

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    status_page_name: str = "Quarterdeck"
    status_page_url: str | None = None
    status_page_forms_url: str | None = None
    status_page_folder: Path | None = None
    status_page_bucket: str | None = None
    status_page_host: str = "127.0.0.1"
    status_page_port: int | None = None


@cache
def settings() -> StatusPageSettings:
    return StatusPageSettings()


def name() -> str:
    return settings().status_page_name


def folder() -> Path:
    """The folder that is always written."""
    return settings().status_page_folder or portal().data_folder / "status"


def bucket() -> str | None:
    """s3://bucket/prefix, gs:// or az://, where one is set."""
    return settings().status_page_bucket


def _portal_url() -> str:
    chosen = portal()
    return (chosen.public_url or f"http://localhost:{chosen.port}").rstrip("/")


def forms_url() -> str:
    """Below which the forms are: subscribe, confirm, unsubscribe."""
    return (settings().status_page_forms_url or _portal_url() + PATH).rstrip("/")


def page_url() -> str:
    """The page's own address, without a slash at the end."""
    return (settings().status_page_url or _portal_url() + PATH).rstrip("/")


def origin(url: str) -> str:
    """Scheme and host, as a content security policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
