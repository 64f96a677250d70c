"""The ledger in Datasette: what is shown, under which words, and within which limits. Reading only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datasette.app import Datasette

LIMITS = {
    "default_page_size": 50,
    "max_returned_rows": 2000,
    "sql_time_limit_ms": 3000,
    "facet_time_limit_ms": 1000,
    "allow_download": False,
    "num_sql_threads": 4,
    "suggest_facets": False,
}
DESCRIPTIONS = {
    "deals": "One row a deal, as known now. Amounts in US dollars, power in megawatts.",
    "deal_history": "Every value of every deal, with the days from and until which it was believed.",
    "terms": "One row a field of a deal: value, range, how it came to be, or why there is none.",
    "claims": "What one document states, word for word, with its place in the text.",
    "mentions": "A deal as one document tells it.",
    "documents": "The articles, releases and filings that were read.",
    "organizations": "The companies, with the names under which documents know them.",
    "prices": "Market prices of a GPU-hour, of no one deal.",
}
QUERIES = {
    "implied_rates": {
        "title": "Implied US dollars per GPU-hour",
        "sql": "select supplier, customer, gpu_model, implied_usd_per_gpu_hour, implied_usd_per_gpu_hour_low, "
        "implied_usd_per_gpu_hour_high, start_date from deals where implied_usd_per_gpu_hour is not null "
        "order by implied_usd_per_gpu_hour desc",
    },
    "leases": {
        "title": "Leases by US dollars per kilowatt and month",
        "sql": "select supplier, customer, site, power_mw, usd_per_kw_month, usd_per_mw_year, start_date from deals "
        "where kind = 'lease' order by power_mw desc",
    },
    "contradictions": {
        "title": "Deals whose figures cannot all hold",
        "sql": "select supplier, customer, kind, contradictions, documents from deals where contradictions > 0 "
        "order by contradictions desc",
    },
}


def make_app(ledger: Path) -> Any:
    """The ASGI application that shows one SQLite ledger; its files are opened for reading alone."""
    name = ledger.stem
    metadata = {
        "title": "Megawatch",
        "description": "A ledger of AI compute deals in which every figure leads back to the sentence that states it.",
        "license": "CC BY 4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "databases": {
            name: {
                "tables": {table: {"description": text} for table, text in DESCRIPTIONS.items()},
                "queries": QUERIES,
            }
        },
    }
    return Datasette(files=[str(ledger)], metadata=metadata, settings=LIMITS).app()
