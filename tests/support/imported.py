"""The service, imported once by the process from which the servers of tests are forked."""

import gc

gc.disable()  # among what is imported is no garbage to look for, which takes 0.3 s

import uvloop  # noqa: F401 - which uvicorn imports as it starts

import app.__main__
import app.cli.backup
import app.main
import app.middleware.protocol  # noqa: F401 - of which uvicorn is given the name

gc.enable()
gc.freeze()  # else each server copies these pages as it looks for garbage
