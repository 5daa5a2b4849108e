"""``duijie settings``: the settings in force, all of them."""

from __future__ import annotations

import dataclasses
import json

import click

from app.options import settings_option
from app.system import find_settings
from matcher.channel import channels
from matcher.market import features_of, weights_of
from matcher.settings import Settings


def as_toml(settings: Settings) -> str:
    """Settings as a settings file, with the weight of every feature in every channel."""
    told = dataclasses.asdict(settings)
    told.pop("weights")
    tables = {name: told.pop(name) for name, value in list(told.items()) if isinstance(value, dict)}
    lines = [f"{name} = {_value(value)}" for name, value in told.items()]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {_value(value)}" for key, value in table.items())]
    for name, channel in channels().items():
        weights = weights_of(channel, settings)
        lines += ["", f"[weights.{name}]  # {channel.label_zh} · {channel.label_en}"]
        lines += [f"{f.name} = {weights[f.name]}  # {f.label_zh} · {f.label_en}" for f in features_of(name)]
    return "\n".join(lines)


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)  # a JSON string or number is one of TOML


@click.command("settings")
@settings_option
def COMMAND(settings: str | None) -> None:
    """列出生效的设置与全部权重。Print the settings in force, with every weight, as a settings file."""
    click.echo(as_toml(find_settings(settings)))
