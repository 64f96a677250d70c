"""The ledger in a browser: what each page says, and that hostile use is refused or harmless."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import uvicorn
from ledger_texts import keep, read_gold, tell

from flows.web import make_app
from megawatch.ledger import Ledger, open_ledger
from megawatch.ledger.reconcile import settle
from megawatch.ledger.sheets import read_sheets

SCRIPT = "<script>alert(1)</script> Compute"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "briefs").mkdir()
    (folder / "briefs" / "index.html").write_text("<h1>All editions</h1>", encoding="utf-8")
    (folder / "secret.txt").write_text("not for the web", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def ledger(home: Path) -> Iterator[Ledger]:
    with open_ledger(home / "ledger.db") as opened:
        for one in read_gold():
            keep(opened, one)
        settle(opened)
        yield opened


@pytest.fixture(scope="module")
def site(ledger: Ledger, home: Path) -> Iterator[str]:
    app = make_app(ledger, home=home, archive=home / "briefs")
    with socket.create_server(("127.0.0.1", 0)) as sock:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def _get(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.status, answer.read().decode("utf-8")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


def _deal_id(ledger: Ledger, supplier: str) -> str:
    found = ledger.query(f"select deal_id from deals where supplier like '{supplier}%'").rows[0][0]
    assert isinstance(found, str)
    return found


def _sql(site: str, sql: str) -> tuple[int, str]:
    return _get(f"{site}/ledger.json?{urlencode({'sql': sql, '_shape': 'array'})}")


def test_start_page_counts_deals_and_leads_on(site: str, ledger: Ledger) -> None:
    status, page = _get(f"{site}/")
    assert status == 200
    assert "26 deals from 43 documents" in page.replace("\xa0", " ")
    assert f'href="/deals/{_deal_id(ledger, "SpaceX")}"' in page


def test_deal_page_marks_the_quote_in_its_sentence_and_shows_the_rival(site: str, ledger: Ledger) -> None:
    status, page = _get(f"{site}/deals/{_deal_id(ledger, 'SpaceX')}")
    page = page.replace("\xa0", " ")
    assert status == 200
    assert "$7.78, at most $8.00 a GPU-hour" in page
    assert "under <mark>a five-year contract</mark> (through May 2029)" in page
    assert "Rival: 5 years." in page
    assert "not applicable: a compute price covers chips and service, not space alone" in page
    assert '<th scope="row">2027</th><td class="n">$15 bn</td><td class="n">$25 bn</td>' in page


def test_deal_page_as_of_an_earlier_day_leaves_out_what_came_later(site: str, ledger: Ledger) -> None:
    deal_id = _deal_id(ledger, "SpaceX")
    page = _get(f"{site}/deals/{deal_id}?as_of=2026-05-08")[1].replace("\xa0", " ")
    assert "five-year" not in page
    assert "as known on 8 May 2026" in page
    assert _get(f"{site}/deals/{deal_id}?as_of=2026-01-01")[0] == 404


def test_unknown_deal_and_malformed_day_are_answered_plainly(site: str, ledger: Ledger) -> None:
    status, page = _get(f"{site}/deals/0000000000000000")
    assert (status, "No deal has the id 0000000000000000" in page) == (404, True)
    assert _get(f"{site}/deals/{_deal_id(ledger, 'SpaceX')}?as_of=yesterday")[0] == 404


def test_search_finds_the_sentence_that_states_a_figure(site: str) -> None:
    page = _get(f"{site}/search?q={quote('fuel cell')}")[1]
    assert "Nebius" in page
    assert "Nothing in the ledger holds these words" in _get(f"{site}/search?q=zeppelin")[1]


def test_search_takes_in_what_was_recorded_since(site: str, ledger: Ledger) -> None:
    assert "Quorl" not in _get(f"{site}/search?q=Quorl")[1].split("<main>")[1].replace('value="Quorl"', "")
    facts = {"kind": "lease", "supplier": ("Quorl",), "customer": (SCRIPT,), "power_mw": "40"}
    keep(ledger, tell(facts, published="2026-05-24", title=f"Quorl and {SCRIPT}"))
    settle(ledger)
    page = _get(f"{site}/search?q=Quorl")[1]
    assert "Quorl and &lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("sheet", read_sheets(), ids=lambda sheet: sheet.name)
def test_each_sheet_is_a_page_and_a_csv(site: str, sheet: object) -> None:
    from flows.web.metadata import sheet_address

    address = sheet_address(sheet).partition("#")[0]  # type: ignore[arg-type]
    status, page = _get(site + address)
    assert (status, escape(sheet.title) in page.replace("&#39;", "&#x27;")) == (200, True)  # type: ignore[attr-defined]
    status, csv = _get(site + sheet_address(sheet, form="csv"))  # type: ignore[arg-type]
    assert status == 200
    assert csv.splitlines()[0].count(",") >= 3


def test_tables_carry_titles_units_and_facets(site: str) -> None:
    page = _get(f"{site}/ledger/deals")[1]
    assert "Deals" in page
    assert "Unit: USD per MW-year." in page
    facets = json.loads(_get(f"{site}/ledger/deals.json?_size=1")[1])["facet_results"]
    assert set(facets) == {"kind", "status", "supplier", "customer", "month"}


def test_briefs_stand_beside_the_ledger(site: str) -> None:
    assert "All editions" in _get(f"{site}/briefs/")[1]


@pytest.mark.parametrize(
    "sql",
    [
        "delete from deal_rows",
        "insert into deal_rows select * from deal_rows",
        "drop table deal_rows",
        "attach database '/etc/passwd' as x",
        "pragma writable_schema = 1",
        "select load_extension('x')",
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
        "select count(*) from claim_rows a, claim_rows b, claim_rows c, claim_rows d, claim_rows e",
        "vacuum into '/tmp/stolen.db'",
    ],
)
def test_hostile_sql_is_refused_and_the_server_stays_up(site: str, ledger: Ledger, sql: str) -> None:
    before = ledger.query("select count(*) from deals").rows
    status, _ = _sql(site, sql)
    assert status == 400
    assert ledger.query("select count(*) from deals").rows == before
    assert _get(f"{site}/")[0] == 200


@pytest.mark.parametrize(
    "path", ["/briefs/../secret.txt", "/briefs/%2e%2e/secret.txt", "/dress/..%2f..%2fpyproject.toml"]
)
def test_paths_do_not_leave_their_folder(site: str, path: str) -> None:
    host, port = site.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(f"GET {path} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert b" 404 " in answer.split(b"\r\n")[0]
    assert b"not for the web" not in answer


def test_html_in_a_name_is_shown_as_text(site: str, ledger: Ledger) -> None:
    for place in ("/", "/ledger/deals", f"/deals/{_deal_id(ledger, 'Quorl')}"):
        page = _get(site + place)[1]
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


def _browser() -> object:
    missing = shutil.which("chromium") is None or shutil.which("chromedriver") is None
    if missing and not os.environ.get("REQUIRE_CHROMIUM"):
        pytest.skip("Chromium and its driver are not installed")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for flag in ("headless=new", "no-sandbox", "disable-gpu", "disable-background-networking", "no-first-run"):
        options.add_argument(f"--{flag}")
    options.add_argument("--disable-component-update")
    options.add_argument("--disable-sync")
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))


def test_pages_fit_a_phone_and_a_sheet_draws_its_chart(site: str, ledger: Ledger) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    from flows.web.metadata import sheet_address
    from megawatch.ledger.sheets import get_sheet

    driver = _browser()
    try:
        driver.execute_cdp_cmd(  # type: ignore[attr-defined]
            "Emulation.setDeviceMetricsOverride",
            {"width": 320, "height": 800, "deviceScaleFactor": 1, "mobile": True},
        )
        for place in ("/", f"/deals/{_deal_id(ledger, 'SpaceX')}", "/search?q=lease", "/sheets"):
            driver.get(site + place)  # type: ignore[attr-defined]
            wide = driver.execute_script("return document.documentElement.scrollWidth")  # type: ignore[attr-defined]
            assert wide <= 320, place
        driver.get(site + sheet_address(get_sheet("leases")))  # type: ignore[attr-defined]
        drawn = WebDriverWait(driver, 20).until(  # type: ignore[type-var]
            lambda page: page.find_elements(
                By.CSS_SELECTOR, "#vis canvas, #vis svg, .vega-embed canvas, .vega-embed svg"
            )
        )
        assert len(drawn) == 1
    finally:
        driver.quit()  # type: ignore[attr-defined]
