"""Calls by scripts of other sites: refused by browsers unless the setting lists the site."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api.idempotency import REPLAYED

_SENT = ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-ID"]
_READ = ["ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID", "Deprecation", "Sunset",
         REPLAYED]  # fmt: skip


def install(api: FastAPI, origins: str) -> None:
    """Lets the origins (separated by commas) call with an API key; never with the cookie of an operator."""
    listed = [origin.strip().rstrip("/") for origin in origins.split(",") if origin.strip()]
    if listed:
        api.add_middleware(
            CORSMiddleware, allow_origins=listed, allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
            allow_headers=_SENT, expose_headers=_READ, allow_credentials=False, max_age=600,
        )  # fmt: skip
