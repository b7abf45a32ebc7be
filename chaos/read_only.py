"""A disk that fails while it is in use: its file system becomes read-only, until it is mounted again."""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil

from chaos.checks import Check, World, file_of
from chaos.disks import (
    BACK,
    MANY,
    WRITERS,
    assert_only_writes_failed,
    copied_from,
    emptied_log,
)
from chaos.readers import Readers
from chaos.writers import Writers, assert_whole, days, practice
from tests.support.serving import request, serving_apart, until

MEGABYTES = 64
REFUSED = 10.0  # seconds until writes are
NEEDED = ("mkfs.ext4", "losetup", "unshare", "nsenter", "setpriv")
# Another device for the same disk, since the file system of the first one stays as it is while it is in use.
MOUNT = (
    "device=$(losetup --find --show {image}) && e2fsck -p $device >&2 ; "
    "mount -o errors=remount-ro $device {place} && losetup --detach $device"
)


def has_loops() -> bool:
    """Whether the tools, the rights and the devices are there."""
    return (
        os.geteuid() == 0
        and all(shutil.which(one) for one in NEEDED)
        and os.access("/dev/loop-control", os.W_OK)
        and "\text4\n" in Path("/proc/filesystems").read_text("ascii")
    )


def all_stopped(pid: int) -> bool:
    """Whether each thread is; one that waits for the disk is later."""
    states = [one.read_text("utf-8") for one in Path(f"/proc/{pid}/task").glob("*/stat")]
    return all(state.rpartition(") ")[2].startswith("T") for state in states)


class Disk:
    """An image, mounted in a namespace of what uses it."""

    def __init__(self, image: Path, place: Path, megabytes: int) -> None:
        self.place = place
        with image.open("wb") as file:
            file.truncate(megabytes * 2**20)
        subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
        self.mount = MOUNT.format(image=shlex.quote(str(image)), place=shlex.quote(str(place)))

    def holding(self, source: Path | str, target: str) -> list[str]:
        """A command that runs another on this disk, with a copy of a file or folder."""
        target = f"{shlex.quote(str(self.place))}/{target}"
        copy = f"cp -a {shlex.quote(str(source))} {target} && sync {target}"
        return ["unshare", "-m", "sh", "-c", f'{self.mount} && {copy} && exec "$@"', "sh"]

    def inside(self, pid: int) -> Path:
        """Where it is, for others than the processes of that namespace."""
        return Path(f"/proc/{pid}/root{self.place}")

    def fail(self, pid: int, users: Sequence[psutil.Process]) -> None:
        """As if a write of the file system itself had failed, while no sync is in progress.

        Of a sync in progress ext4 may say that it succeeded, and lose what it was for.
        """
        mounts = Path(f"/proc/{pid}/mounts").read_text("utf-8").splitlines()
        (*_, device) = [line.split()[0] for line in mounts if line.split()[1] == str(self.place)]
        for process in users:
            process.suspend()
        try:
            until(lambda: all(all_stopped(one.pid) for one in users), 10, "stopped")
            Path("/sys/fs/ext4", Path(device).name, "trigger_fs_error").write_text("1\n", "ascii")
        finally:
            for process in users:
                process.resume()

    def repair(self, pid: int) -> None:
        """Check it and mount it again, in the same place."""
        command = ["nsenter", "--mount", "--target", str(pid), "sh", "-c"]
        subprocess.run([*command, self.mount], check=True, capture_output=True)


def run(world: World) -> str:
    """Clean errors, reads go on, /readyz says it, all is back once it is repaired."""
    rounds, folder = world.rounds(2, 20), world.folder / "disk"
    folder.mkdir()
    disk = Disk(world.folder / "image", folder, MEGABYTES)
    with world.databases.loaded() as url:
        key, file = practice(url).key(), file_of(url)
        emptied_log(file)
        early = "early" if world.sabotage else ""
        place = f"sqlite:///{disk.place}/workplan.db"
        prefix = disk.holding(file, "workplan.db")
        with serving_apart(place, prefix=prefix, sabotage=early) as running:
            pid = running.process.pid
            writers, readers = Writers([running.port], key, days()), Readers([running.port])
            told: list[str] = []
            for _ in range(rounds):
                writers.ended.clear()
                with writers.writing(WRITERS), readers.reading(2):
                    least = len(writers.ids) + world.chance.randint(3, 40)
                    until(lambda n=least: len(writers.ids) >= n, 60, "writing")  # type: ignore[misc]
                    disk.fail(pid, [psutil.Process(pid)])
                    failed, had = writers.seen[503], len(writers.ids)
                    until(
                        lambda n=failed, m=had: (  # type: ignore[misc]
                            writers.seen[503] > n + 8 or len(writers.ids) > m + MANY
                        ),
                        REFUSED,
                        "refused or acknowledged",
                    )
                    told.append(json.loads(request(running.port, "GET", "/readyz")[1])["writes"])
                    disk.repair(pid)
                    had = len(writers.ids)
                    until(lambda n=had: len(writers.ids) > n + 3, BACK, "back")  # type: ignore[misc]
            copied = copied_from(disk.inside(pid), world.folder)
        assert_whole(copied, writers.ids)
        assert set(told) == {"failing"}, f"/readyz said {told}"
        assert_only_writes_failed(writers, readers)
    return (
        f"{rounds} times: {len(writers.ids)} acknowledged, 0 lost; {writers.seen[503]} writes 503; "
        f"{readers.seen.total()} reads, all 200; writes back within {BACK} s"
    )


CHECK = Check(
    "read-only",
    "the file system becomes read-only under 4 writers and 2 readers, and is mounted again",
    run,
    "the response is sent before the commit",
    kinds=("sqlite",),
    sabotaged=("sqlite",),
    needs="loop devices",
)
