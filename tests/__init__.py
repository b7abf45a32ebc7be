"""Tests; the home of the service is that of the notice, as `make run` sets it."""

import os

os.environ["WORKPLAN_HOME_JURISDICTION"] = "440000"
