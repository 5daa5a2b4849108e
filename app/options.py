"""Options that several commands share, and progress on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import click

from data.store import open_store
from matcher.channel import channels


def _there(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Refuse a store that is not there: a mistyped name must not make an empty one."""
    if not ctx.resilient_parsing:
        open_store(value)
    return value


def _store_option(**options: Any) -> Callable[[Any], Any]:
    return click.option(
        "--store", default="duijie.duckdb", show_default=True, metavar="FILE", help="库文件 / the store file", **options
    )


store_option = _store_option(callback=_there)
new_store_option = _store_option()
"""For commands that may make the store, or do without it."""
settings_option = click.option("--settings", metavar="FILE", help="设置文件，默认 ./duijie.toml / settings file")
format_option = click.option(
    "--format", "form", type=click.Choice(["csv", "json", "xlsx", "parquet"]), default="csv", show_default=True
)
out_option = click.option("--out", metavar="FILE", help="写入文件而非标准输出 / write to a file")
side_option = click.option("--for", "side", type=click.Choice(["projects", "institutions"]), required=True)
top_option = click.option("--top", type=click.IntRange(1, 1000), help="每方保留多少 / how many")


def channel_option(**options: Any) -> Callable[[Any], Any]:
    """``--channel NAME`` out of the registered channels."""
    return click.option("--channel", type=click.Choice(sorted(channels())), **options)


class DateType(click.ParamType):
    """A date as YYYY-MM-DD."""

    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2022-12-31", param, ctx)


as_of_option = click.option("--as-of", type=DateType(), help="按该日所知排序 / rank as if today were DATE (YYYY-MM-DD)")


def say(text: str) -> None:
    """Tell something on standard error."""
    click.echo(text, err=True)


class Bars:
    """Progress bars on standard error; silent where it is not a terminal."""

    def __init__(self) -> None:
        self.bar: Any = None
        self.step = ""
        self.quiet = not sys.stderr.isatty()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` of ``step`` is done."""
        from tqdm import tqdm

        if self.quiet:
            return
        if step != self.step:
            self.close()
            self.step, self.bar = step, tqdm(total=total, desc=step, file=sys.stderr, leave=False)
        self.bar.n = done
        self.bar.refresh()

    def encoding(self, done: int) -> None:
        """Show that ``done`` texts are encoded."""
        self("encode", done, done)

    def close(self) -> None:
        """Remove the bar."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None
