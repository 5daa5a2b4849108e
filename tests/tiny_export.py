"""A small made-up export with a planted preference: each organisation keeps to one sector and one region."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from evaluation.crunchbase_tables import Export

AS_OF = date(2011, 7, 1)
SECTORS = ("web", "biotech", "software", "cleantech")
PLACES = (("CA", "SF Bay", "Palo Alto"), ("MA", "Boston", "Waltham"), ("NY", "New York", "New York"))


def tiny_export(seed: int = 0, companies: int = 360, investors: int = 24) -> Export:
    """Companies first funded over four years, the last of them after the date; two organisations each, some again."""
    rng = np.random.default_rng(seed)
    sector = rng.integers(0, len(SECTORS), companies)
    place = rng.integers(0, len(PLACES), companies)
    taste = [(number % len(SECTORS), number % len(PLACES)) for number in range(investors)]
    edges = []
    for company in range(companies):
        fit = np.array([(1 + 9 * (s == sector[company])) * (1 + 6 * (p == place[company])) for s, p in taste], float)
        first = date(2008, 7, 1) + timedelta(days=int(company / companies * 4 * 365))
        chosen = rng.choice(investors, size=4, replace=False, p=fit / fit.sum())
        for number, investor in enumerate(chosen):
            day = first + timedelta(days=0 if number < 2 else 330)
            edges.append((company, investor, "series-a" if number < 2 else "series-b", day))
    return Export(
        [_edge(*edge) for edge in edges],
        [_company(number, SECTORS[sector[number]], PLACES[place[number]]) for number in range(companies)],
        [_investor(number, PLACES[taste[number][1]]) for number in range(investors)],
    )


def _edge(company: int, investor: int, kind: str, day: date) -> dict[str, str]:
    return {
        "company_permalink": f"/c/{company:03d}",
        "investor_permalink": f"/i/{investor:02d}",
        "funding_round_type": kind,
        "funded_at": day.isoformat(),
        "raised_amount_usd": "1000000",
    }


def _company(number: int, sector: str, place: tuple[str, str, str]) -> dict[str, str]:
    return {
        "company_permalink": f"/c/{number:03d}",
        "company_name": f"Company {number}",
        "company_category_code": sector,
        "company_state_code": place[0],
        "company_region": place[1],
        "company_city": place[2],
        "funding_rounds": str(number % 4),  # a snapshot column, as the full export has them
        "status": "operating",
    }


def _investor(number: int, place: tuple[str, str, str]) -> dict[str, str]:
    return {
        "investor_permalink": f"/i/{number:02d}",
        "investor_name": f"Fund {number}",
        "investor_category_code": "",
        "investor_country_code": "USA",
        "investor_state_code": place[0],
        "investor_region": place[1],
        "invested_companies": str(number),
    }
