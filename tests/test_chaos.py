"""`make chaos` itself: what can be told of it without its minutes."""

from pathlib import Path

import crossplane

from chaos.__main__ import CHECKS, TOOLS
from chaos.disk import Disk
from chaos.point_in_time import ARCHIVING, RECOVERING
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
        assert ("limit_conn_zone $binary_remote_addr" in text) is limits
        assert "/var/" not in text
        assert "/etc/" not in text
        file = tmp_path / "nginx.conf"
        file.write_text(text, "utf-8")
        shipped = str(ROOT / "deploy" / "nginx" / "nginx.conf")
        before, after = (
            crossplane.parse(path, check_args=True, check_ctx=True) for path in (shipped, str(file))
        )
        assert len(after["errors"]) == len(before["errors"])


def test_the_settings_for_going_back_to_an_instant_are_those_of_the_guide() -> None:
    guide = (ROOT / "docs" / "backup.md").read_text("utf-8")
    for setting in (*ARCHIVING, *RECOVERING):
        line = setting.format(archive="/archive", instant="2027-06-30 09:15:00+08")
        assert f"   {line}\n" in guide


def test_a_power_cut_leaves_what_was_synced_and_any_part_of_the_rest(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    path = "".join(f"\\x{byte:02x}" for byte in b"/log")
    trace.write_text(
        f"7 10.0 pwrite64(5<{path}>, \"\\x61\\x61\", 2, 0) = 2 <0.1>\n"
        f"8 11.0 fdatasync(5<{path}>) = 0 <0.5>\n"
        f"7 11.2 pwrite64(5<{path}>, \"\\x62\", 1, 1 <unfinished ...>\n"
        "7 11.6 <... pwrite64 resumed>) = 1 <0.4>\n"
        f"8 12.0 pwrite64(5<{path}>, \"\\x63\", 1, 600) = -1 ENOSPC (No space left) <0.1>\n"
        f"8 13.0 fsync(5<{path}>) = 0 <1.0>\n",
        "ascii",
    )  # fmt: skip
    disk = Disk(trace)

    def left(moment: float, *, lucky: bool) -> bytes:
        return disk.after_cut("/log", b"", moment, lambda: lucky)

    assert left(11.3, lucky=False) == b""  # the sync has not ended
    assert left(11.55, lucky=False) == b"aa"
    assert left(11.55, lucky=True) == b"ab"
    assert left(13.5, lucky=False) == b"aa"  # the second write began while the first sync ran
    assert left(14.5, lucky=False) == b"ab"
