"""One ledger of the bundled documents for all tests that only read it, made without Prefect."""

import os
from pathlib import Path

import pytest

from flows.commands.job import BUNDLED_NOW
from flows.editions import store_edition
from flows.loopback import serve_documents
from flows.plan import Ingested, Plan
from flows.steps import collect_source, read_documents, settle_deals, sources_of, unread
from megawatch.resources import bundled
from megawatch.settings import read_settings


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the settings, or writes into the home, of whoever runs the suite."""
    for variable in [name for name in os.environ if name.startswith("MEGAWATCH_")]:
        monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MEGAWATCH_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture(scope="session")
def bundled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose ledger holds the bundled documents; tests read it and write nothing into it."""
    home, fixtures = tmp_path_factory.mktemp("bundled"), bundled("fixtures")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEGAWATCH_HOME", str(home))
        with serve_documents(fixtures) as mirror:
            plan = Plan(sources=str(fixtures / "sources"), mirror=mirror, now=BUNDLED_NOW, clock="published")
            sources = [spec.id for spec in sources_of(plan, read_settings())]
            found = sum((collect_source(source, plan) for source in sources), Ingested())
        assert found.problems == ()
        assert read_documents(unread(plan), plan).problems == ()
        settle_deals()
        assert store_edition().problems == ()
    return home


@pytest.fixture
def use_bundled(bundled_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings point at the shared home."""
    monkeypatch.setenv("MEGAWATCH_HOME", str(bundled_home))
    return bundled_home
