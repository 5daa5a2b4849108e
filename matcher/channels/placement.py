"""Placement: parks, incubators and zones that host a project (落地入驻园区; 7th 创客中国, section 四(三))."""

from matcher.channel import Channel, of_kinds

CHANNEL = Channel(
    name="placement",
    label_zh="落地入驻园区",
    label_en="Placement",
    supply=of_kinds("park", "incubator", "zone"),
    weights={"nearness": 0.5, "services": 0.1},
    rules=(
        *("role", "verified", "exclusion", "space", "wish", "contact", "passed"),
        *("judge", "host", "recommender", "owner"),
    ),
)
