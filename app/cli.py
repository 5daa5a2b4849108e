"""The console command ``duijie``. Data goes to standard output, everything else to standard error.

Exit codes: 0 done, 1 data was rejected or a check failed, 2 wrong use or configuration.
"""

from __future__ import annotations

import importlib
import os
import sys

import click

from data.problem import DuijieError
from data.registry import modules


def _command_modules() -> dict[str, str]:
    """Module of each command: its file name, without the underscore that keeps it apart from a keyword."""
    return {name.rsplit(".", 1)[1].rstrip("_"): name for name in modules("app.commands")}


class _Commands(click.Group):
    """Commands are plug-ins of :mod:`app.commands`; a misuse anywhere below ends with its code and hint."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_command_modules())

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        module = _command_modules().get(name)
        return importlib.import_module(module).COMMAND if module else None  # only the asked one: a quick start

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except DuijieError as error:
            click.echo(f"错误 / error {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="duijie")
def main() -> None:
    """Duijie 对接：为获奖项目找到基金、园区与服务机构，并说明理由。

    Matches the winners of innovation contests with funds, parks and service institutions, and says why.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "2")  # before torch and BLAS are loaded; see settings.threads
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    main()
