"""Take the screenshots of the documentation: ``python tests/browser/screenshots.py [FOLDER] [STORE]``.

Without a store the fictional sample is imported and matched first, with the default encoder.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from serving import chromium, served, settle

from app.commands.demo import import_sample
from app.system import open_system
from data.sample.generator import AS_OF

HERE = Path(__file__).parents[2] / "docs" / "images"
LARGEST = 300_000
"""Bytes of one picture."""
SHOTS = {
    "fund": ("role=fund&inst=SAMPLE-I001", (1440, 1020)),
    "organizer": ("role=organizer&view=overview&channel=financing", (1440, 860)),
    "why-en": ("role=organizer&view=by_institution&channel=challenge&lang=en", (1440, 1020)),
}


def take(browser: Any, address: str, folder: Path) -> None:
    """Write every picture; a picture that is too large is an error."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (query, (width, height)) in SHOTS.items():
        page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
        page.set_default_timeout(120_000)
        page.goto(f"{address}/?{query}")
        settle(page)
        page.wait_for_timeout(800)  # charts paint after the script has ended
        path = folder / f"dashboard-{name}.png"
        page.screenshot(path=str(path))
        page.close()
        size = path.stat().st_size
        print(f"{path}: {size:,} bytes")
        if size > LARGEST:
            raise SystemExit(f"{path} is larger than {LARGEST:,} bytes")


def main() -> None:
    """Serve a store and take the pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    with tempfile.TemporaryDirectory() as work:
        store = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(work) / "sample.duckdb"
        if not store.exists():
            system = open_system(store)
            import_sample(system, seed=7)
            system.match(as_of=AS_OF)
        with served({"DUIJIE_STORE": str(store)}, Path(work) / "server.log") as address, chromium() as browser:
            take(browser, address, folder)


if __name__ == "__main__":
    main()
