"""The owner's connection: what the obvious way is measured with, past every policy."""

from typing import Any

import psycopg

from core.kernel import db


def owner() -> psycopg.Connection[Any]:
    return psycopg.connect(db.database_url().replace("+psycopg", ""), autocommit=True)
