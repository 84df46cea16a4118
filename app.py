"""The web process: the pages, with the API for machines mounted beside them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import streamlit as st
from starlette.middleware import Middleware

from api import mount, ofrep_mount, status_routes, survey_mount
from api.recording import Recorded
from core.health.requests import recorder
from core.kernel import db, logs
from core.kernel.keycheck import require_key
from core.platform.flags import evaluating
from core.platform.keys import watching
from pages._parts.errors import on_script_error


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Checks the key and the database, then records requests and watches API keys and flags until the end."""
    logs.configure("web")
    await anyio.to_thread.run_sync(require_key)
    recorder.start()
    watching.start()
    evaluating.start()
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(evaluating.stop)
        await anyio.to_thread.run_sync(watching.stop)
        await anyio.to_thread.run_sync(recorder.stop)
        db.forget_engines()


app = st.App(
    "pages/_portal.py",
    lifespan=lifespan,
    routes=[mount, ofrep_mount, survey_mount, *status_routes],
    middleware=[Middleware(Recorded)],
    on_script_error=on_script_error,
)
