"""A worker that was started by a scheduler ends with it, even when the scheduler was killed."""

import ctypes
import os
import platform
import signal
import threading
import time

PARENT = "QUARTERDECK_PARENT"  # the parent's process id
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent() -> None:
    """Asks the kernel for a SIGTERM when the parent dies; elsewhere than on Linux looks for it once a second."""
    expected = os.environ.pop(PARENT, None)
    if expected is None:
        return
    if platform.system() == "Linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(expected):  # it died before the request
            os.kill(os.getpid(), signal.SIGTERM)
        return
    threading.Thread(target=_watch, args=(int(expected),), daemon=True).start()


def _watch(expected: int) -> None:
    while os.getppid() == expected:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
