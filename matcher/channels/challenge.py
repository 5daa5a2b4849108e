"""Challenge: the needs that lead enterprises publish, against projects that answer them (赛道赛: 命题—答案).

Every open need is one row of the supply side: the owner's row, with the need's title and text as its profile and the
need's sectors. A project and an owner meet over the need that fits best. That the owner hosted the contest is no
conflict here: the lead enterprise holds it to find its answers.
"""

from __future__ import annotations

import pyarrow as pa

from data.tables import INSTITUTIONS
from data.view import View
from matcher.channel import Channel

CARRIED = ("institution_id", "name", "kind", "country", "province", "city", "district", "verified", "listed_at")


def supply(view: View) -> pa.Table:
    """One row a need, sorted by owner and need; needs of unknown owners are left out."""
    owners = {row["institution_id"]: row for row in view.institutions.to_pylist()}
    rows = []
    for need in sorted(view.needs.to_pylist(), key=lambda row: (row["institution_id"], row["need_id"])):
        owner = owners.get(need["institution_id"])
        if owner is None:
            continue
        text = "\n".join(part for part in (need["title"], need["text"]) if part)
        row = {name: owner[name] for name in CARRIED}
        rows.append(row | {"profile": text, "sectors": need["sectors"] or owner["sectors"]})
    return pa.Table.from_pylist(rows, schema=INSTITUTIONS.schema)


CHANNEL = Channel(
    name="challenge",
    label_zh="大中小企业融通（命题—答案）",
    label_en="Challenge",
    supply=supply,
    rules=("verified", "exclusion", "contact", "passed", "judge", "recommender", "owner"),
)
