"""Take the screenshots of the documentation: ``python tests/browser/screenshots.py [FOLDER] [STORE]``.

Without a store the fictional sample is imported and matched first, with the default encoder. With ``--every`` each page
of each role of the open demonstration is taken at three widths in both languages instead, to be looked at.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serving import chromium, served, settle, wait_until_drawn

from app.accounts.account import Account
from app.accounts.book import add_account
from app.accounts.file import AccountsFile
from app.commands.demo import import_sample
from app.dashboard.roles import DEMONSTRATED, ROLES
from app.dashboard.viewing import all_views
from app.system import open_system
from app.wording import LANGUAGES
from data.sample.generator import AS_OF

HERE = Path(__file__).parents[2] / "docs" / "images"
LARGEST = 300_000
"""Bytes of one picture of the documentation."""
WIDTHS = {1440: 1100, 768: 1024, 390: 844}
"""Heights by width, in pixels."""
FULL_TEXT = "全文与依据"
CARD = '[class*="st-key-go_"] button'
FUND = "role=fund&inst=SAMPLE-I001"
SHOTS = {
    "fund": (FUND, (1440, 1020)),
    "fulltext": (FUND, (1440, 1020)),
    "search": (f"{FUND}&view=search&q=储能电池", (1440, 1020)),
    "compare": (f"{FUND}&view=compare&cmp=SAMPLE-P0003,SAMPLE-P0010,SAMPLE-P0020", (1440, 1020)),
    "chain": (f"{FUND}&view=chain", (1440, 1020)),
    "park": ("role=park&view=hosting&inst=SAMPLE-I059", (1440, 1020)),
    "organizer": ("role=organizer&view=overview&channel=financing", (1440, 860)),
    "standing": ("role=organizer&view=standing&channel=placement", (1440, 860)),
    "funnel": ("role=organizer&view=funnel&channel=financing", (1440, 1020)),
    "phone": (FUND, (390, 844)),
    "why-en": ("role=organizer&view=by_institution&channel=challenge&lang=en", (1440, 1020)),
}
"""Address and size of each picture of the documentation."""


def pages() -> Iterator[tuple[str, str]]:
    """Name and address of every page of the open demonstration, with the first role that has it."""
    for name, view in all_views().items():
        role = next((one for one in DEMONSTRATED if {*ROLES[one].kinds, one} & set(view.roles)), "")
        if role:
            yield f"{role}-{name}", f"role={role}&view={name}&q=储能电池"


def take(browser: Any, address: str, path: Path, size: tuple[int, int]) -> int:
    """Write one picture and give its size in bytes."""
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
    page.set_default_timeout(120_000)
    page.goto(address)
    settle(page)
    if "fulltext" in path.name:
        page.locator(CARD).nth(2).click()
        page.wait_for_url("**project=*")
        settle(page)
        page.get_by_role("tab", name=FULL_TEXT).click()
        wait_until_drawn(page)
    page.wait_for_timeout(800)  # charts paint after the script has ended
    page.screenshot(path=str(path))
    page.close()
    size_of = path.stat().st_size
    print(f"{path}: {size_of:,} bytes")
    return size_of


def document(browser: Any, address: str, folder: Path) -> None:
    """Every picture of the documentation; one that is too large is an error."""
    for name, (query, size) in SHOTS.items():
        path = folder / f"dashboard-{name}.png"
        if take(browser, f"{address}/?{query}", path, size) > LARGEST:
            raise SystemExit(f"{path} is larger than {LARGEST:,} bytes")


def every(browser: Any, address: str, folder: Path) -> None:
    """Every page at every width in every language."""
    for name, query in pages():
        for width, height in WIDTHS.items():
            for language in LANGUAGES:
                path = folder / f"{name}-{width}-{language}.png"
                take(browser, f"{address}/?{query}&lang={language}", path, (width, height))


def login(browser: Any, store: Path, work: Path, folder: Path) -> None:
    """The page on which people log in: it exists once there is an account."""
    add_account(AccountsFile.beside(store), Account("someone", "organizer"), "right horse 9", actor="screenshots")
    with served({"DUIJIE_STORE": str(store)}, work / "login.log") as address:
        page = browser.new_page(viewport={"width": 1440, "height": 860}, locale="zh-CN")
        page.goto(address)
        page.wait_for_selector("#name")
        page.screenshot(path=str(folder / "dashboard-login.png"))
        page.close()


def main() -> None:
    """Serve a store and take the pictures."""
    parser = argparse.ArgumentParser(description="Take the screenshots of the documentation.")
    parser.add_argument("folder", nargs="?", type=Path, default=HERE)
    parser.add_argument("store", nargs="?", type=Path)
    parser.add_argument("--every", action="store_true", help="every page at three widths in both languages")
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, chromium() as browser:
        store = told.store or Path(work) / "sample.duckdb"
        if not store.exists():
            system = open_system(store)
            import_sample(system, seed=7)
            system.match(as_of=AS_OF)
        with served({"DUIJIE_STORE": str(store)}, Path(work) / "server.log") as address:
            (every if told.every else document)(browser, address, told.folder)
        if not told.every and not told.store:  # nobody's own store gets an account
            login(browser, store, Path(work), told.folder)


if __name__ == "__main__":
    main()
