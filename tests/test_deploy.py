"""What is shipped for operators fits the code: settings, ports, paths, limits, metrics."""

import json
import os
import re
import shlex
import subprocess
from argparse import ArgumentParser
from configparser import ConfigParser
from typing import Any

import compose_spec
import crossplane
import kubernetes_validate
import pytest
import yaml
from psycopg.conninfo import conninfo_to_dict
from starlette.routing import Match

from app import VERSION
from app.__main__ import GRACE_SECONDS, KEEP_ALIVE_SECONDS, add_serve_options
from app.main import create_app
from app.middleware.connections import Phase
from app.middleware.protocol import MAX_HEAD, PATIENCE
from app.resources.operations.database_metrics import GAUGES as OF_DATABASE
from app.routing import LARGEST_BODY, LONGEST_BODY
from app.settings import Settings
from app.telemetry.metrics import COUNTERS, GAUGES, REQUESTS
from tests.support import ROOT
from tools.sbom import bill

DEPLOY = ROOT / "deploy"
KUBERNETES = "1.34"
MANIFESTS = [
    one for one in yaml.safe_load_all((DEPLOY / "kubernetes" / "workplan.yaml").read_text()) if one
]
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
RULES = yaml.safe_load((DEPLOY / "monitoring" / "alerts.yaml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((DEPLOY / "monitoring" / "dashboard.json").read_text())
METRICS = {
    *GAUGES,
    *OF_DATABASE,
    *(f"{name}_total" for name in COUNTERS),
    *(f"{REQUESTS}_{part}" for part in ("bucket", "count", "sum")),
    "workplan_build_info",
}
NAME = re.compile(r"WORKPLAN_[A-Z_]+")
FOR_COMPOSE = {"WORKPLAN_DATABASE_PASSWORD"}  # which compose puts into the URL


def manifest(kind: str) -> dict[str, Any]:
    (found,) = [one for one in MANIFESTS if one["kind"] == kind]
    return dict(found)


def container(kind: str) -> dict[str, Any]:
    (found,) = manifest(kind)["spec"]["template"]["spec"]["containers"]
    return dict(found)


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a unit's service; a setting may be repeated."""
    text = (DEPLOY / "systemd" / name).read_text().partition("[Service]")[2].partition("\n[")[0]
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def environments() -> dict[str, dict[str, str]]:
    """The settings in each way to run the service."""
    lines = (DEPLOY / "systemd" / "workplan.env").read_text().splitlines()
    of_unit = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    of_compose = COMPOSE["services"]["service"]["environment"]
    secrets = {one["name"]: "" for one in container("Deployment")["env"]}
    secrets |= {"WORKPLAN_DATABASE_URL": "postgresql://h/d", "WORKPLAN_KEY_SECRET": "s" * 32}
    return {"unit": of_unit, "compose": of_compose, "pods": manifest("ConfigMap")["data"] | secrets}


@pytest.mark.parametrize("way", ["unit", "compose", "pods"])
def test_each_way_to_run_has_settings_that_are_valid(way: str) -> None:
    environment = environments()[way]
    names = {name.removeprefix("WORKPLAN_").lower() for name in environment}
    assert names <= set(Settings.model_fields)
    values: dict[str, Any] = {
        key.removeprefix("WORKPLAN_").lower(): value for key, value in environment.items()
    }
    settings = Settings(**values)
    assert settings.rate_limit
    assert settings.allowed_hosts >= {"plans.example.gov.cn"}
    assert settings.trusted_proxies  # else all clients count as the proxy


def test_no_shipped_file_names_a_setting_that_does_not_exist() -> None:
    known = {f"WORKPLAN_{name.upper()}" for name in Settings.model_fields} | FOR_COMPOSE
    files = [path for path in DEPLOY.rglob("*") if path.is_file()] + [ROOT / "Dockerfile"]
    assert len(files) > 7
    for path in files:
        assert set(NAME.findall(path.read_text("utf-8"))) <= known, path.name


def commands() -> list[list[str]]:
    """Each command that starts the service."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    (in_image,) = re.findall(r"exec (python3 -m app serve [^\"]+)", dockerfile)
    (in_service,) = re.findall(r"(?m)^CMD (.*\"-m\", \"app\".*)$", dockerfile)
    return [
        shlex.split(unit("workplan.service")["ExecStart"][0]),
        COMPOSE["services"]["service"]["command"],
        container("Deployment")["command"],
        shlex.split(in_image),
        json.loads(in_service),
    ]


def test_every_command_listens_where_its_proxy_and_probes_look() -> None:
    parser = ArgumentParser(exit_on_error=False)
    add_serve_options(parser)
    for command in commands():
        assert command[1:4] == ["-m", "app", "serve"], command
        assert parser.parse_args(command[4:]).port == 8000
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.search(r"(?m)^EXPOSE 8000$", dockerfile)
    assert "127.0.0.1:8000/readyz" in dockerfile
    assert container("Deployment")["ports"] == [{"name": "http", "containerPort": 8000}]
    allowed = manifest("NetworkPolicy")["spec"]["ingress"][0]["ports"]
    assert allowed == [{"protocol": "TCP", "port": 8000}]


def test_migrating_runs_commands_that_exist() -> None:
    for command in unit("workplan-migrate.service")["ExecStart"]:
        program, *words = shlex.split(command)
        assert (program.rpartition("/")[2], words[:3]) in [
            ("alembic", ["upgrade", "head"]),
            ("python", ["-m", "app", "rebuild"]),
            ("python", ["-m", "seed", "load"]),
        ]
    for command in (COMPOSE["services"]["migrate"]["command"], container("Job")["command"]):
        assert command[:2] == ["sh", "-c"]
        script = command[2].replace("$$", "$")
        subprocess.run(["sh", "-n", "-c", script], check=True)
        assert script.startswith("alembic upgrade head && python3 -m app rebuild && ")


def test_probes_ask_for_paths_that_exist() -> None:
    app = create_app(Settings(database_url="sqlite://"))
    probes = [value["httpGet"] for key, value in container("Deployment").items() if "Probe" in key]
    paths = [probe["path"] for probe in probes]
    paths += [
        manifest("Deployment")["spec"]["template"]["metadata"]["annotations"]["prometheus.io/path"]
    ]
    assert set(paths) == {"/livez", "/readyz", "/metrics"}
    for path in paths:
        scope = {"type": "http", "method": "GET", "path": path, "headers": []}
        assert any(route.matches(scope)[0] is Match.FULL for route in app.router.routes), path


def test_manifests_satisfy_the_schemas_of_kubernetes() -> None:
    for one in MANIFESTS:
        kubernetes_validate.validate(one, KUBERNETES, strict=True)
    wrong = manifest("Deployment") | {"spec": {"replicas": "two"}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES, strict=True)


def test_pods_have_no_rights_that_they_do_not_need() -> None:
    for kind in ("Job", "Deployment"):
        pod = manifest(kind)["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert f"--uid {pod['securityContext']['runAsUser']}" in (ROOT / "Dockerfile").read_text()
        assert pod["automountServiceAccountToken"] is False
        security = container(kind)["securityContext"]
        assert security["readOnlyRootFilesystem"]
        assert security["capabilities"] == {"drop": ["ALL"]}
    grace = manifest("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    wait = int(container("Deployment")["lifecycle"]["preStop"]["exec"]["command"][1])
    assert grace >= wait + 2 * GRACE_SECONDS


def test_the_compose_file_is_one_and_its_services_have_no_rights() -> None:
    parsed = compose_spec.PyCompose.from_json(json.dumps(COMPOSE))
    assert parsed
    for name in ("service", "migrate"):
        service = COMPOSE["services"][name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["user"] == "10001"
    addresses = {
        name: COMPOSE["services"][name]["networks"]["inner"]["ipv4_address"]
        for name in ("proxy", "service")
    }
    assert (
        COMPOSE["services"]["service"]["environment"]["WORKPLAN_TRUSTED_PROXIES"]
        == addresses["proxy"]
    )
    assert (
        f"s/127.0.0.1:8000/{addresses['service']}:8000/"
        in COMPOSE["services"]["proxy"]["command"][0]
    )


def test_what_others_wait_for_says_when_it_is_healthy() -> None:
    services = COMPOSE["services"]
    waits = {
        name
        for service in services.values()
        for name, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_healthy"
    }
    assert waits == {"database", "service"}
    assert all("healthcheck" in services[name] for name in waits)
    (in_image,) = re.findall(r"(?m)^    CMD (.*readyz.*)$", (ROOT / "Dockerfile").read_text())
    assert services["service"]["healthcheck"]["test"] == ["CMD", *json.loads(in_image)]


def directives(block: list[dict[str, Any]], found: dict[str, list[list[str]]]) -> None:
    for one in block:
        found.setdefault(one["directive"], []).append(one["args"])
        directives(one.get("block", []), found)


def seconds(text: str) -> int:
    return int(re.fullmatch(r"(\d+)s", text)[1])  # type: ignore[index]


def test_nginx_has_the_limits_of_the_service() -> None:
    path = str(DEPLOY / "nginx" / "nginx.conf")
    parsed = crossplane.parse(path, strict=True, check_args=True, check_ctx=True)
    in_maps = re.compile(r'unknown directive "(default|~\^)')  # which crossplane does not know
    assert [one for one in parsed["errors"] if not in_maps.match(one["error"])] == []
    found: dict[str, list[list[str]]] = {}
    directives(parsed["config"][0]["parsed"], found)
    assert [args[0] for args in found["server"] if args] == ["127.0.0.1:8000"]
    idle, of_clients = (seconds(args[0]) for args in found["keepalive_timeout"][::-1])
    assert idle < KEEP_ALIVE_SECONDS
    assert of_clients <= KEEP_ALIVE_SECONDS
    assert seconds(found["client_header_timeout"][0][0]) == PATIENCE[Phase.HEAD]
    assert seconds(found["client_body_timeout"][0][0]) == LONGEST_BODY
    kilobytes = int(found["client_max_body_size"][0][0].removesuffix("k"))
    assert kilobytes * 1024 > LARGEST_BODY  # what is a little too large gets the service's problem
    number, size = found["large_client_header_buffers"][0]
    assert int(number) * int(size.removesuffix("k")) * 1024 <= MAX_HEAD
    assert found["ssl_protocols"] == [["TLSv1.2", "TLSv1.3"]]
    assert ["Strict-Transport-Security", "max-age=31536000", "always"] in found["add_header"]
    headers = {args[0]: args[1] for args in found["proxy_set_header"]}
    assert headers["X-Forwarded-For"] == "$remote_addr"  # not what the client claims
    assert headers["X-Forwarded-Prefix"] == ""
    assert ["~", "/metrics$"] in found["location"]  # under a prefix, too
    for args in found["return"]:
        if args[-1].startswith("{"):
            assert json.loads(args[-1])["status"] == int(args[0])


def test_the_cluster_acknowledges_what_two_machines_have_and_the_service_finds_the_primary() -> (
    None
):
    """Its settings; `make chaos` has the failover."""
    text = (DEPLOY / "patroni" / "patroni.yaml").read_text("utf-8")
    cluster = yaml.safe_load(text)
    shared = cluster["bootstrap"]["dcs"]
    assert shared["synchronous_mode"] is True
    parameters = shared["postgresql"]["parameters"]
    assert {parameters[name] for name in ("synchronous_commit", "fsync", "full_page_writes")} == {
        "on"
    }
    # A write in progress keeps no standby from taking over.
    assert shared["maximum_lag_on_failover"] >= 2**30
    assert shared["ttl"] >= shared["loop_wait"] + 2 * shared["retry_timeout"]
    (url,) = re.findall(r"WORKPLAN_DATABASE_URL=(\S+)", text)
    assert Settings(database_url=url).database_url == url
    given = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    address, _, port = cluster["postgresql"]["listen"].partition(":")
    assert given["host"].split(",")[0] == address
    assert given["port"].split(",") == [port] * len(given["host"].split(","))
    assert given["target_session_attrs"] == "read-write"
    user, database = given["user"], given["dbname"]
    assert any(line.split()[1:3] == [database, user] for line in cluster["postgresql"]["pg_hba"])


def test_the_unit_ends_after_the_service_and_may_write_only_its_own_folder() -> None:
    service, migrate = unit("workplan.service"), unit("workplan-migrate.service")
    assert int(service["TimeoutStopSec"][0]) > 2 * GRACE_SECONDS
    for each in (service, migrate):
        assert each["ProtectSystem"] == ["strict"]
        assert each["NoNewPrivileges"] == ["yes"]
        assert each["StateDirectory"] == ["workplan"]
        assert "ReadWritePaths" not in each
    environment = environments()["unit"]
    for name in ("DATABASE_URL", "KEY_SECRET_FILE", "NOTICES"):
        assert "/var/lib/workplan/" in environment[f"WORKPLAN_{name}"]
    hardening = [key for key in migrate if key.startswith(("Protect", "Private", "Restrict"))]
    assert len(hardening) > 12
    assert all(service[key] == migrate[key] for key in hardening)
    parser = ConfigParser(strict=False, interpolation=None)
    parser.read(DEPLOY / "systemd" / "workplan.service")
    assert "workplan-migrate.service" in parser["Unit"]["Requires"]


def test_alerts_and_dashboard_name_metrics_that_exist_and_say_what_to_do() -> None:
    guide = (ROOT / "docs" / "monitoring.md").read_text("utf-8")
    expressions = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    expressions += [rule["expr"] for rule in RULES]
    for expression in expressions:
        named = set(re.findall(r"\bworkplan_\w+", expression))
        assert named or "up{" in expression
        assert named <= METRICS, expression
    assert set(re.findall(r"`(workplan_\w+)`", guide)) >= METRICS - {
        f"{REQUESTS}_{part}" for part in ("bucket", "count", "sum")
    }
    for rule in RULES:
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["action"].endswith(".")
        assert f"`{rule['alert']}`" in guide, rule["alert"]


def test_images_are_of_this_version() -> None:
    images = {COMPOSE["services"][name]["image"] for name in ("service", "migrate")}
    images |= {container(kind)["image"] for kind in ("Job", "Deployment")}
    assert images == {f"workplan-api:{VERSION}"}


def test_the_image_is_made_of_what_the_context_has() -> None:
    taken = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    copied = re.findall(r"(?m)^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text())
    assert {name for line in copied for name in line.split()} == taken


def test_an_image_is_built_as_the_manifests_name_it_and_the_same_each_time() -> None:
    options = ["TARGET=service", "PYTHON_IMAGE=base@sha256:0", "BUILD_OPTIONS=--volume a:b"]
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    dry = subprocess.run(  # which says more where it is called by another make
        ["make", "--dry-run", "image", *options],
        cwd=ROOT, env=outside, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    echoed = subprocess.run(
        ["sh", "-c", f"echo {dry}"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    assert echoed.split() == [
        *("buildah", "build", "--isolation", "chroot", "--timestamp", "0"),
        *("--target", "service", "--build-arg", "PYTHON_IMAGE=base@sha256:0"),
        *("--volume", "a:b", "--tag", f"workplan-api:{VERSION}", "."),
    ]


def test_compiled_files_of_an_image_do_not_depend_on_the_time_of_its_build() -> None:
    """`py_compile` looks for this variable; an argument of a build ends with its stage."""
    stages = (ROOT / "Dockerfile").read_text().split("\nFROM ")[1:]
    for stage in stages:
        before, _, _ = stage.partition(" -m pip install ")
        assert "\nARG SOURCE_DATE_EPOCH=0\n" in before


def test_the_image_runs_nothing_as_root() -> None:
    stages = (ROOT / "Dockerfile").read_text().split("\nFROM ")[1:]
    assert len(stages) == 2
    for stage in stages:
        assert re.findall(r"(?m)^USER (\S+)$", stage)[-1] == "10001"


def test_the_context_of_the_image_has_no_secrets() -> None:
    """`var` has the database and the secret for keys."""
    first = next(
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if not line.startswith("#")
    )
    assert first == "*"


def test_the_bill_of_materials_has_every_pin() -> None:
    pins = (ROOT / "requirements.txt").read_text()
    found = bill(pins, VERSION)["components"]
    expected = re.findall(r"(?m)^([a-z0-9-]+)==([^\s;\\]+)", pins)
    assert len(expected) > 40
    assert [(one["name"], one["version"]) for one in found] == expected
    assert all(one["externalReferences"][0]["hashes"] for one in found)
