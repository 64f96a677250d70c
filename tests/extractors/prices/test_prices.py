"""Market prices as a person reads them off lists, tables, prose and talk; deal rates are none of them."""

import re
from decimal import Decimal

import pytest

from extractors.parties import find_parties
from extractors.patterns import read_patterns
from extractors.prices import find_prices
from extractors.reading import read_document
from megawatch.market import Document, PriceMention


def prices(text: str, *, title: str = "", publisher: str = "") -> tuple[PriceMention, ...]:
    document = Document(id="d", title=title, text=text, published="2026-06-11", publisher=publisher)
    reading = read_document(document)
    found = find_prices(reading, parties=find_parties(reading))
    assert all(price.evidence.holds_in(document) for price in found)
    assert [price.position for price in found] == list(range(len(found)))
    return found


def told(text: str, *, title: str = "", publisher: str = "") -> list[tuple[str, str | None, str, str, str]]:
    return [
        (p.gpu_model, p.provider, p.market, str(p.low_usd_per_gpu_hour), str(p.high_usd_per_gpu_hour))
        for p in prices(text, title=title, publisher=publisher)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Spot H100s changed hands at about $1.62 an hour.", ("H100", None, "spot", "1.62", "1.62")),
        ("RunPod wants $1.84 an hour for an H100 on demand.", ("H100", "RunPod", "on_demand", "1.84", "1.84")),
        ("One-year H200 reservations go for $2.30 to $2.55 an hour.", ("H200", None, "reserved", "2.30", "2.55")),
        ("The median H100 price was $2.03 per GPU-hour.", ("H100", None, "index", "2.03", "2.03")),
        ("An A100 hour is to be had for 79 cents, spot.", ("A100", None, "spot", "0.79", "0.79")),
        ("Spot H200s went as low as $1.72 an hour and as high as $2.10.", ("H200", None, "spot", "1.72", "2.10")),
    ],
)
def test_prices_in_prose(text: str, expected: tuple[str, str | None, str, str, str]) -> None:
    assert told(text) == [expected]


def test_one_price_for_two_models() -> None:
    text = "On the spot market H200s and B200s cost $6 to $7 an hour."
    assert [(p.gpu_model, p.high_usd_per_gpu_hour) for p in prices(text)] == [("H200", 7), ("B200", 7)]


def test_amounts_answer_to_the_models_behind_them() -> None:
    text = "Today's spot rates start at $1.35 an hour for H100 SXM and $0.42 for L40S."
    assert [(p.gpu_model, p.low_usd_per_gpu_hour) for p in prices(text)] == [
        ("H100", Decimal("1.35")),
        ("L40S", Decimal("0.42")),
    ]


def test_models_joined_behind_an_amount_share_it() -> None:
    text = "Spot prices are approximately $3 for H100, and around $6–$7 for H200/B200, a GPU-hour."
    assert [(p.gpu_model, p.low_usd_per_gpu_hour, p.high_usd_per_gpu_hour) for p in prices(text)] == [
        ("H100", 3, 3),
        ("H200", 6, 7),
        ("B200", 6, 7),
    ]


def test_a_model_that_leads_to_the_next_amount_is_priced_by_that() -> None:
    text = "Spot rates per GPU-hour: $3 for H100, B200 at $6."
    assert [(p.gpu_model, p.low_usd_per_gpu_hour) for p in prices(text)] == [("H100", 3), ("B200", 6)]


def test_a_row_of_models_answers_to_a_row_of_amounts() -> None:
    text = "On the spot market H100s, H200s and B200s cost $2.10, $2.90 and $5.05 per GPU-hour, respectively."
    assert [(p.gpu_model, p.low_usd_per_gpu_hour) for p in prices(text)] == [
        ("H100", Decimal("2.10")),
        ("H200", Decimal("2.90")),
        ("B200", Decimal("5.05")),
    ]


def test_the_level_before_a_move_is_a_price_too() -> None:
    text = "The on-demand H100 rate fell from $2.79 to $2.29 per GPU-hour."
    assert [p.low_usd_per_gpu_hour for p in prices(text)] == [Decimal("2.79"), Decimal("2.29")]


TABLE = """GPU pricing

All prices in US dollars per GPU per hour.

GPU                   VRAM     On-demand    12-month reserved
NVIDIA B200 SXM       180 GB   $5.49        $3.89
AMD MI300X            192 GB   $2.49        n/a
NVIDIA L40S            48 GB   n/a          $0.79
"""


def test_an_aligned_table_keeps_rows_and_columns() -> None:
    assert told(TABLE, title="Pricing | Larkspur Cloud", publisher="Larkspur Cloud") == [
        ("B200", "Larkspur Cloud", "on_demand", "5.49", "5.49"),
        ("B200", "Larkspur Cloud", "reserved", "3.89", "3.89"),
        ("MI300X", "Larkspur Cloud", "on_demand", "2.49", "2.49"),
        ("L40S", "Larkspur Cloud", "reserved", "0.79", "0.79"),
    ]


def test_a_piped_table_gives_the_provider_of_each_row() -> None:
    text = (
        "What an H100 costs today, per hour.\n\nProvider | Plan | Per GPU-hour | Eight GPUs\n"
        "RunPod | on demand | $2.79 | $22.32\nVast.ai | spot | $1.52 | $12.16\n"
    )
    assert told(text) == [
        ("H100", "RunPod", "on_demand", "2.79", "2.79"),
        ("H100", "Vast.ai", "spot", "1.52", "1.52"),
    ]


def test_low_and_high_columns_make_one_price() -> None:
    text = (
        "Card-hours in US dollars, interruptible.\n\nMODEL | LOW | HIGH\nH100 SXM | 1.71 | 2.06\nB200 | 3.02 | 3.74\n"
    )
    assert told(text) == [("H100", None, "spot", "1.71", "2.06"), ("B200", None, "spot", "3.02", "3.74")]


def test_a_table_of_deals_gives_no_prices() -> None:
    text = (
        "Customer | Value | Term | Accelerators | Implied $/GPU-hr\n"
        "Oakline | $3.4bn | 5 yrs | 33,600 GB300 | 2.31\nFernwood | $360m | 3 yrs | 6,300 H200 | 2.17\n"
    )
    assert prices(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Oakline reserved 4,096 H200s from Larkspur for three years at $2.45 per GPU-hour.",
        "Divide it out and the contract implies $2.19 per GPU-hour for the GB300s.",
        "We stress at $1.20 an hour for an H200 by year four.",
        "An instance with eight H100s went from $14.61 to $19.80 per hour per node.",
        "It bills about $0.00053 a second on an H100.",
        "H100 hosts pay 7 cents per kWh, and storage costs $0.07 per GB on demand.",
        "The order is worth $210 million, or about $2.80 per GPU-hour for its B300s.",
    ],
)
def test_deal_rates_nodes_seconds_and_break_even_rates_are_no_prices(text: str) -> None:
    assert prices(text) == ()


@pytest.mark.parametrize(
    ("text", "model", "change"),
    [
        ("CoreWeave raised H100 prices by 15%.", "H100", 15),
        ("Lambda has cut the B200 by 8%.", "B200", -8),
        ("Vultr took 5% off its MI300X rate.", "MI300X", -5),
        ("Nebius took its B300 up by 8%.", "B300", 8),
        ("B200 spot rates surged 24% in March.", "B200", 24),
    ],
)
def test_a_move_without_a_level(text: str, model: str, change: int) -> None:
    (price,) = prices(text)
    assert (price.gpu_model, price.change_percent, price.low_usd_per_gpu_hour) == (model, change, None)


def test_a_move_beside_its_level_is_not_told_twice() -> None:
    assert [p.change_percent for p in prices("RunPod raised the H100 by 10% to $2.79 an hour on demand.")] == [None]


def test_discounts_and_shares_are_no_moves() -> None:
    assert (
        prices("Shares rose 14% after H100 utilization climbed 5%. Commit for a year and H200s get 20% discount.") == ()
    )


def test_rates_in_other_currencies_are_skipped() -> None:
    assert prices("An H100 costs ₹115 an hour on demand, or €1.90 an hour in Paris.") == ()


def test_speech_counts_as_well() -> None:
    text = (
        "HOST: what does an hour cost, on demand\n\nGUEST: an H100 is two seventy-nine. the B200 is five and a quarter."
    )
    assert [(p.gpu_model, p.low_usd_per_gpu_hour) for p in prices(text)] == [
        ("H100", Decimal("2.79")),
        ("B200", Decimal("5.25")),
    ]


def test_a_name_beside_a_price_is_the_seller() -> None:
    text = (
        "What an H200 costs by the hour. Pinmoor wants $2.80; Ostravel Grid, $3.05; quillhost.io, still $2.49. "
        "The same card is $2.35 at Barrowmere, who were at $1.95 in May."
    )
    assert [(p.provider, p.low_usd_per_gpu_hour) for p in prices(text)] == [
        ("Pinmoor", Decimal("2.80")),
        ("Ostravel Grid", Decimal("3.05")),
        ("quillhost.io", Decimal("2.49")),
        ("Barrowmere", Decimal("2.35")),
        ("Barrowmere", Decimal("1.95")),
    ]


@pytest.mark.parametrize(
    ("text", "provider"),
    [
        ("Per GPU-hour. Pinmoor took its B300 from $6.80 to $5.90.", "Pinmoor"),
        ("An hour of B300 costs $4.70 at pinmoor. In May pinmoor had none.", "pinmoor"),
        ("Pinmoor's own list shows $3.40 an hour for an H200.", "Pinmoor"),
        ("At Pinmoor you can have an H200 for $1.90 an hour.", "Pinmoor"),
        ("H200 hours, on demand with InfiniBand: $2.40.", None),
        ("Tokyo charges $4.80 an hour for an H200.", None),
    ],
)
def test_sellers_are_told_by_the_words_around_them(text: str, provider: str | None) -> None:
    assert {p.provider for p in prices(text)} == {provider}


def test_it_is_the_seller_named_last() -> None:
    text = "Pinmoor Cloud bought 2,000 H100s, mostly second-hand.\n\nIf you need some, it asks $2.60 an hour on demand."
    assert told(text) == [("H100", "Pinmoor Cloud", "on_demand", "2.60", "2.60")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dollars per GPU-hour: Pinmoor asks 2.45 for an H100.", [("H100", "Pinmoor", "2.45", "2.45")]),
        ("Spot desk. H100: bid 1.98, offered 2.07, quiet.", [("H100", None, "1.98", "2.07")]),
        ("gpu rents this week: h100s cleared between 2.05 and 2.30", [("H100", None, "2.05", "2.30")]),
        ("Rents: h100 at 2.20ish, h200 2.75", [("H100", None, "2.20", "2.20"), ("H200", None, "2.75", "2.75")]),
        (
            "- Pinmoor H100 2.49 reserved 1y, 3y drops to 2.05, per hour",
            [("H100", "Pinmoor", "2.49", "2.49"), ("H100", "Pinmoor", "2.05", "2.05")],
        ),
        ("16x A100, Warsaw, any term, 0.95/h", [("A100", None, "0.95", "0.95")]),
        (
            "Hourly tape. The B200 index closed on Friday at 3.84, from 3.91 a week ago.",
            [("B200", None, "3.84", "3.84"), ("B200", None, "3.91", "3.91")],
        ),
        ("We run H100 clusters at a PUE of 1.25 on demand from users.", []),
        ("Spot is thin. Our H100 hall uses 12.50 MW and CUDA 12.10.", []),
    ],
)
def test_bare_figures_of_traders(text: str, expected: list[tuple[str, str | None, str, str]]) -> None:
    found = [(p.gpu_model, p.provider, str(p.low_usd_per_gpu_hour), str(p.high_usd_per_gpu_hour)) for p in prices(text)]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("For a month of H200 I was told by the hour: lowest $2.60 an hour, highest $4.45.", "2.60", "4.45"),
        ("On-demand MI355X hours run from $2.95 at budget clouds to $5 at the large ones.", "2.95", "5"),
        ("Interruptible H200s go from $2.05 up to $3.40 an hour.", "2.05", "3.40"),
        ("One-year reserved H100s are changing hands between $1.90 and $2.15.", "1.90", "2.15"),
        ("MI300X hours were quoted at $1.95 bid, $2.10 offered on the spot desk.", "1.95", "2.10"),
    ],
)
def test_two_ends_of_one_price(text: str, low: str, high: str) -> None:
    assert [(str(p.low_usd_per_gpu_hour), str(p.high_usd_per_gpu_hour)) for p in prices(text)] == [(low, high)]


def test_brackets_hold_the_month_before_where_the_caption_says_so() -> None:
    table = "Chip | spot | on-demand\nH100 | 1.62 (1.58) | 2.44 (2.37)\nH200 | 2.06 (2.03) | 3.01 (2.98)\n"
    shown = [(p.market, p.low_usd_per_gpu_hour) for p in prices(f"Dollars an hour, May in brackets.\n\n{table}")]
    assert shown[:4] == [
        ("spot", Decimal("1.62")),
        ("spot", Decimal("1.58")),
        ("on_demand", Decimal("2.44")),
        ("on_demand", Decimal("2.37")),
    ]
    assert len(prices(f"Dollars an hour.\n\n{table}")) == 4


def test_a_rate_card_is_its_publisher_s() -> None:
    text = (
        "Pinmoor GPU today publishes new list prices for its Ohio region, in dollars per GPU-hour.\n\n"
        "Model | Spot from | On demand | 1 yr\nA100 | 0.62 | 1.19 | 0.95\nB300 | n/a | 6.75 | 5.40\n"
    )
    found = told(text, title="Rate card: Pinmoor GPU", publisher="Pinmoor GPU")
    assert found == [
        ("A100", "Pinmoor GPU", "spot", "0.62", "0.62"),
        ("A100", "Pinmoor GPU", "on_demand", "1.19", "1.19"),
        ("A100", "Pinmoor GPU", "reserved", "0.95", "0.95"),
        ("B300", "Pinmoor GPU", "on_demand", "6.75", "6.75"),
        ("B300", "Pinmoor GPU", "reserved", "5.40", "5.40"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Divide it out and the fee comes near $2.00 for each H200 GPU-hour.",
        "Hourly H200s. Pinmoor offered an extra fifteen cents for two more years.",
        "The H100 gauge lost ten cents on the hour.",
        "Rents must stay over $1.60 an hour for her H100 loan to work.",
        "Space and power cost about 25 cents per GPU-hour of an H100.",
        "The school committed to use half of the H200s at $1.95 an hour for one year.",
        "I think that the H100 will be below $1.50 an hour by spring.",
    ],
)
def test_reckonings_changes_and_forecasts_are_no_prices(text: str) -> None:
    assert prices(text) == ()


@pytest.mark.parametrize("row", read_patterns("sellers", required=("group", "words", "examples", "not_examples")))
def test_words_of_sellers_fit_their_examples(row: dict[str, list[str]]) -> None:
    words = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, row['words']))})(?!\w)")
    assert all(words.search(example) for example in row["examples"])
    assert not any(words.search(example) for example in row["not_examples"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hourly. The Corvo H100 index lost three cents to $2.11.", [("H100", None, "2.11")]),
        (
            "At AWS, part of Amazon, an H100 is $3.90 an hour; Amazon asked $6.80 in May.",
            [("H100", "AWS", "3.90"), ("H100", "AWS", "6.80")],
        ),
        ("By the hour, A100s are $0.70 spot. A 5090 brings $0.45 on the open boards.", [("A100", None, "0.70")]),
        ("Front-month H100 settled at 2.14 on the compute exchange.", []),
        ("H200s at the usual places now go for $1.95.", [("H200", None, "1.95")]),
    ],
)
def test_levels_of_the_trade(text: str, expected: list[tuple[str, str | None, str]]) -> None:
    assert [(p.gpu_model, p.provider, str(p.low_usd_per_gpu_hour)) for p in prices(text)] == expected


def test_the_company_s_own_list_is_its_publisher_s() -> None:
    text = "We borrowed $40 million from Corvo Leasing. From today the company's H100 tariff falls to $1.89 an hour."
    document = Document(
        id="d", title="A loan", text=text, published="2026-06-11", publisher="Pinmoor Cloud", source="press_release"
    )
    reading = read_document(document)
    (price,) = find_prices(reading, parties=find_parties(reading))
    assert (price.provider, price.low_usd_per_gpu_hour) == ("Pinmoor Cloud", Decimal("1.89"))


def test_a_move_by_a_fraction() -> None:
    (price,) = prices("Pinmoor Cloud asks more by the hour: it will raise its MI355X rate by a tenth.")
    assert (price.provider, price.change_percent) == ("Pinmoor Cloud", 10)


def test_clouds_may_head_the_columns() -> None:
    text = "Hourly prices\n\nChip | Pinmoor Cloud | Ostravel Cloud\nH100 | $2.49 | $2.79\nH200 | $3.29 | $3.59\n"
    assert [(p.gpu_model, p.provider, p.low_usd_per_gpu_hour) for p in prices(text)] == [
        ("H100", "Pinmoor Cloud", Decimal("2.49")),
        ("H100", "Ostravel Cloud", Decimal("2.79")),
        ("H200", "Pinmoor Cloud", Decimal("3.29")),
        ("H200", "Ostravel Cloud", Decimal("3.59")),
    ]


TIERS_DOWN = """Per GPU-hour, US dollars.

            H100     H200     B200
Spot        1.62     2.10     3.05
1-year      1.99     2.60     4.10
"""


def test_models_may_head_the_columns_and_tiers_the_rows() -> None:
    assert told(TIERS_DOWN, title="Pinmoor Cloud prices, week 12", publisher="Chip Watch") == [
        ("H100", "Pinmoor Cloud", "spot", "1.62", "1.62"),
        ("H200", "Pinmoor Cloud", "spot", "2.10", "2.10"),
        ("B200", "Pinmoor Cloud", "spot", "3.05", "3.05"),
        ("H100", "Pinmoor Cloud", "reserved", "1.99", "1.99"),
        ("H200", "Pinmoor Cloud", "reserved", "2.60", "2.60"),
        ("B200", "Pinmoor Cloud", "reserved", "4.10", "4.10"),
    ]


def test_unknown_names_may_head_the_columns_but_towns_are_no_sellers() -> None:
    rows = "H100       2.49      2.79\nB200       4.90      5.10\n\nDollars per GPU-hour, on demand.\n"
    sellers = [p.provider for p in prices(f"GPU        Pinmoor   Ostravel\n{rows}")]
    towns = [p.provider for p in prices(f"GPU        Tokyo     Oslo\n{rows}")]
    assert (sellers, towns) == (["Pinmoor", "Ostravel"] * 2, [None] * 4)


def test_cells_that_hold_a_chip_with_its_price_are_read_as_words() -> None:
    text = "Per GPU-hour at Pinmoor Cloud:\n\n**H100** $1.99 | **H200** $2.49 | **B200** $3.99\n"
    assert [(p.gpu_model, p.low_usd_per_gpu_hour) for p in prices(text)] == [
        ("H100", Decimal("1.99")),
        ("H200", Decimal("2.49")),
        ("B200", Decimal("3.99")),
    ]


def test_a_market_stands_right_before_its_price() -> None:
    text = "H100 by the hour: spot $1.62, on demand $2.49, reserved $1.99."
    assert [(p.market, p.low_usd_per_gpu_hour) for p in prices(text)] == [
        ("spot", Decimal("1.62")),
        ("on_demand", Decimal("2.49")),
        ("reserved", Decimal("1.99")),
    ]


def test_brokers_two_sided_quotes() -> None:
    text = "Term rents. H100 1Y: 1.85/1.95. H200 1Y: 2.40/2.55."
    assert [(p.gpu_model, p.low_usd_per_gpu_hour, p.high_usd_per_gpu_hour) for p in prices(text)] == [
        ("H100", Decimal("1.85"), Decimal("1.95")),
        ("H200", Decimal("2.40"), Decimal("2.55")),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "On MLPerf the B200 scored 3.75 against 1.25 for the H100; on demand it is rarely seen.",
        "The note was quoted at 98.25 and the spread fixed at 3.15; 512 H100s rented to Corvo secure it.",
        "Shares of Pinmoor fell $1.20 to $14.35 after spot H100 rents slid.",
        "API pricing: $3 per million input tokens on H100s, $15 output, by the hour nothing.",
        "Guidance is EPS of $1.25 to $1.35. The company rents H100s on demand.",
        "Coverage stood at 1.35 as H100 rents held.",
    ],
)
def test_figures_of_other_things_are_no_prices(text: str) -> None:
    assert prices(text) == ()


def test_a_seller_may_stand_before_brackets() -> None:
    text = "Which cloud is cheapest? Per H100-hour: Pinmoor ($2.10), Ostravel ($2.25), Quillstane ($2.40)."
    assert [(p.provider, p.low_usd_per_gpu_hour) for p in prices(text)] == [
        ("Pinmoor", Decimal("2.10")),
        ("Ostravel", Decimal("2.25")),
        ("Quillstane", Decimal("2.40")),
    ]


def test_sellers_listed_under_a_chip() -> None:
    text = (
        "Tracker, in dollars an hour\n\nH100 SXM\n- Pinmoor: 2.49\n- Ostravel Cloud: 2.79 (3.10 in May)\n- PUE: 1.25\n"
        "- Rating: 4.50\n\nB200\n- Pinmoor: 4.90\n"
    )
    assert [(p.gpu_model, p.provider, p.low_usd_per_gpu_hour) for p in prices(text)] == [
        ("H100", "Pinmoor", Decimal("2.49")),
        ("H100", "Ostravel Cloud", Decimal("2.79")),
        ("H100", "Ostravel Cloud", Decimal("3.10")),
        ("B200", "Pinmoor", Decimal("4.90")),
    ]


def test_dots_lead_from_a_seller_to_its_price() -> None:
    text = "H100, on demand, per hour\n\nPinmoor ........ $2.49\nOstravel ....... $2.79\n"
    assert told(text) == [
        ("H100", "Pinmoor", "on_demand", "2.49", "2.49"),
        ("H100", "Ostravel", "on_demand", "2.79", "2.79"),
    ]


def test_an_index_is_no_seller() -> None:
    text = "By the hour. The H100 suffers less: CINDEX, told each evening from trades, had it at $2.06 on Thursday."
    assert [(p.provider, p.low_usd_per_gpu_hour) for p in prices(text)] == [(None, Decimal("2.06"))]
