"""A command that ends itself at a step, as kill -9 would: run in a process of its own."""

import os
import signal

from app.__main__ import main
from app.cli import backup, backup_postgresql, backup_sqlite, backup_state

MODULES = (backup, backup_postgresql, backup_sqlite, backup_state)  # that may have a step


def run_until(step: str, environment: dict[str, str], words: list[str]) -> None:
    """Run a command of the service until a function of this name would begin."""
    os.environ.update(environment)
    for module in MODULES:
        if hasattr(module, step):
            setattr(module, step, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    main(words)
