"""One `make run` per data folder at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.kernel.checks_at_start import CannotStart


@contextmanager
def only_start(folder: Path, port: int) -> Iterator[None]:
    """Holds the folder. Raises CannotStart when another start holds it; the kernel lets go when the holder dies."""
    with (folder / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            where = file.read().strip() or "elsewhere"
            raise CannotStart(
                f"Quarterdeck already runs in this folder ({where}); stop it there with Ctrl-C, or set DATA_FOLDER and PORT"
                " to start a second one."
            ) from None
        file.truncate(0)
        file.write(f"http://localhost:{port}")
        file.flush()
        yield
        file.truncate(0)
