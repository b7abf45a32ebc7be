"""`python -m app`: run the service, administer it, or write generated files."""

import argparse
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn
from pydantic import ValidationError

from app.settings import Settings, mistakes
from app.telemetry.logs import LOG_CONFIG
from app.telemetry.metrics import FOLDER

OPENAPI_FILE = Path(__file__).parent.parent / "openapi.yaml"
GRACE_SECONDS = 5  # for requests in progress when the process receives SIGTERM; it ends within 10 s
KEEP_ALIVE_SECONDS = 75  # longer than in proxies, so that a proxy never reuses a closed connection


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 2 if arguments or settings are wrong."""
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        print(*mistakes(error), sep="\n", file=sys.stderr)
        return 2


def _run(arguments: list[str]) -> int:
    if arguments[:1] == ["serve"]:
        options = argparse.ArgumentParser(prog="python -m app serve")
        add_serve_options(options)
        return serve(options.parse_args(arguments[1:]))
    return run_other_command(arguments)


def add_serve_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `serve`."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    port, workers = _number(0, 65_535), _number(1, 1000)
    parser.add_argument("--port", type=port, default=8000, help="port to listen on (%(default)s)")
    parser.add_argument(
        "--workers", type=workers, default=1, help="processes, one for each core (%(default)s)"
    )


def _number(least: int, most: int) -> Callable[[str], int]:
    """The type of an argument that is a number within limits."""

    def parse(text: str) -> int:
        if re.fullmatch(r"\d{1,5}", text, re.ASCII) and least <= int(text) <= most:
            return int(text)
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least} to {most}")

    return parse


def serve(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT.

    No module of the service is imported here: the parent of workers does not need them, and each
    worker imports this module before its own application.
    """
    Settings()  # wrong ones are named once, not by each worker
    if options.workers == 1:
        return run_server(options)
    from app.telemetry.folders import metrics_folder

    with metrics_folder() as folder:
        os.environ[FOLDER] = folder
        return run_server(options)


def run_server(options: argparse.Namespace) -> int:
    """Run uvicorn."""
    uvicorn.run(
        "app.main:create_worker",
        factory=True,
        host=options.host,
        port=options.port,
        workers=options.workers,
        http="app.middleware.protocol:ProblemProtocol",  # by name, since each worker imports it itself
        ws="none",
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        server_header=False,
        proxy_headers=False,  # nothing here depends on the client, and all links are relative
        access_log=False,  # app/telemetry/requests.py writes it
        log_config=LOG_CONFIG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return 0


def run_other_command(arguments: list[str]) -> int:
    """Run a command other than `serve`; imports the modules that such commands need."""
    from app.cli import backup
    from app.cli import commands as administration
    from app.clock import utc_now

    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    add_serve_options(commands.add_parser("serve", help="serve until SIGTERM or SIGINT"))
    commands.add_parser("openapi", help="write openapi.yaml")
    commands.add_parser("variants", help="write app/chinese/variants.txt from the installed OpenCC")
    commands.add_parser("rebuild", help="regenerate stored documents whose shape changed")
    administration.add_commands(commands)
    backup.add_commands(commands)
    options = parser.parse_args(arguments)
    if hasattr(options, "run"):
        return administration.run(options, Settings(), utc_now)
    if hasattr(options, "operate"):
        return backup.run(options, Settings(), utc_now())
    if options.command == "openapi":
        from app.main import create_app
        from app.openapi.document import as_yaml

        document = create_app(Settings(database_url="sqlite://")).openapi()
        OPENAPI_FILE.write_text(as_yaml(document), "utf-8")
    elif options.command == "variants":
        from app.chinese.scripts import VARIANTS_FILE, variant_classes

        VARIANTS_FILE.write_text(variant_classes(), "utf-8")
    elif options.command == "rebuild":
        return rebuild_documents(Settings().database_url)
    return 0


def rebuild_documents(database_url: str) -> int:
    """Regenerate the stored documents whose shape changed; 2 if the database fails."""
    from sqlalchemy.exc import DBAPIError

    from app.clock import utc_now
    from app.db.engine import STARTING_SECONDS, open_engine
    from app.db.failures import failure_of
    from app.projections.rebuilding import rebuild

    engine = open_engine(database_url, existing=True, wait=STARTING_SECONDS)
    try:
        print(f"{rebuild(engine, utc_now)} documents were regenerated")
    except DBAPIError as error:
        print(failure_of(error), file=sys.stderr)
        return 2
    finally:
        engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
