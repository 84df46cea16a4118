"""What machines see: one router per area, under /api/v1; errors are problem details (RFC 9457)."""

from fastapi import APIRouter, FastAPI

from api import problems, session
from api.customers import tenants
from api.health import status

api = FastAPI(title="Quarterdeck", version="1", docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json")
problems.install(api)
api.include_router(session.router)

v1 = APIRouter(prefix="/v1", responses=problems.DOCUMENTED)
v1.include_router(tenants.router)
v1.include_router(status.router)


@v1.get("/healthz", tags=["health"])
def healthz() -> dict[str, str]:
    """Whether the web process answers. What it depends on is at /v1/health."""
    return {"status": "ok"}


api.include_router(v1)
