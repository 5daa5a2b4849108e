"""Financing: funds, venture capital and banks (投融资对接; notice of the 7th 创客中国, section 四(二))."""

from matcher.channel import Channel, of_kinds

CHANNEL = Channel(
    name="financing",
    label_zh="投融资对接",
    label_en="Financing",
    supply=of_kinds("government_fund", "venture_capital", "bank"),
    rules=(
        *("role", "verified", "exclusion", "ticket", "round", "company", "contact", "passed"),
        *("judge", "host", "recommender", "owner"),
    ),
)
