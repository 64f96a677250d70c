"""Editions in a real Chromium: what a person sees, at three widths, by day and by night, and what axe-core hears."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_selenium_python
import pytest
from hostile import hostile_ledger
from market_of_may import AS_OF, WEEK, MemoryLedger, may_ledger

from megawatch.briefs.archive import write_archive
from megawatch.briefs.render import Rendered, fill, image_id, render
from megawatch.briefs.view import Brief, build_brief

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
REQUIRED = os.environ.get("REQUIRE_CHROMIUM") == "1"
AXE = next((Path(axe_selenium_python.__file__).parent / "node_modules").rglob("axe.min.js"))
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars"
).split()

pytestmark = [
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER) and not REQUIRED, reason="chromium and chromium-driver (Debian) are not installed"
    ),
    pytest.mark.timeout(240),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    assert CHROMIUM, "chromium is required here: apt-get install chromium"
    assert DRIVER, "chromedriver is required here: apt-get install chromium-driver"
    with tempfile.TemporaryDirectory() as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        try:
            yield driver
        finally:
            driver.quit()


@pytest.fixture(scope="module")
def pages(brief: Brief, rendered: Rendered, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    empty = render(build_brief(MemoryLedger(), week=WEEK, as_of=AS_OF))
    hostile = render(build_brief(hostile_ledger(), week=WEEK, as_of=AS_OF))
    made = {
        "mail": write_mail(rendered, folder / "mail"),
        "empty mail": write_mail(empty, folder / "empty"),
        "hostile mail": write_mail(hostile, folder / "hostile"),
        "hostile page": folder / "hostile.html",
    }
    made["hostile page"].write_text(hostile.page, encoding="utf-8")
    write_archive(brief, folder / "archive", ledger=may_ledger())
    made["page"] = folder / "archive" / "editions" / "2026-W21.html"
    made["deal"] = folder / "archive" / "deals" / "deal-spacex-anthropic.html"
    made["index"] = folder / "archive" / "index.html"
    for state in ("ask", "done"):
        made[f"unsubscribe {state}"] = folder / f"{state}.html"
        made[f"unsubscribe {state}"].write_text(fill("unsubscribe.html.j2", {"state": state}), encoding="utf-8")
    return made


def write_mail(rendered: Rendered, folder: Path) -> Path:
    """The mail's HTML as a mail program shows it: its images beside it."""
    folder.mkdir()
    html = rendered.html
    for image in rendered.images:
        for dress, data in (("light", image.light), ("dark", image.dark)):
            (folder / f"{image.name}-{dress}.png").write_bytes(data)
            html = html.replace(f"cid:{image_id(rendered.edition, image.name, dress)}", f"{image.name}-{dress}.png")
    path = folder / "mail.html"
    path.write_text(html, encoding="utf-8")
    return path


def show(browser: Any, path: Path, *, width: int, dark: bool = False) -> None:
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(path.as_uri())


def audit(browser: Any) -> list[str]:
    """The serious and critical violations that axe-core finds, each with its first place."""
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    results = browser.execute_async_script("axe.run(document).then(arguments[arguments.length - 1])")
    return [
        f"{found['id']}: {found['help']} at {found['nodes'][0]['html'][:160]}"
        for found in results["violations"]
        if found["impact"] in ("serious", "critical")
    ]


NAMES = (
    "mail",
    "empty mail",
    "hostile mail",
    "page",
    "hostile page",
    "deal",
    "index",
    "unsubscribe ask",
    "unsubscribe done",
)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_serious(name: str, dark: bool, browser: Any, pages: dict[str, Path]) -> None:
    show(browser, pages[name], width=700, dark=dark)
    assert audit(browser) == []


@pytest.mark.parametrize("width", [320, 375, 700])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_scrolls_sideways(name: str, width: int, browser: Any, pages: dict[str, Path]) -> None:
    show(browser, pages[name], width=width)
    seen = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert seen[0] <= seen[1] == width


@pytest.mark.parametrize("name", ["hostile mail", "hostile page"])
def test_hostile_text_runs_nothing(name: str, browser: Any, pages: dict[str, Path]) -> None:
    show(browser, pages[name], width=700)
    state = browser.execute_script(
        "return [document.scripts.length, document.querySelectorAll('[onerror],[onclick],iframe,object').length,"
        " getComputedStyle(document.body).display]"
    )
    assert state == [0, 0, "block"]


def test_the_chart_of_the_time_of_day_is_shown(browser: Any, pages: dict[str, Path]) -> None:
    script = """return [...document.querySelectorAll('img')].map(
        image => [image.getAttribute('src'), image.naturalWidth > 0, image.getClientRects().length > 0])"""
    for dark, shown in ((False, "light"), (True, "dark")):
        show(browser, pages["mail"], width=700, dark=dark)
        for source, loaded, visible in browser.execute_script(script):
            assert loaded
            assert visible == (f"-{shown}" in source)


def test_the_column_is_six_hundred_wide(browser: Any, pages: dict[str, Path]) -> None:
    show(browser, pages["mail"], width=900)
    assert browser.execute_script("return document.querySelector('.column').offsetWidth") == 600
