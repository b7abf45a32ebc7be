"""One PostgreSQL for all processes of a run, and the fixtures of tests/support/fixtures.py."""

import gc
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import pytest

from tests.support.postgresql import Server, running

RUNNING = pytest.StashKey[Server]()

# What is imported and collected stays to the end: there is no garbage among it to look for.
gc.disable()


def pytest_configure(config: pytest.Config) -> None:
    """Fixtures import the whole service, which takes 2 s: not in a process that only hands out tests."""
    if hasattr(config, "workerinput") or config.getoption("dist", "no") == "no":
        config.pluginmanager.import_plugin("tests.support.fixtures")


def server_of(config: pytest.Config) -> Server:
    """The server of the run, in the process that begins it: started once, ended with it."""
    if RUNNING not in config.stash:
        stack = ExitStack()
        config.stash[RUNNING] = stack.enter_context(running())
        config.add_cleanup(stack.close)
    return config.stash[RUNNING]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Before a worker of pytest-xdist begins: it is handed the server of all."""
    node.workerinput["server"] = asdict(server_of(node.config))


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Server:
    """The PostgreSQL of this run."""
    handed = getattr(pytestconfig, "workerinput", None)
    return Server(**handed["server"]) if handed else server_of(pytestconfig)
