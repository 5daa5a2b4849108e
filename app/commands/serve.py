"""``duijie serve``: the dashboard."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from importlib import resources
from ipaddress import ip_address
from pathlib import Path

import click

from app.accounts.book import login_required
from app.accounts.file import AccountsFile
from app.options import new_store_option, say, settings_option
from data.problem import DuijieError

PORT = 8501
ADDRESS = "127.0.0.1"
UPLOAD_MB = 20


def dashboard_command(port: int, address: str = ADDRESS) -> list[str]:
    """Command line that serves the dashboard: no usage statistics, no file watcher, loopback unless told otherwise."""
    entry = resources.files("app") / "dashboard" / "server.py"
    flags = {
        "server.port": port,
        "server.address": address,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.maxUploadSize": UPLOAD_MB,
        "server.enableXsrfProtection": "true",
        "server.enableCORS": "true",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "theme.primaryColor": "#1f6f54",
        "theme.font": "'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif",
    }
    told = [part for name, value in flags.items() for part in (f"--{name}", str(value))]
    return [sys.executable, "-m", "streamlit", "run", str(entry), *told]


def is_loopback(address: str) -> bool:
    """Whether an address reaches this machine only."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def dashboard_env(store: str, settings: str | None, address: str = ADDRESS) -> dict[str, str]:
    """What the dashboard is told of the store, the settings and the login.

    Raises
    ------
    DuijieError
        ``serve.open`` when there is no account and others than this machine could come in.
    """
    login = login_required(AccountsFile.beside(store))
    if not login and not is_loopback(address):
        raise DuijieError(
            "serve.open",
            f"没有账号时只在本机打开 / without accounts only this machine may look, not {address}",
            f"duijie account add NAME --role admin --store {store}",
        )
    env = {"DUIJIE_STORE": str(Path(store).resolve()), "DUIJIE_LOGIN": "1" if login else "0"}
    return env | ({"DUIJIE_SETTINGS": str(Path(settings).resolve())} if settings else {})


def require_free(port: int, address: str) -> None:
    """Refuse a port on which something else listens, before anybody is told to open it.

    Raises
    ------
    DuijieError
        ``serve.port``.
    """
    try:
        family, kind, proto, _, target = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as probe:
            if os.name != "nt":  # as the server itself does: a connection that is closing holds no port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except OSError as error:
        message = f"无法在此监听 / cannot listen on {address} port {port}: {error.strerror}"
        raise DuijieError("serve.port", message, "--port 8502") from error


def serve(store: str, settings: str | None, port: int, address: str = ADDRESS, oidc: str | None = None) -> int:
    """Serve until stopped; gives the exit code."""
    env = dashboard_env(store, settings, address)
    if oidc:
        from app.dashboard.door.provider import read_provider

        read_provider(oidc)  # a mistake is told before the server starts
        env["DUIJIE_OIDC"] = str(Path(oidc).resolve())
    require_free(port, address)
    shown = f"[{address}]" if ":" in address else address
    say(f"http://{shown}:{port}  (Ctrl-C 停止 / to stop)")
    if env["DUIJIE_LOGIN"] == "0":
        say(
            "没有账号：任何能打开本页的人可自选身份 / no accounts: whoever opens the page chooses who they are. "
            f"duijie account add NAME --role admin --store {store}"
        )
    process = subprocess.Popen(dashboard_command(port, address), env=os.environ | env)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())  # whoever stops this command stops the server
    try:
        return process.wait()
    except KeyboardInterrupt:  # the terminal sent it to the server as well
        process.wait()
        return 0


@click.command("serve")
@new_store_option
@settings_option
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
@click.option("--address", default=ADDRESS, show_default=True, help="监听地址 / listen here; others need accounts")
@click.option(
    "--oidc", metavar="FILE", help="统一认证的设置 / TOML: metadata_url, client_id, client_secret, redirect_uri"
)
@click.pass_context
def COMMAND(ctx: click.Context, store: str, settings: str | None, port: int, address: str, oidc: str | None) -> None:
    """打开看板。Serve the dashboard.

    Without an account it is an open demonstration on this machine: visitors choose who they are. From the first
    `duijie account add` on, everybody logs in. `duijie import` and `duijie match` work while it runs, and the pages
    show the new run at the next click.
    """
    ctx.exit(serve(store, settings, port, address, oidc))
