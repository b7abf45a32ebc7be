"""`python -m app serve|openapi`: run the service, or write its contract."""

import argparse
import json
import sys
import uuid
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app import contract
from app.errors import PROBLEMS_PATH, MalformedRequestError
from app.main import create_app
from app.settings import Settings

OPENAPI_FILE = Path(__file__).parent.parent / "openapi.yaml"
GRACE_SECONDS = 10  # for requests in flight when the process is told to stop
KEEP_ALIVE_SECONDS = (
    75  # longer than a proxy keeps an idle connection, so it never meets a closed one
)


class ProblemProtocol(HttpToolsProtocol):
    """HTTP whose parser, too, says in a problem document why it refuses a request."""

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP request, such as Chinese that is not percent-encoded."""
        kind = MalformedRequestError
        problem: dict[str, Any] = {
            "type": f"{PROBLEMS_PATH}/{kind.slug}",
            "title": kind.title.zh,
            "status": kind.status.value,
            "detail": "不是合法的 HTTP 请求：请求行或头部有误，或过长；"
            "网址中的汉字须作百分号编码（curl -G --data-urlencode）。"
            " Not a valid HTTP request: its first line or headers are malformed or too long;"
            " Chinese in a URL must be percent-encoded.",
            "instance": "",
            "request_id": uuid.uuid4().hex,
            "errors": [],
        }
        body = json.dumps(problem, ensure_ascii=False).encode()
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(body), body)
        )
        self.transport.close()


def main(arguments: list[str] | None = None) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve until told to stop")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--workers", type=int, default=1)
    commands.add_parser("openapi", help="write openapi.yaml")
    given = parser.parse_args(arguments)
    if given.command == "openapi":
        document = create_app(Settings(database_url="sqlite://", public_url="/")).openapi()
        OPENAPI_FILE.write_text(contract.as_yaml(document), "utf-8")
    else:
        uvicorn.run(
            "app.main:create_app",
            factory=True,
            host=given.host,
            port=given.port,
            workers=given.workers,
            http=ProblemProtocol,
            loop="uvloop" if sys.platform != "win32" else "asyncio",
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
