"""The ASGI application: xlwings Server's, with our modules, pages and manifest, within the borders.

xlwings Server reads its settings from the environment and its modules by name when it is imported, so there is one application in a
process, and both are put in place here before the import.
"""
from __future__ import annotations

import os
import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..definition import CATEGORY, FUNCTIONS, NAMESPACE
from ..guidelines import Guidelines
from ..ribbon import ACTIONS
from .address import Address
from .borders import Borders
from .manifest import manifest
from .served import functions, scripts

_PAGES = Path(__file__).with_name("pages")
_SETTINGS = {
    "XLWINGS_ENVIRONMENT": "prod",
    "XLWINGS_PROJECT_DIR": str(_PAGES),  # also keeps a .env of the current folder out
    "XLWINGS_PROJECT_NAME": CATEGORY,
    "XLWINGS_FUNCTIONS_NAMESPACE": NAMESPACE,
    "XLWINGS_LOG_LEVEL": "CRITICAL",  # a user's mistake is told to the user; faults reach the window through uvicorn
    # Excel on the web reads the functions' description from Microsoft's own site; posts from other sites stop at the borders.
    "XLWINGS_CORS_ALLOW_ORIGINS": '["*"]',
    "XLWINGS_CUSTOM_FUNCTIONS_RETRY_CODES": "[502, 503, 504]",  # a fault of ours (500) is there at the third try, too
    "XLWINGS_ENABLE_SOCKETIO": "false",
    "XLWINGS_ENABLE_HTMX": "false",
    "XLWINGS_ENABLE_ALPINEJS_CSP": "false",
}
_FAULT = "程序出错了，这不是表里的问题；请把服务器窗口里的出错信息发给管理员"


def application(address: Address, guidelines: Guidelines) -> ASGIApp:
    """The application that answers at an address. Needs the extra `server` and a licence key in XLWINGS_LICENSE_KEY."""
    os.environ.update(_SETTINGS)
    sys.modules["custom_functions"], sys.modules["custom_scripts"] = functions(guidelines), scripts()
    sys.modules.setdefault("pyodide", None)  # xlwings looks for it at every cell, which takes two thirds of the time of a call
    from xlwings_server import main
    from xlwings_server.templates import templates
    main.app.add_exception_handler(Exception, _fault)
    templates.env.globals.update(actions=ACTIONS, functions=FUNCTIONS, namespace=NAMESPACE, editions=guidelines.library().ids)

    async def own_manifest(_: Request) -> Response:
        if not address.secure:
            return PlainTextResponse("Excel 只认 HTTPS，没有证书就没有清单；请用 xltool serve --cert 证书.pem --key 私钥.pem", 409)
        return Response(manifest(address.base), media_type="application/xml",
                        headers={"Content-Disposition": 'attachment; filename="xltool-manifest.xml"'})
    paths = ("/manifest.xml", "/manifest", "/manifest/download")  # xlwings Server's own would name its examples
    return Borders(Starlette(routes=[*(Route(path, own_manifest) for path in paths), Mount("/", _for_this_port(main.main_app))]), address)


async def _fault(_: Request, __: Exception) -> Response:
    return PlainTextResponse(_FAULT, 500)


def _for_this_port(app: ASGIApp) -> ASGIApp:
    """The application without Strict-Transport-Security, which would forbid plain http to whatever else runs on the same machine."""
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def passed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [each for each in message["headers"] if each[0].lower() != b"strict-transport-security"]
            await send(message)
        await app(scope, receive, passed)
    return answer
