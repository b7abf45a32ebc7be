"""The folder in which the workers of a service publish their counts."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

PREFIX = "workplan-workers-"  # not that of 0.6.0, which locks none


@contextmanager
def metrics_folder() -> Iterator[str]:
    """A folder that is locked as long as the service runs; those of killed services are removed."""
    if sys.platform == "win32":  # which locks no folders
        with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
            yield folder
        return
    _remove_unlocked()
    while True:
        folder = tempfile.mkdtemp(prefix=PREFIX)
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if Path(folder).exists():  # else another service, which starts, took it for a killed one's
            break
        os.close(descriptor)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _remove_unlocked() -> None:
    """The system ends a lock with its process, also if that is killed, or in another namespace."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # somebody else's, locked, or gone
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(descriptor).st_uid == os.geteuid():
                    shutil.rmtree(folder)
            finally:
                os.close(descriptor)
