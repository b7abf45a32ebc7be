"""`python -m app`: run the service, say who may write, or write what is made by code."""

import argparse
import sys
from pathlib import Path

import uvicorn

from app.settings import Settings

OPENAPI_FILE = Path(__file__).parent.parent / "openapi.yaml"
GRACE_SECONDS = 5  # for requests in flight when the process is told to stop; it ends within 10
KEEP_ALIVE_SECONDS = (
    75  # longer than a proxy keeps an idle connection, so it never meets a closed one
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["serve"]:
        options = argparse.ArgumentParser(prog="python -m app serve")
        add_options_of_serve(options)
        return serve(options.parse_args(words[1:]))
    return run_other_command(words)


def add_options_of_serve(parser: argparse.ArgumentParser) -> None:
    """How `serve` is called."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)


def serve(given: argparse.Namespace) -> int:
    """Serve until told to stop.

    Nothing of the service is imported here: the parent of workers does not need it, and each
    worker imports this module before its own application.
    """
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=given.host,
        port=given.port,
        workers=given.workers,
        http="app.middleware.protocol:ProblemProtocol",  # by name, since workers import it anew
        ws="none",
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        server_header=False,
        proxy_headers=False,  # nothing here depends on who asks, and all links are relative
        access_log=Settings().access_log,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return 0


def run_other_command(words: list[str]) -> int:
    """Run what is not `serve`, which imports what such commands need."""
    from app.cli import backup
    from app.cli import commands as administration
    from app.clock import utc_now

    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    add_options_of_serve(commands.add_parser("serve", help="serve until told to stop"))
    commands.add_parser("openapi", help="write openapi.yaml")
    commands.add_parser(
        "variants", help="write app/chinese/variants.txt, by the OpenCC that is installed"
    )
    commands.add_parser("rebuild", help="make stored documents again, where their shape changed")
    administration.add_commands(commands)
    backup.add_commands(commands)
    given = parser.parse_args(words)
    if hasattr(given, "run"):
        return administration.run(given, Settings(), utc_now)
    if hasattr(given, "operate"):
        return backup.run(given, Settings(), utc_now())
    if given.command == "openapi":
        from app.main import create_app
        from app.openapi.document import as_yaml

        document = create_app(Settings(database_url="sqlite://", public_url="/")).openapi()
        OPENAPI_FILE.write_text(as_yaml(document), "utf-8")
    elif given.command == "variants":
        from app.chinese.scripts import VARIANTS_FILE, variant_classes

        VARIANTS_FILE.write_text(variant_classes(), "utf-8")
    elif given.command == "rebuild":
        from app.db.engine import open_engine
        from app.projections.rebuilding import rebuild

        engine = open_engine(Settings().database_url)
        print(f"{rebuild(engine, utc_now)} documents were made again")
        engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
