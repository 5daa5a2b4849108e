"""The gate: no page, file, upload or live connection without a session; security headers on every answer.

Plain ASGI, round all of Streamlit. Pages also get the visitor's language, which Streamlit fixes to English.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from anyio import to_thread

from app.accounts.sessions import account_in
from app.dashboard.session import COOKIE, accounts_file, must_log_in
from app.wording import LANGUAGES

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OPEN = ("/login", "/_stcore/health", "/_stcore/host-config", "/favicon.png", "/static/", "/oauth2/")
"""Paths anybody may ask for: the login itself and the program's own files, which hold nothing of the store."""
DATA = ("/media/", "/_stcore/", "/component/", "/app/")
"""Paths that are no pages: without a session they are refused instead of sent to the login."""
LOOPBACK = ("localhost", "::1")
HTML_LANG = {"zh": "zh-CN", "en": "en"}
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-eval' 'wasm-unsafe-eval' blob:",  # charts compile their specifications
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "frame-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_NOSCRIPT = re.compile(rb"<noscript>.*?</noscript>", re.DOTALL)
_SERVICE = re.compile(rb'<link rel="service-desc"[^>]*>')
_DROPPED = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
_REPLACED = (b"content-length", b"etag", b"last-modified", b"cache-control")


class Gate:
    """ASGI middleware round the dashboard."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        status = 0 if path.startswith(OPEN) else await to_thread.run_sync(_shut, cookie_of(scope), host_of(scope))
        if status:
            await _refuse(scope, send, status)
            return
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        guarded = _with_headers(scope, send)
        if scope["method"] in ("GET", "HEAD") and not path.startswith((*OPEN, *DATA)):
            page = {**scope, "headers": [(name, value) for name, value in scope["headers"] if name not in _DROPPED]}
            await self.app(page, receive, _Page(guarded, language_of(scope)).send)
        else:
            await self.app(scope, receive, guarded)


def cookie_of(scope: Scope) -> str:
    """The session token that a request brings."""
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(COOKIE)
            except CookieError:
                return ""
            return found.value if found else ""
    return ""


def language_of(scope: Scope) -> str:
    """The language a page is asked for in, Chinese by default."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
    return asked if asked in LANGUAGES else LANGUAGES[0]


def policy(hashes: str = "") -> str:
    """The content policy; ``hashes`` admit a page's own inline script."""
    return "; ".join(f"{name} {value}{hashes if name == 'script-src' else ''}" for name, value in POLICY.items())


def host_of(scope: Scope) -> str:
    """The name by which the browser called this server, without the port."""
    told = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    try:
        return urlsplit(f"//{told}").hostname or ""
    except ValueError:  # no host name at all
        return ""


def _shut(token: str, host: str) -> int:
    """Why nothing is given: 401 without a session; 0 when all is well.

    The open demonstration answers to this machine's own names only (else 421): a foreign page whose name is made to
    point here could read it otherwise.
    """
    if must_log_in():
        return 0 if account_in(accounts_file(), token) else 401
    return 0 if host in LOOPBACK or host.startswith("127.") else 421


async def _refuse(scope: Scope, send: Send, status: int) -> None:
    """To the login for a page, the bare status for anything else; a live connection is closed before it opens."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4000 + status})
        return
    headers = [(b"cache-control", b"no-store"), (b"content-length", b"0")]
    if status == 401 and scope["method"] in ("GET", "HEAD") and not scope["path"].startswith(DATA):
        status = 303
        wanted = quote(scope["query_string"].decode("latin-1"), safe="")
        headers.append((b"location", f"/login?lang={language_of(scope)}&next={wanted}".encode("latin-1")))
    guarded = _with_headers(scope, send)
    await guarded({"type": "http.response.start", "status": status, "headers": headers})
    await guarded({"type": "http.response.body", "body": b""})


def _with_headers(scope: Scope, send: Send) -> Send:
    """Send with the security headers; what an answer says itself of its content policy stands."""
    fixed = dict(HEADERS)
    if scope.get("scheme") == "https":
        fixed["strict-transport-security"] = "max-age=31536000"

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            told = [(name.lower(), value) for name, value in message.get("headers", [])]
            names = {name for name, _ in told}
            if b"content-security-policy" not in names:
                told.append((b"content-security-policy", policy().encode()))
            if scope["path"].startswith("/media/"):
                told = [pair for pair in told if pair[0] != b"cache-control"] + [(b"cache-control", b"no-store")]
            told = [pair for pair in told if pair[0].decode("latin-1") not in fixed]
            message["headers"] = [*told, *((name.encode(), value.encode()) for name, value in fixed.items())]
        await send(message)

    return guarded


class _Page:
    """Rewrites one HTML answer: language, no pointer to an API that is off, a policy that admits its own script."""

    def __init__(self, send: Send, language: str) -> None:
        self.forward, self.language = send, language
        self.start: Message | None = None
        self.body = b""

    async def send(self, message: Message) -> None:
        """Hold an HTML answer until it is whole; let everything else pass."""
        if message["type"] == "http.response.start":
            kinds = [value for name, value in message.get("headers", []) if name.lower() == b"content-type"]
            if kinds and kinds[0].startswith(b"text/html"):
                self.start = message
                return
        if self.start is None or message["type"] != "http.response.body":
            await self.forward(message)
            return
        self.body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._finish(self.start)

    async def _finish(self, start: Message) -> None:
        body = rewritten(self.body, self.language)
        digests = [base64.b64encode(hashlib.sha256(one).digest()).decode() for one in _INLINE.findall(body)]
        told = [pair for pair in start["headers"] if pair[0].lower() not in _REPLACED]
        start["headers"] = [
            *told,
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"content-security-policy", policy("".join(f" 'sha256-{one}'" for one in digests)).encode()),
        ]
        await self.forward(start)
        await self.forward({"type": "http.response.body", "body": body})


def rewritten(body: bytes, language: str) -> bytes:
    """Streamlit's page in the visitor's language."""
    body = body.replace(b'<html lang="en">', f'<html lang="{HTML_LANG[language]}">'.encode(), 1)
    body = body.replace(b"<title>Streamlit</title>", "<title>对接 Duijie</title>".encode(), 1)
    body = _NOSCRIPT.sub("<noscript>请启用 JavaScript / please enable JavaScript</noscript>".encode(), body, count=1)
    return _SERVICE.sub(b"", body, count=1)
