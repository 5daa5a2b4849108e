"""Accounts, passwords, sessions, the login page and the gate."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.accounts import passwords
from app.accounts.account import Account, region_code
from app.accounts.book import (
    account_of,
    accounts,
    add_account,
    change_rights,
    login_required,
    set_locked,
    set_password,
)
from app.accounts.file import AccountsFile
from app.accounts.sessions import (
    ABSOLUTE_SECONDS,
    FIRST_WAIT,
    FREE_TRIES,
    IDLE_SECONDS,
    LONGEST_WAIT,
    Person,
    account_in,
    log_in,
    log_in_by_provider,
    log_out,
)
from app.cli import main
from app.commands.serve import dashboard_env
from app.dashboard.door.gate import Gate, policy, rewritten
from app.dashboard.door.pages import LARGEST, login
from app.dashboard.session import COOKIE
from data.problem import DuijieError
from data.store import Store

RIGHT, NOW = "right horse 9", 1_000_000.0
FUND = Account("fund1", "fund", institutions=("I1",))


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash cheaply; :func:`test_passwords_are_argon2id` looks at the real cost."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: cheap)
    passwords._dummy.cache_clear()


@pytest.fixture
def file(tmp_path: Path) -> AccountsFile:
    file = AccountsFile.beside(tmp_path / "store.duckdb")
    add_account(file, FUND, RIGHT, actor="test")
    return file


def test_passwords_are_argon2id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    hashed = passwords.hash_password(RIGHT)
    assert hashed.startswith("$argon2id$")
    assert "m=65536" in hashed
    assert passwords.verify(hashed, RIGHT) and not passwords.verify(hashed, RIGHT + "x")


@pytest.mark.parametrize("password", ["", "short", "x" * 129, "aaaaaaaaaaaa", "my-fund1-password"])
def test_weak_passwords_are_refused(file: AccountsFile, password: str) -> None:
    with pytest.raises(DuijieError, match=r"password\.weak"):
        set_password(file, "fund1", password, actor="test")


def test_nothing_in_the_file_tells_a_password_or_a_token(file: AccountsFile) -> None:
    token = log_in(file, "fund1", RIGHT).token
    held = file.path.read_bytes()
    assert RIGHT.encode() not in held and token.encode() not in held
    assert file.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "account",
    [
        Account("x", "fund", institutions=("I1",)),
        Account("../x", "fund", institutions=("I1",)),
        Account("a\nb", "fund", institutions=("I1",)),
        Account("name", "nobody"),
        Account("name", "fund"),
        Account("name", "owner"),
        Account("name", "organizer", institutions=("I1",)),
        Account("name", "organizer", projects=("P1",)),
        Account("name", "fund", institutions=("I1",), region="320000"),
        Account("name", "admin", region="320000"),
        Account("name", "fund", institutions=("x" * 201,)),
    ],
)
def test_an_account_is_bound_to_what_its_role_has(file: AccountsFile, account: Account) -> None:
    with pytest.raises(DuijieError, match="account\\."):
        add_account(file, account, RIGHT, actor="test")
    assert accounts(file) == [FUND]


def test_a_name_and_a_mail_are_taken_once(file: AccountsFile) -> None:
    with pytest.raises(DuijieError, match=r"account\.twice"):
        add_account(file, FUND, RIGHT, actor="test")
    add_account(file, Account("b1", "organizer", mail="a@example.com"), None, actor="test")
    with pytest.raises(DuijieError, match=r"account\.twice"):
        add_account(file, Account("b2", "organizer", mail="A@example.com"), None, actor="test")


def test_without_an_account_nobody_logs_in_and_no_file_is_made(tmp_path: Path) -> None:
    file = AccountsFile.beside(tmp_path / "store.duckdb")
    assert not login_required(file)
    assert not file.path.exists()


def test_a_locked_account_still_asks_everybody_to_log_in(file: AccountsFile) -> None:
    set_locked(file, "fund1", True, actor="test")
    assert login_required(file)
    assert not log_in(file, "fund1", RIGHT).token


def test_wrong_name_wrong_password_and_locked_account_are_told_alike(file: AccountsFile) -> None:
    add_account(file, Account("gone", "organizer"), RIGHT, actor="test")
    set_locked(file, "gone", True, actor="test")
    tried = [("fund1", "wrong horse 9"), ("nobody", RIGHT), ("gone", RIGHT)]
    assert len({log_in(file, name, password) for name, password in tried}) == 1


def test_a_name_that_does_not_exist_takes_a_verification(file: AccountsFile, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hashed: str | bytes, password: str | bytes) -> bool:
            seen.append(str(hashed)[:9])
            return super().verify(hashed, password)

    monkeypatch.setattr(passwords, "_hasher", lambda: Counting(time_cost=1, memory_cost=8, parallelism=1))
    log_in(file, "nobody", RIGHT)
    log_in(file, "fund1", "wrong horse 9")
    assert seen == ["$argon2id", "$argon2id"]


@pytest.mark.parametrize("name", ["fund1", "nobody"])
def test_after_some_failures_a_name_has_to_wait_ever_longer(file: AccountsFile, name: str) -> None:
    now = NOW
    for _ in range(FREE_TRIES):
        assert log_in(file, name, "wrong horse 9", now).wait == 0
    waits = []
    for _ in range(8):
        waits.append(log_in(file, name, "wrong horse 9", now).wait)
        now += waits[-1]
        log_in(file, name, "wrong horse 9", now)
    assert waits[:3] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    assert waits[-1] == LONGEST_WAIT
    assert not log_in(file, name, RIGHT, now).token  # the right password does not help before the time
    assert log_in(file, name, RIGHT, now + LONGEST_WAIT).token or name == "nobody"


def test_a_success_forgets_the_failures(file: AccountsFile) -> None:
    for _ in range(FREE_TRIES - 1):
        log_in(file, "fund1", "wrong horse 9", NOW)
    assert log_in(file, "fund1", RIGHT, NOW).token
    for _ in range(FREE_TRIES):
        assert log_in(file, "fund1", "wrong horse 9", NOW).wait == 0


def test_tries_at_the_same_time_do_not_slip_through(file: AccountsFile, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    monkeypatch.setattr("app.accounts.sessions.verify", lambda *_: bool(tried.append(1)))
    threads = [threading.Thread(target=log_in, args=(file, "fund1", "x", NOW)) for _ in range(3 * FREE_TRIES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tried) == FREE_TRIES


def test_a_session_ends_by_idleness_by_age_and_by_leaving(file: AccountsFile) -> None:
    token = log_in(file, "fund1", RIGHT, NOW).token
    assert account_in(file, token, NOW + IDLE_SECONDS - 1) == FUND
    assert account_in(file, token, NOW + 2 * IDLE_SECONDS - 2) == FUND  # it was in use meanwhile
    assert account_in(file, token, NOW + 4 * IDLE_SECONDS) is None
    token, now = log_in(file, "fund1", RIGHT, NOW).token, NOW
    while now + IDLE_SECONDS / 2 < NOW + ABSOLUTE_SECONDS:
        now += IDLE_SECONDS / 2 - 1
        assert account_in(file, token, now)
    assert account_in(file, token, NOW + ABSOLUTE_SECONDS) is None
    token = log_in(file, "fund1", RIGHT, NOW).token
    log_out(file, token)
    assert account_in(file, token, NOW) is None


@pytest.mark.parametrize("change", ["lock", "passwd", "rights"])
def test_a_change_of_the_account_ends_its_sessions(file: AccountsFile, change: str) -> None:
    token = log_in(file, "fund1", RIGHT).token
    if change == "lock":
        set_locked(file, "fund1", True, actor="test")
        set_locked(file, "fund1", False, actor="test")
    elif change == "passwd":
        set_password(file, "fund1", "other horse 9", actor="test")
    else:
        change_rights(file, replace(FUND, institutions=("I2",)), actor="test")
    assert account_in(file, token) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 100_000, "' OR 1=1 --", "\ud800"])
def test_no_other_text_is_a_session(file: AccountsFile, token: str) -> None:
    log_in(file, "fund1", RIGHT)
    assert account_in(file, token) is None


def test_a_provider_logs_in_the_account_of_its_mail_only(file: AccountsFile) -> None:
    add_account(file, Account("boss", "organizer", mail="Boss@Example.com"), None, actor="test")
    for mail in ("", "other@example.com"):
        assert not log_in_by_provider(file, Person("https://one.example", "1", mail)).token
    boss = Person("https://one.example", "1", "boss@example.com")
    assert account_in(file, log_in_by_provider(file, boss).token)
    assert not log_in(file, "boss", "!").token  # an account without a password has none
    set_locked(file, "boss", True, actor="test")
    assert not log_in_by_provider(file, boss).token


def test_every_change_has_its_entry_and_entries_stay(file: AccountsFile) -> None:
    set_password(file, "fund1", "other horse 9", actor="me")
    change_rights(file, replace(FUND, institutions=("I2",)), actor="me")
    set_locked(file, "fund1", True, actor="me")
    log_in(file, "fund1\n" + "x" * 500, "wrong")
    told = [(entry["actor"][:5], entry["action"]) for entry in file.journal()]
    assert told == [
        ("test", "account.added"),
        ("me", "account.password"),
        ("me", "account.changed"),
        ("me", "account.locked"),
        ("fund1", "login.failed"),
    ]
    assert max(len(entry["actor"]) for entry in file.journal()) <= 200
    for sql in ("DELETE FROM journal", "UPDATE journal SET actor = 'x'"):
        with pytest.raises(Exception, match="append only"), file.transaction() as con:
            con.execute(sql)


def test_a_file_that_is_none_of_ours_shuts_the_door(file: AccountsFile) -> None:
    file.path.write_bytes(b"x" * 5000)
    with pytest.raises(DuijieError, match=r"accounts\.unreadable"):
        login_required(file)


def test_regions() -> None:
    assert region_code("全国") == ""
    assert region_code("江苏省") == "320000"
    assert region_code("江苏省苏州市").startswith("3205")
    for text in ("江苏省、浙江省", "没有这个地方"):
        with pytest.raises(DuijieError, match=r"account\.region"):
            region_code(text)


def run(store: Path, *args: str, password: str = "") -> tuple[int, str]:
    found = CliRunner().invoke(main, ["account", *args, "--store", str(store)], input=password + "\n")
    return found.exit_code, found.output


def test_the_command(tmp_path: Path) -> None:
    store = tmp_path / "store.duckdb"
    assert run(store, "add", "fund1", "--role", "fund", "--inst", "I1", password=RIGHT)[0] == 0
    assert run(store, "add", "js", "--role", "organizer", "--region", "江苏省", password=RIGHT)[0] == 0
    assert run(store, "add", "bad", "--role", "fund", password=RIGHT)[0] == 2
    assert run(store, "add", "bad", "--role", "organizer", "--no-password")[0] == 2
    assert run(store, "scope", "fund1", "--inst", "I2", "--inst", "I3")[0] == 0
    assert run(store, "scope", "js", "--region", "全国")[0] == 0
    assert run(store, "passwd", "fund1", password="other horse 9")[0] == 0
    assert run(store, "passwd", "nobody", password="other horse 9")[0] == 2
    assert [run(store, "unlink", name)[0] for name in ("js", "nobody")] == [0, 2]
    assert run(store, "lock", "js")[0] == 0
    code, output = run(store, "list")
    assert code == 0
    assert output.splitlines() == ["fund1\tfund\tI2,I3\t-\topen", "js\torganizer\t-\t-\tlocked"]
    assert "account.locked" in run(store, "log")[1]
    file = AccountsFile.beside(store)
    assert log_in(file, "fund1", "other horse 9").token
    assert account_of(file, "js").region == ""


def test_an_account_is_bound_to_what_the_store_has(tmp_path: Path, sample_store: Store) -> None:
    store = tmp_path / "store.duckdb"
    store.write_bytes(sample_store.path.read_bytes())
    told = sample_store.current("institutions").select(["institution_id", "kind"]).to_pylist()
    park, fund = (next(one["institution_id"] for one in told if one["kind"] == kind) for kind in ("park", "bank"))
    for words, code in (
        (("--role", "fund", "--inst", "NOPE"), "institution.unknown"),
        (("--role", "fund", "--inst", fund, "--inst", park), "account.kind"),
        (("--role", "owner", "--project", "NOPE"), "project.unknown"),
    ):
        refused = run(store, "add", "x1", *words, password=RIGHT)
        assert refused[0] == 2 and code in refused[1]
    assert run(store, "add", "x1", "--role", "fund", "--inst", fund, password=RIGHT)[0] == 0
    assert "account.kind" in run(store, "scope", "x1", "--inst", park)[1]
    assert account_of(AccountsFile.beside(store), "x1").institutions == (fund,)


def test_somebody_stays_to_administer(file: AccountsFile) -> None:
    add_account(file, Account("boss", "admin"), RIGHT, actor="test")
    for act in (
        lambda: set_locked(file, "boss", True, actor="test"),
        lambda: change_rights(file, Account("boss", "organizer"), actor="test"),
    ):
        with pytest.raises(DuijieError, match=r"account\.last_admin"):
            act()
    add_account(file, Account("second", "admin"), RIGHT, actor="test")
    set_locked(file, "second", True, actor="test")  # locked, she administers nothing
    with pytest.raises(DuijieError, match=r"account\.last_admin"):
        set_locked(file, "boss", True, actor="test")
    set_locked(file, "second", False, actor="test")
    set_locked(file, "boss", True, actor="test")


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_without_accounts_only_this_machine_may_look(tmp_path: Path, address: str) -> None:
    store = str(tmp_path / "store.duckdb")
    with pytest.raises(DuijieError, match=r"serve\.open"):
        dashboard_env(store, None, address)
    assert dashboard_env(store, None, "127.0.0.1")["DUIJIE_LOGIN"] == "0"
    add_account(AccountsFile.beside(store), FUND, RIGHT, actor="test")
    assert dashboard_env(store, None, address)["DUIJIE_LOGIN"] == "1"


INDEX = (
    '<html lang="en"><head><title>Streamlit</title><link rel="service-desc" href="x" />'
    "<script>\n window.a = 1\n</script></head><body><noscript>You need</noscript></body></html>"
)


@pytest.fixture
def door(file: AccountsFile, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The gate and the login before a stand-in for the pages."""
    monkeypatch.setenv("DUIJIE_STORE", str(file.path).removesuffix(".accounts"))

    async def anything(request: Request) -> Response:
        headers = {"cache-control": "public", "x-frame-options": "SAMEORIGIN"}
        if request.url.path.startswith("/media/"):
            return Response(b"secret", headers=headers)
        return HTMLResponse(INDEX, headers=headers)

    app = Starlette(
        routes=[
            Route("/login", login, methods=["GET", "POST"]),
            Route("/{path:path}", anything, methods=["GET", "POST"]),
        ],
        middleware=[Middleware(Gate)],
    )
    with TestClient(app, follow_redirects=False) as client:
        yield client


def enter(door: TestClient, wanted: str = "", password: str = RIGHT) -> Response:
    return door.post("/login", params={"lang": "en", "next": wanted}, data={"name": "fund1", "password": password})


@pytest.mark.parametrize(
    "path", ["/media/x", "/_stcore/stream", "/_stcore/upload_file/a/b", "/component/x", "/app/static/x"]
)
def test_no_file_without_a_session(door: TestClient, path: str) -> None:
    assert door.get(path).status_code == 401
    assert door.post(path).status_code == 401
    assert "secret" not in door.get("/media/x").text


@pytest.mark.parametrize("path", ["/media/../../etc/passwd", "/static/../media/x", "/login/../media/x", "//media/x"])
def test_a_crooked_path_is_no_way_in(door: TestClient, path: str) -> None:
    found = door.get(path)
    assert found.status_code in (303, 400, 401, 404)
    assert "secret" not in found.text


def test_a_link_is_opened_after_the_login(door: TestClient) -> None:
    sent = door.get("/?role=organizer&view=whynot&lang=en")
    assert sent.status_code == 303
    asked = parse_qs(urlsplit(sent.headers["location"]).query)
    assert asked["next"] == ["role=organizer&view=whynot&lang=en"]
    entered = enter(door, asked["next"][0])
    assert entered.headers["location"] == "/?role=organizer&view=whynot&lang=en"
    assert door.get("/").status_code == 200
    assert door.get("/media/x").text == "secret"
    assert door.get("/login").status_code == 303  # who is in already goes on


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "\r\nset-cookie: a=b", "x" * 50_000, "&&=&%00"]
)
def test_no_link_leads_away(door: TestClient, wanted: str) -> None:
    entered = enter(door, wanted)
    assert entered.headers["location"].startswith("/?")
    assert "evil.example/" not in entered.headers["location"]
    assert len(entered.headers["location"]) < 10_000
    assert "a" not in entered.cookies


def test_the_session_is_fresh_and_the_one_before_ends(door: TestClient, file: AccountsFile) -> None:
    door.cookies.set(COOKIE, "planted-by-somebody")
    first = enter(door).cookies[COOKIE]
    assert first != "planted-by-somebody"
    assert account_in(file, "planted-by-somebody") is None
    second = enter(door).cookies[COOKIE]
    assert second != first
    assert account_in(file, first) is None and account_in(file, second) == FUND


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(door: TestClient) -> None:
    told = enter(door).headers["set-cookie"].lower()
    assert "httponly" in told and "samesite=lax" in told and "path=/" in told
    secure = TestClient(door.app, base_url="https://testserver", follow_redirects=False)
    entered = enter(secure)
    assert "secure" in entered.headers["set-cookie"].lower()
    assert "max-age" in entered.headers["strict-transport-security"]


def test_the_login_page_tells_nothing_and_counts(door: TestClient) -> None:
    wrong = enter(door, password="wrong horse 9")
    other = door.post("/login?lang=en", data={"name": "nobody", "password": RIGHT})
    assert wrong.status_code == other.status_code == 401
    assert wrong.text == other.text
    for _ in range(FREE_TRIES):
        wrong = enter(door, password="wrong horse 9")
    assert wrong.status_code == 429 and int(wrong.headers["retry-after"]) <= FIRST_WAIT
    assert enter(door).status_code == 429


def test_what_is_typed_into_the_login_stays_text(door: TestClient) -> None:
    script = '"><script>alert(1)</script>'
    page = door.post("/login", params={"next": script, "lang": script}, data={"name": script, "password": script})
    assert "<script" not in page.text
    assert 'lang="zh-CN"' in page.text


def test_other_sites_cannot_log_somebody_in(door: TestClient) -> None:
    found = door.post("/login", data={"name": "fund1", "password": RIGHT}, headers={"origin": "https://evil.example"})
    assert found.status_code == 403 and COOKIE not in found.cookies
    assert door.post(
        "/login", data={"name": "fund1", "password": RIGHT}, headers={"origin": "http://testserver"}
    ).cookies[COOKIE]


def test_an_overlong_form_is_refused(door: TestClient) -> None:
    found = door.post("/login", data={"name": "x" * LARGEST, "password": "y"})
    assert found.status_code == 413
    assert door.post("/login", content=b"&" * LARGEST, headers={"content-type": "x"}).status_code == 401
    assert door.get("/", headers={"cookie": f"{COOKIE}={'x' * 50_000}"}).status_code == 303
    assert door.get("/", headers={"cookie": '"=;;=;' + COOKIE}).status_code == 303


def test_every_answer_has_the_security_headers(door: TestClient) -> None:
    answers = [
        door.get("/"),
        door.get("/login"),
        door.get("/media/x"),
        enter(door),
        door.get("/"),
        door.get("/media/x"),
    ]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers.get_list("x-frame-options") == ["DENY"]
        assert answer.headers["referrer-policy"] == "same-origin"
        rules = answer.headers["content-security-policy"]
        scripts = next(rule for rule in rules.split("; ") if rule.startswith("script-src"))
        assert "unsafe-inline" not in scripts and "http" not in rules and "*" not in rules
        assert "frame-ancestors 'none'" in rules
    assert answers[-1].headers["cache-control"] == answers[-2].headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("query", "lang"), [("", "zh-CN"), ("?lang=en", "en"), ("?lang=xx", "zh-CN")])
def test_a_page_is_in_the_visitors_language(door: TestClient, query: str, lang: str) -> None:
    enter(door)
    page = door.get(f"/{query}")
    assert f'<html lang="{lang}">' in page.text
    assert "Streamlit" not in page.text and "service-desc" not in page.text and "You need" not in page.text
    assert int(page.headers["content-length"]) == len(page.content)
    assert "sha256-" in page.headers["content-security-policy"]  # its own inline script, and no other


def test_the_rewriting_fits_the_installed_streamlit() -> None:
    import streamlit

    index = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    page = rewritten(index, "zh").decode()
    assert '<html lang="zh-CN">' in page and "对接 Duijie" in page
    assert "service-desc" not in page and "agent/interact" not in page
    assert "unsafe-inline" not in policy().split("style-src")[0]


def test_the_program_itself_is_served_to_anybody(door: TestClient) -> None:
    for path in ("/_stcore/health", "/static/js/index.js", "/favicon.png"):
        assert door.get(path).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost:8501", 200), ("127.0.0.1", 200), ("[::1]:8501", 200), ("evil.example", 421), ("[x", 421), ("", 421)],
)
def test_the_open_demonstration_answers_to_this_machine_only(
    door: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, status: int
) -> None:
    monkeypatch.setenv("DUIJIE_STORE", str(tmp_path / "another.duckdb"))
    assert door.get("/", headers={"host": host}).status_code == status
    assert door.get("/media/x", headers={"host": host}).status_code == status


def test_a_live_connection_needs_a_session(door: TestClient) -> None:
    for headers in ({}, {"cookie": f"{COOKIE}=made-up"}):
        with pytest.raises(WebSocketDisconnect) as refused, door.websocket_connect("/_stcore/stream", headers=headers):
            pass
        assert refused.value.code == 4401
