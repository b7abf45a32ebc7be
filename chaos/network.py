"""Two machines on this one: network namespaces with a cable between them, which can be cut.

Only this process and what it starts in them see them, and they end with it: nothing else changes.
What is cut is dropped without an error, as by a broken switch: the cards send it to a hardware address
that nobody has.
"""

import ctypes
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

NEAR, FAR = "10.0.0.1", ("10.0.0.2", "10.0.0.3")  # the other machine has two addresses
NOBODY = "02:00:00:00:00:01"
NETWORK = 0x40000000  # CLONE_NEWNET
LIBC = ctypes.CDLL(None, use_errno=True)  # Python has these two calls from 3.12 on


def _call(name: str, *arguments: int) -> None:
    if getattr(LIBC, name)(*arguments):
        raise OSError(ctypes.get_errno(), name)


def _current() -> int:
    """The namespace of this thread."""
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY)


@contextmanager
def inside(namespace: int) -> Iterator[None]:
    """Move this thread there, with the threads and processes that it starts."""
    before = _current()
    try:
        _call("setns", namespace, NETWORK)
        yield
    finally:
        _call("setns", before, NETWORK)
        os.close(before)


@contextmanager
def new_namespace() -> Iterator[int]:
    """One with nothing but a loopback."""
    before = _current()
    try:
        _call("unshare", NETWORK)
        namespace = _current()
    finally:
        _call("setns", before, NETWORK)
        os.close(before)
    try:
        with inside(namespace):
            ip("link set lo up")
        yield namespace
    finally:
        os.close(namespace)


def ip(words: str) -> None:
    """A command of iproute2."""
    subprocess.run(["ip", *words.split()], check=True, capture_output=True, text=True)


class Cable:
    """Both ends, and what is cut."""

    def __init__(self, near: int, far: int) -> None:
        self.near, self.far = near, far

    @contextmanager
    def cut(self, hosts: Sequence[str] = FAR, *, requests: bool = True) -> Iterator[None]:
        """Drop what is sent to these hosts and their replies; or only the replies of all."""
        lost = [(self.near, host) for host in hosts] if requests else []
        lost += [(self.far, NEAR)] if len(hosts) == len(FAR) else []
        with ExitStack() as stack:
            for namespace, host in lost:
                stack.callback(_neighbour, namespace, f"del {host}")
                _neighbour(namespace, f"replace {host} lladdr {NOBODY} nud permanent")
            yield


def _neighbour(namespace: int, words: str) -> None:
    with inside(namespace):
        ip(f"neighbour {words} dev cable")


@contextmanager
def cable() -> Iterator[Cable]:
    """Two namespaces, and the cable."""
    with new_namespace() as near, new_namespace() as far:
        with inside(near):
            ip(f"link add cable type veth peer name cable netns /proc/{os.getpid()}/fd/{far}")
        for namespace, addresses in ((near, [NEAR]), (far, FAR)):
            with inside(namespace):
                for address in addresses:
                    ip(f"address add {address}/24 dev cable")
                ip("link set cable up")
        yield Cable(near, far)


def has_networks() -> bool:
    """Whether the tool and the rights are there."""
    try:
        with cable():
            return True
    except (OSError, subprocess.CalledProcessError):
        return False
