"""Demo deployments: sixty days of releases of the product's services, a few of which failed or were taken back."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from core.kernel.writes import Transaction
from core.reliability.deployments.models import Deployment

DAYS = 60
SERVICES = {"api-gateway": 0.35, "assessments": 0.8, "billing": 0.45, "portal": 0.5}  # releases a working day
_SUMMARIES = {
    "api-gateway": ("Renew the certificate bundle", "Longer time-outs for uploads", "Refuse tokens without an audience"),
    "assessments": ("Answers are saved in smaller parts", "New fonts in reports", "Cohort filters", "Faster result pages"),
    "billing": ("Lines of invoices in one query", "Tax rates of the new year", "Retry at the payment provider"),
    "portal": ("Saved views", "Exports in the background", "Dependencies renewed"),
}  # fmt: skip
_PEOPLE = ("Mateo Alvarez", "Jonas Weber", "Priya Raman", "Release train")


def seed(tx: Transaction, random: Random, now: datetime) -> list[dict[str, Any]]:
    """Makes the deployments. Returns them as rows, oldest first."""
    rows = [
        _one(random, service, number, at)
        for service, rate in SERVICES.items()
        for number, at in enumerate(_moments(random, rate, now), start=1)
    ]
    rows.sort(key=lambda row: row["at"])
    tx.bulk(insert(Deployment), rows)
    return rows


def _moments(random: Random, rate: float, now: datetime) -> list[datetime]:
    """By day, and hardly ever at weekends."""
    found = []
    for ago in range(DAYS, -1, -1):
        noon = (now - timedelta(days=ago)).replace(hour=9, minute=0, second=0, microsecond=0)
        wanted = rate if noon.weekday() < 5 else rate / 10
        at = noon + timedelta(minutes=random.uniform(0, 480))
        if random.random() < wanted and at < now - timedelta(minutes=20):
            found.append(at)
    return found


def _one(random: Random, service: str, number: int, at: datetime) -> dict[str, Any]:
    status = random.choices(("succeeded", "failed", "rolled_back"), (94, 3, 3))[0]
    return {
        "id": UUID(int=random.getrandbits(128), version=4), "at": at, "service": service, "release": f"{at:%Y.%-m}.{number}",
        "environment": "production", "status": status, "summary": random.choice(_SUMMARIES[service]),
        "url": f"https://builds.quarterdeck.example/{service}/{number}", "deployed_by": random.choice(_PEOPLE),
        "external_id": f"demo-{service}-{number}", "created_at": at, "updated_at": at,
    }  # fmt: skip
