"""`python -m tools.processes`: the Procfile's processes until one ends or a signal comes; then all of them end."""

import os
import sys
from pathlib import Path

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer


def main() -> int:
    manager = Manager(Printer(sys.stdout, colour=sys.stdout.isatty()))
    for name, command in parse_procfile(Path("Procfile").read_text()).processes.items():
        manager.add_process(name, command, env=dict(os.environ))
    manager.loop()
    return int(manager.returncode or 0)


if __name__ == "__main__":
    sys.exit(main())
