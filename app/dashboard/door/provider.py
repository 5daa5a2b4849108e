"""Login by a provider of OpenID Connect: the code flow with PKCE.

At the first login a mail address that the provider has verified leads to the account; from then on the account belongs
to the provider's own name for that person (issuer and subject), as addresses change hands.

The operator's file, named by ``duijie serve --oidc FILE``, says which provider. It holds a secret: keep it to yourself.
"""

from __future__ import annotations

import logging
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anyio import to_thread

from app.accounts.sessions import Person, log_in_by_provider
from app.dashboard.door.pages import LONGEST_LINK, NO_STORE, OIDC, asked_language, enter, login_page
from app.dashboard.session import accounts_file
from app.dashboard.shown_strings import say
from data.problem import DuijieError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

LOG = logging.getLogger("duijie.dashboard")


@dataclass(frozen=True)
class Provider:
    """Where to log in. ``metadata_url`` ends in ``/.well-known/openid-configuration``; ``redirect_uri`` is our own
    address followed by ``/oauth2/callback``, as it is registered with the provider.
    """

    metadata_url: str
    client_id: str
    client_secret: str
    redirect_uri: str


def read_provider(path: Path | str) -> Provider:
    """The provider that a file names.

    Raises
    ------
    DuijieError
        ``oidc.settings`` when the file is missing, is no TOML, lacks a key or has an unknown one.
    """
    names = {field.name for field in fields(Provider)}
    try:
        told = tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DuijieError("oidc.settings", f"{path}: {error}", "--oidc FILE") from error
    if set(told) != names or not all(isinstance(value, str) and value for value in told.values()):
        raise DuijieError("oidc.settings", f"{path}: {', '.join(sorted(names))}", "all of them as text, nothing else")
    return Provider(**told)


@cache
def _client(provider: Provider) -> Any:
    from authlib.integrations.starlette_client import OAuth

    return OAuth().register(
        "provider",
        server_metadata_url=provider.metadata_url,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        client_kwargs={"scope": "openid email", "code_challenge_method": "S256"},
    )


def configured() -> Provider | None:
    """The provider this server was started with."""
    named = os.environ.get(OIDC)
    return read_provider(named) if named else None


async def start(request: Request) -> Response:
    """Send the browser to the provider, and remember which page was asked for."""
    from authlib.integrations.base_client import OAuthError

    provider, tongue = configured(), asked_language(request.query_params.get("lang", ""))
    if provider is None:
        return _refused(tongue, "", 404)
    wanted = request.query_params.get("next", "")[:LONGEST_LINK]
    request.session["wanted"] = [tongue, wanted]
    try:
        response: Response = await _client(provider).authorize_redirect(request, provider.redirect_uri)
    except (OAuthError, OSError, ValueError, RuntimeError) as error:
        LOG.error("the provider cannot be reached", exc_info=error)
        return _refused(tongue, wanted, 502, "login.unreachable")
    return response


async def callback(request: Request) -> Response:
    """Take what the provider says, after state, nonce, signature, issuer, audience and time have been checked."""
    from authlib.integrations.base_client import OAuthError
    from joserfc.errors import JoseError

    provider = configured()
    tongue, wanted = request.session.pop("wanted", ["zh", ""])
    if provider is None:
        return _refused(tongue, wanted, 404)
    try:
        told = await _client(provider).authorize_access_token(request)
    except (OAuthError, JoseError, OSError, ValueError, KeyError) as error:
        LOG.warning("a login by the provider failed: %s", error)
        return _refused(tongue, wanted, 401)
    found = await to_thread.run_sync(log_in_by_provider, accounts_file(), person_of(told.get("userinfo") or {}))
    if not found.token:
        return _refused(tongue, wanted, 401)
    return await enter(request, found.token, wanted, tongue)


def person_of(claims: Mapping[str, Any]) -> Person:
    """Who the checked claims speak of; an address counts where ``email_verified`` is true, the word is not enough."""
    mail = str(claims.get("email") or "") if claims.get("email_verified") is True else ""
    return Person(str(claims.get("iss") or ""), str(claims.get("sub") or ""), mail.strip().casefold())


def _refused(tongue: str, wanted: str, status: int, why: str = "login.unknown") -> Response:
    from starlette.responses import HTMLResponse

    return HTMLResponse(login_page(tongue, wanted, say(why, tongue)), status, headers=NO_STORE)
