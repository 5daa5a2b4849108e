"""Technical and business services (成果转化技术服务; 7th 创客中国, section 四(四))."""

from matcher.channel import Channel, of_kinds

CHANNEL = Channel(
    name="services",
    label_zh="成果转化技术服务",
    label_en="Services",
    supply=of_kinds(
        "service_platform",
        "law",
        "accounting",
        "hr",
        "ip_agency",
        "mentor",
        "technology_manager",
        "research_institute",
    ),
    weights={"nearness": 0.5, "facilities": 0.3},
    rules=("role", "verified", "exclusion", "contact", "passed", "judge", "host", "recommender", "owner"),
)
