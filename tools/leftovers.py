"""Ends what a start left behind: every process carries the start's data folder in its environment."""

from contextlib import suppress

import psutil

MARK = "QUARTERDECK_RUN"


def end_marked(value: str, *, patience: float = 5) -> int:
    """Ends all processes marked with `value`, by force after `patience` seconds. Returns how many there were."""
    found = marked(value)
    for process in found:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(found, timeout=patience)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=patience)
    return len(found)


def marked(value: str) -> list[psutil.Process]:
    """The live processes with that mark, in any session and under any parent; zombies have no environment left."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == value:
                found.append(process)
    return found
