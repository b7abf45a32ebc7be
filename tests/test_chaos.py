"""`make chaos` itself: what can be told of it without its minutes."""

from pathlib import Path

import crossplane

from chaos.__main__ import CHECKS, TOOLS
from chaos.proxy import configuration
from chaos.sabotaged import SABOTAGES
from tests.support import ROOT


def test_every_check_has_a_sabotage_and_a_line_in_the_document() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text("utf-8").partition("## make chaos")[2]
    lines = [
        line.split("|")[1].strip()
        for line in text.splitlines()
        if line.startswith("| `") and "make" not in line.split("|")[1]
    ]
    names = [check.name for check in CHECKS]
    assert sorted({line.strip("`") for line in lines}) == sorted(names)
    for check in CHECKS:
        assert check.sabotage
        assert check.sabotaged
        assert set(check.sabotaged) <= set(check.kinds)
        assert check.needs is None or check.needs in TOOLS
        assert " " not in check.name  # for ONLY=
    for name, sabotage in SABOTAGES.items():
        assert sabotage.__doc__, name


def test_the_proxy_of_the_checks_is_the_shipped_one_on_other_ports_and_paths(
    tmp_path: Path,
) -> None:
    for limits in (True, False):
        text = configuration(tmp_path, 18443, [18001, 18002], limits=limits)
        assert ("worker_connections 16384" in text) is limits
        assert "/var/" not in text
        assert "/etc/" not in text
        file = tmp_path / "nginx.conf"
        file.write_text(text, "utf-8")
        shipped = str(ROOT / "deploy" / "nginx" / "nginx.conf")
        before, after = (
            crossplane.parse(path, check_args=True, check_ctx=True) for path in (shipped, str(file))
        )
        assert len(after["errors"]) == len(before["errors"])
