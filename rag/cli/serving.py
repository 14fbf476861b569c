"""`vouch serve` and `vouch mcp`: one process that owns the models, for other people's tools."""

import os
import signal
from contextlib import suppress
from ipaddress import ip_address
from typing import Annotated

import typer

from rag.cli.terminal import err
from rag.config import home, load
from rag.errors import UsageFault

KEY = "VOUCH_SERVER_KEY"
Port = Annotated[int, typer.Option(min=1, max=65535)]
Host = Annotated[str, typer.Option(help=f"Other than this machine itself only with a key in {KEY}.")]


def serve(host: Host = "127.0.0.1", port: Port = 8600) -> None:
    """Serve an OpenAI-compatible API, with /v1/search, /v1/check and /v1/sources beside it."""
    import uvicorn

    from rag.server import announced
    from rag.server.http import application
    from rag.server.service import Service

    key = os.environ.get(KEY, "")
    if not key and not _is_loopback(host):
        raise UsageFault("server.open", host=host)
    config = load()
    service, mine = Service.start(config), announced.of(config, host, port)
    served = uvicorn.Config(application(service, key, mine.token), host=host, port=port, log_level="warning")
    server = uvicorn.Server(served)
    # uvicorn listens only once it runs, and passes the signal on to what stood before when it ends. An exception raised
    # by a handler can be lost wherever it happens to be raised; a flag cannot.
    signal.signal(signal.SIGTERM, server.handle_exit)
    listening = served.bind_socket()
    try:
        announced.publish(home(), mine)
        err.print(f"http://{host}:{port}/v1 (OpenAPI at /docs); stop with Ctrl+C")
        with suppress(KeyboardInterrupt):
            server.run([listening])
    finally:
        announced.withdraw(home(), mine)
        service.close()


def mcp(
    http: Annotated[bool, typer.Option("--http", help="Over HTTP at 127.0.0.1/mcp instead.")] = False, port: Port = 8601
) -> None:
    """Serve MCP on standard input and output, as editors and agents start it."""
    from rag.server.mcp import server
    from rag.server.service import Service

    service = Service.start(load())
    try:
        if http:
            server(service).run("streamable-http", host="127.0.0.1", port=port)
        else:
            server(service).run("stdio")
    finally:
        service.close()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
