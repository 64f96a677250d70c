from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from megawatch.briefs.tokens import read_address, sign_address
from megawatch.briefs.unsubscribe import make_app
from megawatch.ledger import open_ledger
from megawatch.ledger.deliveries import Subscribers
from megawatch.market import Subscriber

KEY = "a secret of this test"
READER = "reader@desk.example"
TOKEN = sign_address(READER, key=KEY)


@pytest.fixture
def removed() -> list[str]:
    return []


@pytest.fixture
def client(removed: list[str]) -> TestClient:
    def remove(address: str) -> bool:
        removed.append(address)
        return True

    return TestClient(make_app(key=KEY, remove=remove), follow_redirects=False)


def test_looking_changes_nothing_and_shows_a_button(client: TestClient, removed: list[str]) -> None:
    for method in ("GET", "HEAD"):
        answer = client.request(method, f"/unsubscribe/{TOKEN}")
        assert answer.status_code == 200
    page = client.get(f"/unsubscribe/{TOKEN}").text
    assert '<form method="post"><button type="submit">Unsubscribe</button></form>' in page
    assert READER not in page
    assert removed == []


def test_one_click_unsubscribes_without_a_redirect(client: TestClient, removed: list[str]) -> None:
    answer = client.post(f"/unsubscribe/{TOKEN}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert removed == [READER]
    assert "You are unsubscribed" in answer.text


def test_the_button_unsubscribes_too_and_twice_is_as_good_as_once(client: TestClient, removed: list[str]) -> None:
    for _ in range(2):
        assert client.post(f"/unsubscribe/{TOKEN}").status_code == 200
    assert removed == [READER, READER]


@pytest.mark.parametrize(
    "token",
    [
        TOKEN[:-1],
        TOKEN + "A",
        TOKEN.split(".")[0],
        "." + TOKEN.split(".")[1],
        sign_address("other@desk.example", key=KEY).split(".")[0] + "." + TOKEN.split(".")[1],
        sign_address(READER, key="another secret!!"),
        "%00",
        "a.b.c",
        "é.ü",
    ],
)
def test_a_token_that_is_not_ours_unsubscribes_nobody(token: str, client: TestClient, removed: list[str]) -> None:
    assert client.post(f"/unsubscribe/{token}").status_code == 404
    assert client.get(f"/unsubscribe/{token}").status_code == 404
    assert removed == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(method: str, client: TestClient, removed: list[str]) -> None:
    assert client.request(method, f"/unsubscribe/{TOKEN}").status_code == 405
    assert removed == []


def test_pages_are_private_and_cannot_be_framed(client: TestClient) -> None:
    headers = client.get(f"/unsubscribe/{TOKEN}").headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"


def test_a_ledger_that_fails_answers_500_so_that_it_is_tried_again() -> None:
    def remove(address: str) -> bool:
        raise OSError("disk")

    client = TestClient(make_app(key=KEY, remove=remove), raise_server_exceptions=False)
    assert client.post(f"/unsubscribe/{TOKEN}").status_code == 500


def test_the_ledger_ends_the_subscription(tmp_path: Path) -> None:
    subscribers = Subscribers(open_ledger(tmp_path / "ledger.db"))
    subscribers.add(Subscriber(address=READER, since="2026-05-01T00:00:00Z"))
    app = make_app(key=KEY, remove=lambda address: subscribers.remove(address, at="2026-05-25T09:00:00Z"))
    TestClient(app).post(f"/unsubscribe/{TOKEN}")
    assert subscribers.active() == ()


def test_the_archive_is_served_beside_it(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>all editions</p>")
    (tmp_path.parent / "secret.txt").write_text("secret")
    client = TestClient(make_app(key=KEY, remove=lambda address: True, archive=tmp_path))
    assert "all editions" in client.get("/").text
    assert client.get("/..%2fsecret.txt").status_code == 404
    assert client.get(f"/unsubscribe/{TOKEN}").status_code == 200


def test_tokens_are_for_one_address_and_one_key() -> None:
    assert read_address(TOKEN, key=KEY) == READER
    assert read_address(TOKEN, key=KEY + "x") is None
