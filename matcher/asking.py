"""The rules of a channel asked about institutions of choice, without ranking: parks as they might be, a whole side."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pyarrow as pa

from data.view import View
from features.family import Market
from features.reading import Reading
from matcher.channel import Channel
from matcher.market import read_texts, readings_folder, weights_of
from matcher.settings import Settings


def market_of(
    view: View, institutions: pa.Table, channel: Channel, settings: Settings, texts: Sequence[Reading]
) -> Market:
    """What rules and families read, with ``institutions`` in the place of those of the view, and without an encoder.

    ``texts`` are the readings of ``view.projects``.
    """
    return Market(
        view=dataclasses.replace(view, institutions=institutions),
        channel=channel.name,
        project_texts=texts,
        institution_texts=read_texts(institutions, "institutions", readings_folder(settings)),
        encode=None,
        settings=dataclasses.asdict(settings),
        weights=weights_of(channel, settings),
    )
