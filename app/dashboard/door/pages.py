"""The login page: plain HTML without a script, served before anything of Streamlit is."""

from __future__ import annotations

import os
from html import escape
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlencode

from anyio import to_thread

from app.accounts.sessions import ABSOLUTE_SECONDS, Outcome, account_in, log_in, log_out
from app.dashboard.door.gate import HTML_LANG, cookie_of
from app.dashboard.session import COOKIE, accounts_file
from app.dashboard.shown_strings import say
from app.wording import LANGUAGES

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

OIDC = "DUIJIE_OIDC"
"""Environment variable with the file that names the provider."""
LARGEST = 8192
"""Bytes of the form."""
LONGEST_LINK = 3000
PAGE = Template("""<!DOCTYPE html>
<html lang="$html_lang"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title><link rel="icon" href="/favicon.png"><style>
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #f4f6f5; color: #1d2723;
  font: 16px/1.5 'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif; }
main { box-sizing: border-box; width: min(24rem, 100vw); padding: 2rem; background: #fff; border: 1px solid #dfe5e2;
  border-radius: .5rem; }
h1 { margin: 0; font-size: 1.35rem; } p { margin: .2rem 0 1.2rem; color: #4d5a55; font-size: .92rem; }
label { display: block; margin: .8rem 0 .2rem; font-size: .92rem; }
input { box-sizing: border-box; width: 100%; padding: .55rem .6rem; font: inherit; border: 1px solid #8a9691;
  border-radius: .4rem; }
button { width: 100%; margin-top: 1.3rem; padding: .6rem; font: inherit; font-weight: 600; color: #fff;
  background: #1f6f54; border: 0; border-radius: .4rem; cursor: pointer; }
:focus-visible { outline: 3px solid #9dbcb0; outline-offset: 1px; }
.wrong { padding: .55rem .7rem; color: #7a2e1c; background: #fbeae5; border-left: 4px solid #b5533c; }
a { color: #1f6f54; } .foot { margin: 1.2rem 0 0; display: flex; justify-content: space-between; }
</style></head><body><main><h1>$brand</h1><p>$about</p>$notice
<form method="post" action="/login?$own"><label for="name">$name</label>
<input id="name" name="name" autocomplete="username" maxlength="200" required autofocus>
<label for="password">$password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="128" required>
<button type="submit">$enter</button></form>$more
<p class="foot"><a href="/login?$other" hreflang="$other_lang" lang="$other_lang">$other_name</a></p>
</main></body></html>
""")


async def login(request: Request) -> Response:
    """Show the form, or try what it holds; whoever is in already goes on to the page asked for."""
    from starlette.responses import HTMLResponse, RedirectResponse

    tongue, wanted = asked_language(request.query_params.get("lang", "")), request.query_params.get("next", "")
    if request.method in ("GET", "HEAD"):
        if await to_thread.run_sync(account_in, accounts_file(), cookie_of(request.scope)):
            return RedirectResponse(page_link(wanted, tongue), 303)
        return HTMLResponse(login_page(tongue, wanted), headers=NO_STORE)
    if not same_origin(request):
        return HTMLResponse(login_page(tongue, wanted, say("login.foreign", tongue)), 403, headers=NO_STORE)
    form = await read_form(request)
    if form is None:
        return HTMLResponse(login_page(tongue, wanted, say("login.wrong", tongue)), 413, headers=NO_STORE)
    found = await to_thread.run_sync(log_in, accounts_file(), form.get("name", ""), form.get("password", ""))
    if not found.token:
        return refusal(found, tongue, wanted)
    return await enter(request, found.token, wanted, tongue)


async def enter(request: Request, token: str, wanted: str, tongue: str) -> Response:
    """Give the browser the fresh session in place of whatever it had, and send it to the page asked for."""
    from starlette.responses import RedirectResponse

    old = cookie_of(request.scope)
    if old:
        await to_thread.run_sync(log_out, accounts_file(), old)
    response = RedirectResponse(page_link(wanted, tongue), 303, headers=NO_STORE)
    response.set_cookie(
        COOKIE,
        token,
        max_age=ABSOLUTE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


NO_STORE = {"cache-control": "no-store"}


def refusal(found: Outcome, tongue: str, wanted: str) -> Response:
    """The form again, with one message for a wrong name, a wrong password and a locked account."""
    from starlette.responses import HTMLResponse

    if found.wait:
        words = say("login.wait", tongue, minutes=-(-found.wait // 60))
        headers = {**NO_STORE, "retry-after": str(found.wait)}
        return HTMLResponse(login_page(tongue, wanted, words), 429, headers=headers)
    return HTMLResponse(login_page(tongue, wanted, say("login.wrong", tongue)), 401, headers=NO_STORE)


async def read_form(request: Request) -> dict[str, str] | None:
    """Fields of a small form; None when it is larger than it can be."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return None
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=None)
    return {name: values[0] for name, values in fields.items()}


def same_origin(request: Request) -> bool:
    """Whether a form comes from a page of ours, as far as the browser tells."""
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


def asked_language(text: str) -> str:
    """A language of ours, Chinese by default."""
    return text if text in LANGUAGES else LANGUAGES[0]


def page_link(wanted: str, tongue: str) -> str:
    """Link to the page that was asked for: always a page of ours, whatever ``wanted`` holds."""
    asked = dict(parse_qsl(wanted[:LONGEST_LINK], max_num_fields=None)) | {"lang": tongue}
    return "/?" + urlencode(asked)


def login_page(tongue: str, wanted: str, wrong: str = "") -> str:
    """The page; everything that a visitor sent is escaped. With a provider it offers the login there as well."""
    other = next(one for one in LANGUAGES if one != tongue)
    wanted = wanted[:LONGEST_LINK]
    return PAGE.substitute(
        html_lang=HTML_LANG[tongue],
        title=escape(say("login.title", tongue)),
        brand=escape(say("brand", tongue)),
        about=escape(say("brand.about", tongue)),
        notice=f'<p class="wrong" role="alert">{escape(wrong)}</p>' if wrong else "",
        name=escape(say("login.name", tongue)),
        password=escape(say("login.password", tongue)),
        enter=escape(say("login.enter", tongue)),
        own=escape(urlencode({"lang": tongue, "next": wanted})),
        other=escape(urlencode({"lang": other, "next": wanted})),
        other_lang=HTML_LANG[other],
        other_name=escape(say("login.other", tongue)),
        more=_provider_link(tongue, wanted) if OIDC in os.environ else "",
    )


def _provider_link(tongue: str, wanted: str) -> str:
    link = escape(urlencode({"lang": tongue, "next": wanted}))
    return f'<p><a href="/oauth2/start?{link}">{escape(say("login.provider", tongue))}</a></p>'
