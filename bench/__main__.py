"""`python -m bench [GROUP]`: runs every group of benchmarks, or one, on a database of its own."""

import importlib
import os
import pkgutil
import sys
import tempfile
from pathlib import Path

import bench
from bench.report import Row, save, show

RESULT = Path(".data/bench.json")


def groups() -> list[str]:
    """The names that ONLY= takes: every folder of bench/."""
    return sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.ispkg)


def prepare(url: str) -> None:
    """Points this process at a migrated, empty database."""
    from core.kernel import crypto, db
    from core.kernel.settings import settings
    from tests.conftest import migrate

    db.forget_engines()
    os.environ["DATABASE_URL"] = url
    os.environ["DATA_FOLDER"] = tempfile.mkdtemp(prefix="qd-bench-")
    os.environ["ENCRYPTION_KEYS"] = "bench:" + "A" * 43 + "="
    settings.cache_clear()
    crypto.keys.cache_clear()
    migrate(url)


def main() -> int:
    only = sys.argv[1] if len(sys.argv) > 1 else None
    if only and only not in groups():
        print(f"There is no group {only}. Choose one of: {', '.join(groups())}.")
        return 2
    from tests.postgres import server

    rows: list[Row] = []
    for name in [only] if only else groups():
        with server(os.environ.get("TEST_PG", "18"), durable=True) as running:
            prepare(running.url("postgres"))
            rows += importlib.import_module(f"bench.{name}").run()
    print(show(rows))
    save(rows, RESULT)
    return 0 if all(row.holds is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
