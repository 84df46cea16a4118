"""The checker: in every worker, and at work in one of them.

It looks at every monitor in its time, side by side, and stores what it found once a second. What it cannot know it leaves
unknown: while it does not run, while it hangs, while its own network is gone.
"""

import asyncio
import resource
import ssl
from concurrent.futures import ThreadPoolExecutor

import psycopg

from core.health.monitors import storing, watching
from core.health.monitors.leading import Lead
from core.health.monitors.network_check import NetworkCheck, Reference, root_servers
from core.health.monitors.probes import Network
from core.health.monitors.storing import Deposed
from core.health.monitors.term import Term
from core.kernel.errors import ExpectedError
from core.kernel.logs import get_logger

TRY_EVERY_S = 2.0
FILES = 4_096  # every look takes one
log = get_logger()


class Checker:
    """Runs in one event loop until `stop` is set, whatever the database does in the meantime.

    `reference` says whether the network works; without one, the root name servers are asked for.
    """

    def __init__(self, *, reference: Reference | None = None, verified: ssl.SSLContext | None = None) -> None:
        self._reference, self._verified = reference, verified
        self._lead = Lead()
        self._threads = ThreadPoolExecutor(3, thread_name_prefix="monitors")
        self.term: Term | None = None

    async def run(self, stop: asyncio.Event) -> None:
        _allow_files()
        loop = asyncio.get_running_loop()
        network = Network(verified=self._verified)
        try:
            while not stop.is_set():
                if await self._takes_lead():
                    await self._work(network, stop)
                    await loop.run_in_executor(self._threads, self._lead.give_up)
                await _pause(stop, TRY_EVERY_S)
        finally:
            self._lead.give_up()
            await network.close()
            self._threads.shutdown(wait=False)

    async def _takes_lead(self) -> bool:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._lead.take)
        except psycopg.OperationalError as error:
            log.warning("the checker waits for the database", error=str(error).strip())
            return False

    async def _work(self, network: Network, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        check = NetworkCheck(self._reference or root_servers(network))
        try:
            roster = await loop.run_in_executor(self._threads, watching.roster)
            run_id = await loop.run_in_executor(self._threads, storing.begin)
            self.term = Term(run_id, network, check, self._threads)
            log.info("the checker is at work", monitors=len(roster.watches))
            await self.term.run(roster, stop)
        except Deposed:
            log.warning("another checker has taken over")
        except ExpectedError as error:
            log.warning("the checker waits", error=str(error))
        finally:
            self.term = None


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({stopped}, timeout=seconds)
    stopped.cancel()
