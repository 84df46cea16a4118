"""Names and addresses of the tenants' people for those who may not see them: masked, and still told apart."""

from typing import Any
from uuid import UUID

import pandas as pd

from core.kernel.actor import Actor

PERMISSION = "users:pii"
MARK = "…"


def sees(actor: Actor) -> bool:
    return actor.may(PERMISSION)


def tag(key: UUID | str) -> str:
    """Six characters of the person's id, which is no secret: two people with the same initials stay two."""
    return str(key).replace("-", "")[-6:]


def name_masked(name: str, key: UUID | str) -> str:
    """Such as `Z… Q… ·3fa2c1` for Zoé Quinn."""
    initials = " ".join(f"{word[0]}{MARK}" for word in name.split()[:3])
    return f"{initials or MARK} ·{tag(key)}"


def email_masked(email: str, key: UUID | str) -> str:
    """Such as `z…@acme.example ·3fa2c1`; the domain says no more than the tenant does."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}{MARK}@{domain} ·{tag(key)}"


def masked_row(actor: Actor, row: dict[str, Any]) -> dict[str, Any]:
    """The row with its `name` and `email` as the actor may see them; `id` is the person's."""
    if sees(actor):
        return row
    maskers = {"name": name_masked, "email": email_masked}
    return row | {column: mask(row[column], row["id"]) for column, mask in maskers.items() if column in row}


def masked(actor: Actor, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its columns `name` and `email` as the actor may see them; it needs the people's `id`."""
    if sees(actor) or frame.empty:
        return frame
    maskers = {"name": name_masked, "email": email_masked}
    values = {
        column: [mask(text, key) for text, key in zip(frame[column], frame["id"], strict=True)]
        for column, mask in maskers.items()
        if column in frame
    }
    return frame.assign(**{column: pd.array(told, dtype="string") for column, told in values.items()})
