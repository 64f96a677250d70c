from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from flows.loopback import hosts_of, serve_documents
from megawatch.resources import bundled


def test_every_bundled_host_is_served_under_its_own_prefix() -> None:
    folder = bundled("fixtures")
    with serve_documents(folder) as mirror:
        assert {address.removeprefix("https://") for address in mirror} == set(hosts_of(folder))
        with urlopen(mirror["https://wiredesk.example"] + "/feed.xml") as answer:
            assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
            assert answer.read() == (folder / "feeds/wiredesk.example/feed.xml").read_bytes()
        with urlopen(mirror["https://tideline.example"] + "/fixings/") as answer:
            assert b"All fixings" in answer.read()


def test_a_page_that_did_not_change_is_not_sent_again() -> None:
    with serve_documents(bundled("fixtures")) as mirror:
        address = mirror["https://cobaltstack.example"] + "/pricing.html"
        with urlopen(address) as answer:
            seen = answer.headers["Last-Modified"]
        with pytest.raises(HTTPError) as caught:
            urlopen(Request(address, headers={"If-Modified-Since": seen}))
        assert caught.value.code == 304


@pytest.mark.parametrize("path", ["/nowhere.html", "/../../README.md", "/%2e%2e/%2e%2e/%2e%2e/README.md"])
def test_nothing_outside_the_shelves_is_served(tmp_path: Path, path: str) -> None:
    with serve_documents(bundled("fixtures")) as mirror:
        with pytest.raises(HTTPError) as caught:
            urlopen(mirror["https://wiredesk.example"] + path)
        assert caught.value.code == 404
