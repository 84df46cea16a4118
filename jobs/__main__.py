"""python -m jobs [scheduler|worker]: the clock and the work; without a word both, with the worker supervised.

python -m jobs ingest FILE: takes in an access log (--help tells more).
python -m jobs import-tickets FILE: makes tickets of an incident log (--help tells more).
python -m jobs status-page: serves the rendered status page, without portal and database (--help tells more).
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable

from core.kernel import logs
from jobs import supervisor
from jobs.parent import end_with_parent
from jobs.scheduler import Scheduler


def _until_signalled(run: Callable[[threading.Event], None]) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(stop)
    logging.shutdown()
    os._exit(0)  # a thread that still waits for the database must not hold up the stop


def _quieten() -> None:
    """Our own lines tell of ticks and jobs, and not of jobs' arguments, which may be nobody's business."""
    for name, level in (("apscheduler", "WARNING"), ("procrastinate", "WARNING"), ("procrastinate.worker", "CRITICAL")):
        logging.getLogger(name).setLevel(level)
    logging.getLogger("procrastinate.worker.quarterdeck").setLevel("WARNING")


def main(words: list[str]) -> None:
    kind = words[0] if words else "jobs"
    if kind == "ingest":
        from jobs import ingesting  # noqa: PLC0415  (the others have no use for it)

        logs.configure(kind)
        sys.exit(ingesting.main(words[1:]))
    if kind == "import-tickets":
        from jobs import importing_tickets  # noqa: PLC0415  (the others have no use for it)

        logs.configure(kind)
        sys.exit(importing_tickets.main(words[1:]))
    if kind == "status-page":
        from jobs import status_server  # noqa: PLC0415  (the others have no use for it)

        logs.configure(kind)
        sys.exit(status_server.main(words[1:]))
    if kind not in {"jobs", "scheduler", "worker"} or len(words) > 1:
        sys.exit(__doc__)
    logs.configure(kind)
    _quieten()
    if kind == "worker":
        from jobs import worker  # noqa: PLC0415  (a scheduler alone has no use for it)

        end_with_parent()
        worker.main()
    elif kind == "scheduler":
        _until_signalled(lambda stop: Scheduler(stop).run())
    else:
        _until_signalled(supervisor.run)


if __name__ == "__main__":
    main(sys.argv[1:])
