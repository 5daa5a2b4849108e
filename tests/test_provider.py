"""Login by a provider of OpenID Connect, against a small one that the test starts."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from app.accounts.account import Account
from app.accounts.book import account_of, add_account, change_rights, set_locked, unlink
from app.accounts.file import AccountsFile
from app.accounts.sessions import Person, account_in, log_in_by_provider
from app.dashboard.door.gate import Gate
from app.dashboard.door.pages import OIDC, login
from app.dashboard.door.provider import callback, read_provider, start
from app.dashboard.session import COOKIE
from data.problem import DuijieError

MAIL = "boss@example.com"
BACK = "http://testserver/oauth2/callback"


class Idp:
    """A provider that lets everybody in as ``claims`` say; ``key`` signs, ``published`` is what it shows."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = self.published = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
        self.claims: dict[str, Any] = {}
        self.asked: dict[str, dict[str, str]] = {}

    async def metadata(self, request: Request) -> Response:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        told = {name: f"{self.issuer}/{end}" for name, end in ends.items()}
        algorithms = {"id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"]}
        return JSONResponse({"issuer": self.issuer, **told, **algorithms, "response_types_supported": ["code"]})

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        code = f"code-{len(self.asked)}"
        self.asked[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    async def token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.asked.pop(form["code"])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        now = int(time.time())
        told = {"iss": self.issuer, "aud": "duijie", "sub": "42", "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, told | self.claims, self.key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": signed})

    async def jwks(self, request: Request) -> Response:
        return JSONResponse(KeySet([self.published]).as_dict(private=False))


@pytest.fixture(scope="module")
def idp() -> Iterator[Idp]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    idp = Idp(port)
    routes = [
        Route("/.well-known/openid-configuration", idp.metadata),
        Route("/authorize", idp.authorize),
        Route("/token", idp.token, methods=["POST"]),
        Route("/jwks", idp.jwks),
    ]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield idp
    server.should_exit = True
    thread.join()


@pytest.fixture
def file(tmp_path: Path) -> AccountsFile:
    file = AccountsFile.beside(tmp_path / "store.duckdb")
    add_account(file, Account("boss", "organizer", mail=MAIL), None, actor="test")
    return file


@pytest.fixture
def door(idp: Idp, file: AccountsFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    settings = tmp_path / "oidc.toml"
    settings.write_text(
        f'metadata_url = "{idp.issuer}/.well-known/openid-configuration"\nclient_id = "duijie"\n'
        f'client_secret = "a secret"\nredirect_uri = "{BACK}"\n'
    )
    monkeypatch.setenv(OIDC, str(settings))
    monkeypatch.setenv("DUIJIE_STORE", str(file.path).removesuffix(".accounts"))
    idp.claims, idp.key = {"email": MAIL, "email_verified": True}, idp.published
    routes = [Route("/login", login), Route("/oauth2/start", start), Route("/oauth2/callback", callback)]
    middleware = [Middleware(Gate), Middleware(SessionMiddleware, secret_key="of the test", same_site="lax")]
    with TestClient(Starlette(routes=routes, middleware=middleware), follow_redirects=False) as client:
        yield client


def through(door: TestClient, wanted: str = "view=run") -> Response:
    """The whole way: to the provider, and back with its code."""
    import urllib.error
    import urllib.request

    class Stop(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: Any, **kwargs: Any) -> None:
            return None

    sent = door.get("/oauth2/start", params={"lang": "en", "next": wanted})
    assert sent.status_code == 302, sent.text
    with pytest.raises(urllib.error.HTTPError) as back:
        urllib.request.build_opener(Stop).open(sent.headers["location"])
    return door.get(f"/oauth2/callback?{urlsplit(back.value.headers['location']).query}")


def test_a_verified_mail_opens_the_session_of_its_account(door: TestClient, file: AccountsFile) -> None:
    assert "/oauth2/start?" in door.get("/login").text
    entered = through(door)
    assert entered.status_code == 303 and entered.headers["location"] == "/?view=run&lang=en"
    account = account_in(file, entered.cookies[COOKIE])
    assert account is not None and account.access().role.name == "organizer"
    assert file.journal("login")[-1]["payload"] == {"by": "provider"}


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "other@example.com"},
        {"email": ""},
        {"email": None},
        {"sub": ""},
        {"sub": "4" * 300},
        {"aud": "somebody-else"},
        {"iss": "http://evil.example"},
        {"exp": 1_000_000},
        {"nonce": "of-another-login"},
    ],
)
def test_anything_else_that_the_provider_says_opens_nothing(
    door: TestClient, idp: Idp, file: AccountsFile, claims: dict[str, Any]
) -> None:
    idp.claims |= claims
    refused = through(door)
    assert refused.status_code == 401 and COOKIE not in refused.cookies
    assert not file.journal("login")


def test_a_signature_of_another_key_opens_nothing(door: TestClient, idp: Idp) -> None:
    idp.key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
    refused = through(door)
    assert refused.status_code == 401 and COOKIE not in refused.cookies


def test_a_callback_that_nobody_began_opens_nothing(door: TestClient) -> None:
    refused = door.get("/oauth2/callback?code=code-0&state=made-up")
    assert refused.status_code == 401 and COOKIE not in refused.cookies


def test_a_locked_account_is_locked_for_the_provider_too(door: TestClient, file: AccountsFile) -> None:
    set_locked(file, "boss", True, actor="test")
    assert through(door).status_code == 401


# --- whose account, once it is linked ----------------------------------------------------------------------------


def entered_as(door: TestClient, file: AccountsFile) -> str:
    """Go the whole way with a browser of one's own; gives the account, empty when it is refused."""
    door.cookies.clear()
    back = through(door)
    account = account_in(file, back.cookies.get(COOKIE, ""))
    assert (back.status_code == 303) == (account is not None)
    return account.name if account else ""


@pytest.mark.parametrize(
    "later",
    [
        {"email": "renamed@example.com"},
        {"email": "renamed@example.com", "email_verified": False},
        {"email": None, "email_verified": None},
    ],
)
def test_a_linked_person_is_known_whatever_the_mail_is_now(
    door: TestClient, idp: Idp, file: AccountsFile, later: dict[str, Any]
) -> None:
    assert entered_as(door, file) == "boss"
    assert file.journal("account.linked")[-1]["payload"] == {"issuer": idp.issuer, "subject": "42"}
    idp.claims |= later
    assert entered_as(door, file) == "boss"
    assert len(file.journal("account.linked")) == 1


def test_an_address_that_passed_to_somebody_else_opens_nothing(door: TestClient, idp: Idp, file: AccountsFile) -> None:
    assert entered_as(door, file) == "boss"
    idp.claims |= {"sub": "43"}
    assert entered_as(door, file) == ""
    assert file.journal("login.failed")[-1]["actor"] == MAIL
    idp.claims |= {"sub": "42"}
    assert entered_as(door, file) == "boss"


def test_a_linked_person_does_not_come_into_the_account_of_another_address(
    door: TestClient, idp: Idp, file: AccountsFile
) -> None:
    add_account(file, Account("other", "organizer", mail="other@example.com"), None, actor="test")
    assert entered_as(door, file) == "boss"
    idp.claims |= {"email": "other@example.com"}
    assert entered_as(door, file) == "boss"
    idp.claims |= {"sub": "43"}
    assert entered_as(door, file) == "other"


def test_a_link_ends_with_another_mail_or_when_it_is_taken_back(door: TestClient, idp: Idp, file: AccountsFile) -> None:
    assert entered_as(door, file) == "boss"
    change_rights(file, Account("boss", "admin", mail=MAIL.upper()), actor="test")  # the same address
    idp.claims |= {"sub": "43"}
    assert entered_as(door, file) == ""
    unlink(file, "boss", actor="test")
    assert entered_as(door, file) == "boss"
    change_rights(file, Account("boss", "admin", mail="new@example.com"), actor="test")
    assert entered_as(door, file) == ""
    idp.claims |= {"sub": "44", "email": "new@example.com"}
    assert entered_as(door, file) == "boss"
    with pytest.raises(DuijieError, match=r"account\.unknown"):
        unlink(file, "nobody", actor="test")


def test_a_linked_account_that_is_locked_stays_shut(door: TestClient, file: AccountsFile) -> None:
    assert entered_as(door, file) == "boss"
    set_locked(file, "boss", True, actor="test")
    assert entered_as(door, file) == ""


def test_the_same_subject_of_another_provider_is_another_person(file: AccountsFile) -> None:
    for issuer in ("https://one.example", "https://two.example"):
        assert not log_in_by_provider(file, Person(issuer, "42")).token  # no mail, no link
    assert log_in_by_provider(file, Person("https://one.example", "42", MAIL)).token
    assert not log_in_by_provider(file, Person("https://two.example", "42")).token
    assert log_in_by_provider(file, Person("https://two.example", "7", MAIL)).token  # one link a provider
    assert log_in_by_provider(file, Person("https://one.example", "42")).token


def test_a_file_from_before_there_were_links_works_on(file: AccountsFile) -> None:
    with file.transaction() as con:
        con.execute("DROP TABLE links")
    assert log_in_by_provider(file, Person("https://one.example", "42", MAIL)).token
    assert account_of(file, "boss").name == "boss"


def test_the_settings_are_complete_or_refused(tmp_path: Path) -> None:
    file = tmp_path / "oidc.toml"
    for text in (
        "",
        "x = ",
        'client_id = "a"\n',
        'metadata_url=""\nclient_id="a"\nclient_secret="b"\nredirect_uri="c"',
    ):
        file.write_text(text)
        with pytest.raises(DuijieError, match=r"oidc\.settings"):
            read_provider(file)
    with pytest.raises(DuijieError, match=r"oidc\.settings"):
        read_provider(tmp_path / "none.toml")
