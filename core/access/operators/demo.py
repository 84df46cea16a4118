"""Demo operators: one for each role. Their password is public, so they exist with demo data only."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import insert, select

from core.access.operators import rules
from core.access.operators.models import Operator
from core.access.roles.models import RoleRow
from core.kernel.actor import Actor
from core.kernel.reads import read
from core.kernel.writes import Transaction
from core.roles import ROLES

PASSWORD = "all-hands-on-deck"
_PEOPLE = (
    "Amara Osei", "Jonas Weber", "Priya Raman", "Mateo Alvarez", "Lena Fischer", "Kofi Mensah", "Sofia Rossi",
    "Daniel Cohen", "Yuki Tanaka", "Emma Larsen", "Omar Haddad", "Chloe Martin", "Viktor Novak",
)  # fmt: skip


def _address(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@quarterdeck.example"


def seed(tx: Transaction, random: Random, now: datetime) -> dict[str, UUID]:
    """Makes one operator per role. Returns role -> id."""
    hashed = rules.hash_password(PASSWORD)
    rows = [
        {
            "id": UUID(int=random.getrandbits(128), version=4), "email": _address(name), "name": name, "role": role,
            "password_hash": hashed, "is_demo": True, "created_at": now - timedelta(days=random.randint(100, 900)),
            "updated_at": now, "version": 1,
        }
        for name, role in zip(_PEOPLE, ROLES, strict=True)
    ]  # fmt: skip
    tx.bulk(insert(Operator), rows)
    return {str(row["role"]): UUID(str(row["id"])) for row in rows}


def sign_ins(actor: Actor) -> list[tuple[str, str, str]]:
    """E-mail, password and role title of each demo operator in service; empty without demo data."""
    shown = select(Operator.email, RoleRow.title).join(RoleRow, RoleRow.name == Operator.role)
    with read(actor) as rx:
        found = rx.rows(shown.where(Operator.is_demo, Operator.disabled_at.is_(None)).order_by(RoleRow.title))
    return [(row.email, PASSWORD, row.title) for row in found]
