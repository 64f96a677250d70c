from __future__ import annotations

from pathlib import Path

import pytest
from gold_ledger import build_gold_ledger
from market_of_may import AS_OF, WEEK, may_ledger

from megawatch.briefs.render import Rendered, render
from megawatch.briefs.view import Brief, build_brief
from megawatch.ledger.open import Ledger

BASE_URL = "https://brief.example"


@pytest.fixture(scope="session")
def brief() -> Brief:
    return build_brief(may_ledger(), week=WEEK, as_of=AS_OF)


@pytest.fixture(scope="session")
def rendered(brief: Brief) -> Rendered:
    return render(brief, base_url=BASE_URL)


@pytest.fixture(scope="session")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return build_gold_ledger(Path(tmp_path_factory.mktemp("gold")) / "ledger.db")
