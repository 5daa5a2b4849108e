"""``duijie explain``: why a pair is recommended, or why not."""

from __future__ import annotations

import click

from app.explaining import as_text, explain
from app.exports import to_json
from app.options import channel_option, settings_option, store_option
from app.system import open_system


@click.command("explain")
@click.argument("project_id")
@click.argument("institution_id")
@store_option
@settings_option
@channel_option(multiple=True, help="默认该机构所供的全部渠道 / default: all it supplies")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def COMMAND(
    project_id: str,
    institution_id: str,
    store: str,
    settings: str | None,
    channel: tuple[str, ...],
    form: str,
    lang: str,
) -> None:
    """说明为何推荐或为何不推荐。Why, or why not: reasons with their sentences."""
    rows = explain(open_system(store, settings), project_id, institution_id, channel)
    click.echo(to_json(rows) if form == "json" else "\n".join(as_text(row, lang) for row in rows))
