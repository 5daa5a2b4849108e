"""``duijie serve``: the dashboard."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import click

from app.options import say, settings_option, store_option

PORT = 8501


def dashboard_command(port: int, address: str = "127.0.0.1") -> list[str]:
    """Command line that serves the dashboard: no usage statistics, no file watcher, loopback unless told otherwise."""
    entry = resources.files("app") / "dashboard" / "main.py"
    flags = {
        "server.port": port,
        "server.address": address,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.maxUploadSize": 20,
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "theme.primaryColor": "#1f6f54",
        "theme.font": "'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif",
    }
    told = [part for name, value in flags.items() for part in (f"--{name}", str(value))]
    return [sys.executable, "-m", "streamlit", "run", str(entry), *told]


def serve(store: str, settings: str | None, port: int) -> int:
    """Serve until stopped; gives the exit code."""
    env = os.environ | {"DUIJIE_STORE": str(Path(store).resolve())}
    if settings:
        env["DUIJIE_SETTINGS"] = str(Path(settings).resolve())
    say(f"http://127.0.0.1:{port}  (Ctrl-C 停止 / to stop)")
    try:
        return subprocess.call(dashboard_command(port), env=env)
    except KeyboardInterrupt:
        return 0


@click.command("serve")
@store_option
@settings_option
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
@click.pass_context
def COMMAND(ctx: click.Context, store: str, settings: str | None, port: int) -> None:
    """打开看板。Serve the dashboard on this machine."""
    ctx.exit(serve(store, settings, port))
