"""Reads the figures of this host from the operating system."""

import os
import platform
import socket
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psutil

from core.health.servers.rules import busy_ratio, rate
from core.kernel.times import utc_now

FIRST_LOOK_S = 0.3  # the first reading has none before it, so it makes one itself
_PSEUDO = {"squashfs", "tmpfs", "devtmpfs", "overlay", "proc", "sysfs", "cgroup2", ""}


@dataclass(slots=True)
class Counters:
    """What only means something as a difference to the reading before."""

    cores: list[dict[str, float]]
    network_in: float
    network_out: float
    read_at: float = field(default_factory=time.monotonic)


class Collector:
    """Keeps the last counters, so that rates are those of the time between two readings."""

    def __init__(self) -> None:
        self._before: Counters | None = None

    def figures(self) -> dict[str, Any]:
        """The columns of ServerMetric, without server and id."""
        if self._before is None:
            self._before = _counters()
            time.sleep(FIRST_LOOK_S)
        before, after = self._before, _counters()
        self._before = after
        seconds = after.read_at - before.read_at
        cores = [busy_ratio(one, other) for one, other in zip(before.cores, after.cores, strict=False)]
        return {
            "measured_at": utc_now(),
            "cpu_ratio": sum(cores) / len(cores) if cores else 0.0,
            "core_ratios": cores,
            "load_average": psutil.getloadavg()[0],
            "network_in_rate": rate(before.network_in, after.network_in, seconds),
            "network_out_rate": rate(before.network_out, after.network_out, seconds),
            "open_connections": _open_connections(),
            **_memory(),
            **_disks(),
        }


def _counters() -> Counters:
    cards = psutil.net_io_counters(pernic=True)
    outside = [counted for name, counted in cards.items() if not name.startswith("lo")]
    return Counters(
        [core._asdict() for core in psutil.cpu_times(percpu=True)],
        sum(card.bytes_recv for card in outside),
        sum(card.bytes_sent for card in outside),
    )


def _memory() -> dict[str, Any]:
    memory = psutil.virtual_memory()
    used = memory.total - memory.available
    return {
        "memory_total_bytes": memory.total, "memory_used_bytes": used, "memory_ratio": used / memory.total,
        "swap_used_bytes": psutil.swap_memory().used,
    }  # fmt: skip


def _disks() -> dict[str, Any]:
    mounts = {
        part.device: part.mountpoint
        for part in psutil.disk_partitions(all=False)
        if part.fstype not in _PSEUDO and os.path.isdir(part.mountpoint)  # noqa: PTH112  (a plain string from the system)
    }
    used = [_disk(mount) for mount in sorted({"/", *mounts.values()})]
    return {"disks": used, "disk_ratio": max(one["used_ratio"] for one in used)}


def _disk(mount: str) -> dict[str, Any]:
    usage = psutil.disk_usage(mount)
    return {"mount": mount, "total_bytes": usage.total, "used_bytes": usage.used, "used_ratio": usage.percent / 100}


def _open_connections() -> int | None:
    """Established TCP connections of the host; None where the system does not tell without more rights."""
    try:
        established: int = sum(one.status == psutil.CONN_ESTABLISHED for one in psutil.net_connections(kind="tcp"))
    except psutil.AccessDenied:
        return None
    return established


def name_of_host() -> str:
    return socket.gethostname()


def facts() -> dict[str, Any]:
    """What seldom changes."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": platform.processor() or platform.machine(),
        "cores": psutil.cpu_count() or 1,
        "memory_bytes": psutil.virtual_memory().total,
        "booted_at": datetime.fromtimestamp(psutil.boot_time(), UTC).isoformat(timespec="seconds"),
    }
