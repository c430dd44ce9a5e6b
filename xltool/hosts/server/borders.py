"""Whom the server answers and how much it reads: it has no passwords, so a browser's other pages must not reach it.

A page of another site may neither ask under a name of its own (DNS rebinding: the Host header) nor post across (the Origin header).
A body is counted as it comes, whatever its headers promise, and refused over the bound.
"""
from __future__ import annotations

from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .address import Address

LARGEST = 16_000_000  # bytes of a request: a book of 10,000 rows by 30 columns takes about 5 MB


class Borders:
    """An application behind its borders: 400 for a foreign host, 403 for another site's page, 413 for a body over the bound."""

    def __init__(self, app: ASGIApp, address: Address, largest: int = LARGEST) -> None:
        self._app, self._address, self._largest = app, address, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        if refused := self._foreign(headers, scope) or self._promised(headers):
            return await refused(scope, receive, send)
        body = await self._body(receive)
        if body is None:
            return await self._too_large()(scope, receive, send)
        return await self._app(scope, _again(body, receive), send)

    def _foreign(self, headers: Headers, scope: Scope) -> PlainTextResponse | None:
        host = headers.get("host", "")
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            name = ""
        if not any(fnmatchcase(name, known) for known in self._address.names):
            return PlainTextResponse(f"这里不是“{host}”；请用 {self._address.base}", 400)
        origin = headers.get("origin")
        if scope["method"] == "POST" and origin is not None and origin not in (self._address.base, f"{scope['scheme']}://{host}"):
            return PlainTextResponse(f"“{origin}”的网页不能用这个服务", 403)
        return None

    def _promised(self, headers: Headers) -> PlainTextResponse | None:
        length = headers.get("content-length", "")
        return self._too_large() if length.isdecimal() and int(length) > self._largest else None

    async def _body(self, receive: Receive) -> bytes | None:
        """The whole body, None where it is over the bound."""
        parts, size = [], 0
        while True:
            message = await receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._largest:
                return None
            if not message.get("more_body"):  # the last part, or the client has gone
                return b"".join(parts)

    def _too_large(self) -> PlainTextResponse:
        return PlainTextResponse(f"请求超过 {self._largest // 1_000_000} MB；请把区域或工作簿拆小，或用命令行 xltool batch", 413)


def _again(body: bytes, receive: Receive) -> Receive:
    """What was read, once more for the application, then whatever comes."""
    given = False

    async def once_more() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}
    return once_more
