"""Figures as texts write them, each with the value that a person reads."""

from decimal import Decimal

import pytest

from extractors.candidates import Quantity
from extractors.quantities import find_quantities


def only(text: str, kind: str, *, dollar: str | None = "USD") -> Quantity:
    found = [q for q in find_quantities(text, part="text", dollar=dollar) if q.kind == kind]
    assert len(found) == 1, found
    assert text[found[0].start : found[0].end] == found[0].quote
    return found[0]


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("The order is worth $7bn.", 7_000_000_000, "USD"),
        ("It cost US$2.6 billion in all", 2_600_000_000, "USD"),
        ("for 2.65billion US dollars", 2_650_000_000, "USD"),
        ("a loan of 480 million dollars", 480_000_000, "USD"),
        ("a quarter of a billion dollars", 250_000_000, "USD"),
        ("some four and a half billion dollars", 4_500_000_000, "USD"),
        ("two point four billion dollars", 2_400_000_000, "USD"),
        ("a billion and a half dollars", 1_500_000_000, "USD"),
        ("$150MM of notes", 150_000_000, "USD"),
        ("$12 mln", 12_000_000, "USD"),
        ("$1.1 bln", 1_100_000_000, "USD"),
        ("EUR 400m of debt", 400_000_000, "EUR"),
        ("EUR 318 000 000 for the lot", 318_000_000, "EUR"),
        ("290 Mio. Euro", 290_000_000, "EUR"),
        ("€1.2bn", 1_200_000_000, "EUR"),
        ("A$900m green loan", 900_000_000, "AUD"),
        ("HK$702 million", 702_000_000, "HKD"),
        ("S$2.25 billion", 2_250_000_000, "SGD"),
        ("C$168 million in total", 168_000_000, "CAD"),
        ("an investment of ¥78bn", 78_000_000_000, "JPY"),
        ("61 billion won", 61_000_000_000, "KRW"),
        ("RMB2,337 million", 2_337_000_000, "CNY"),
        ("Rs 420.51 crore", 4_205_100_000, "INR"),
        ("₹10,371.92 crore", 103_719_200_000, "INR"),
        ("NOK 650 million", 650_000_000, "NOK"),
        ("SEK 92 million", 92_000_000, "SEK"),
        ("DKK 1.4bn", 1_400_000_000, "DKK"),
        ("R$1.5 billion", 1_500_000_000, "BRL"),
        ("RM1.1 billion", 1_100_000_000, "MYR"),
        ("£58m in total", 58_000_000, "GBP"),
        ("Contract amount (KRW): 132,600,000,000", 132_600_000_000, "KRW"),
    ],
)
def test_money_in_every_spelling(text: str, value: int, currency: str) -> None:
    quantity = only(text, "money")
    assert (quantity.value, quantity.currency) == (value, currency)


@pytest.mark.parametrize(
    ("text", "per", "monthly"),
    [
        ("$1.25B/month", "month", 1_250_000_000),
        ("$85 million annually", "year", Decimal(85_000_000) / 12),
        ("$18.0 million quarterly", "quarter", 6_000_000),
        ("$61 million a year", "year", Decimal(61_000_000) / 12),
        ("US$22,200,000 in respect of each Quarter", "quarter", 7_400_000),
        ("monthly installments of $1,845,000 each", "month", 1_845_000),
        ("each month pays up to $1.25 billion", "month", 1_250_000_000),
        ("an annual rent of US$12.6 million", "year", 1_050_000),
        ("Seven million a month, roughly", "month", 7_000_000),
        ("$6.1m a month from handover", "month", 6_100_000),
    ],
)
def test_recurring_amounts_name_their_period(text: str, per: str, monthly: int | Decimal) -> None:
    quantity = only(text, "money")
    assert (quantity.per, quantity.monthly) == (per, monthly)


@pytest.mark.parametrize(
    ("text", "megawatts", "basis"),
    [
        ("250MW of critical IT load", 250, "critical_it"),
        ("a 0.3 GW campus", 300, None),
        ("1,200 megawatts of grid capacity", 1200, "utility"),
        ("half a gigawatt", 500, None),
        ("a gigawatt", 1000, None),
        ("900 kW", Decimal("0.9"), None),
        ("328 MW installed", 328, "installed"),
        ("1.9 GW nameplate", 1900, "nameplate"),
        ("400 MW gross", 400, "gross"),
        ("a 255-MW gas plant", 255, "generation"),
        ("a hundred and twenty megawatts", 120, None),
        ("twenty-four of the megawatts", 24, None),
    ],
)
def test_power_in_megawatts_with_its_basis(text: str, megawatts: int, basis: str | None) -> None:
    quantity = only(text, "power")
    assert (quantity.value, quantity.basis) == (megawatts, basis)


@pytest.mark.parametrize("text", ["250 MWh a day", "40 megawatt-hours", "12 GWh", "0.5 MW-years"])
def test_energy_is_no_power(text: str) -> None:
    assert [q for q in find_quantities(text, part="text") if q.kind == "power"] == []


@pytest.mark.parametrize(
    ("text", "count", "models"),
    [
        ("32,000 GB200s", 32_000, ("GB200",)),
        ("100K GPUs", 100_000, ()),
        ("more than 220,000 NVIDIA GPUs", 220_000, ()),
        ("16,000 of Nvidia's B200", 16_000, ("B200",)),
        ("1,152 NVIDIA RTX PRO 6000 GPUs", 1152, ("RTX PRO 6000",)),
        ("9,000 pieces of the type B300", 9000, ("B300",)),
        ("a 1,200-GPU (H20) arrangement", 1200, ("H20",)),
        ("2,304 × GB200", 2304, ("GB200",)),
        ("fifteen hundred H200s", 1500, ("H200",)),
        ("Four thousand and ninety-six of Nvidia's B200 processors", 4096, ("B200",)),
        ("4.096 pieces RTX PRO 6000", 4096, ("RTX PRO 6000",)),
        ("GPUs: more than 100,000", 100_000, ()),
        ("150,000 of its TPU v7 chips", 150_000, ("TPU v7",)),
        ("12 000 GPUs in five countries", 12_000, ()),
    ],
)
def test_counts_of_accelerators(text: str, count: int, models: tuple[str, ...]) -> None:
    quantity = only(text, "gpus")
    assert (quantity.value, quantity.models) == (count, models)


@pytest.mark.parametrize(
    "text",
    [
        "500 GB200 NVL72 racks",
        "192 H200 servers",
        "2.1 million GPU-hours",
        "Thirty GPU types",
        "In 2026 Nvidia chips sold out",
    ],
)
def test_racks_servers_hours_and_years_are_no_counts(text: str) -> None:
    assert [q for q in find_quantities(text, part="text") if q.kind == "gpus"] == []


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("a five-year contract", 60),
        ("a 60-month term", 60),
        ("roughly 15 years", 180),
        ("forty-eight (48) months", 48),
        ("ten years and three months", 123),
        ("five and a half years", 66),
        ("a year and a half", 18),
        ("for a year", 12),
        ("a 16.4-year NNN lease", Decimal("196.8")),
        ("a quarter of a century", 300),
        ("four contract years", 48),
        ("a decade", 120),
    ],
)
def test_durations_in_months(text: str, months: int | Decimal) -> None:
    text = f"It lasts {text}" if text.startswith("a year and") else text
    assert only(text.replace("It lasts a year", "It runs for a year"), "duration").value == months


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("$5-8 billion", 5_000_000_000, 8_000_000_000),
        ("between $500 million and $600 million", 500_000_000, 600_000_000),
        ("between two and two and a half billion euros", 2_000_000_000, 2_500_000_000),
        ("US$470 million to US$490 million", 470_000_000, 490_000_000),
    ],
)
def test_ranges_keep_both_ends(text: str, low: int, high: int) -> None:
    quantity = only(text, "money")
    assert (quantity.value, quantity.high) == (low, high)


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("$7.8 per GPU-hour", "7.8", None, "usd_per_gpu_hour"),
        ("it reaches$7.8 per GPU-hour", "7.8", None, "usd_per_gpu_hour"),
        ("$2.20–$2.35/hr", "2.20", "2.35", "usd_per_gpu_hour"),
        ("US$2.38 per GPU per hour", "2.38", None, "usd_per_gpu_hour"),
        ("$2.15 each an hour", "2.15", None, "usd_per_gpu_hour"),
        ("one dollar and fifty-eight cents per GPU-hour", "1.58", None, "usd_per_gpu_hour"),
        ("ninety-five cents a card per hour", "0.95", None, "usd_per_gpu_hour"),
        ("1.05 dollars per card and hour", "1.05", None, "usd_per_gpu_hour"),
        ("$1.08 a chip-hour", "1.08", None, "usd_per_gpu_hour"),
    ],
)
def test_rates_of_an_accelerator_hour(text: str, low: str, high: str | None, unit: str) -> None:
    quantity = only(text, "gpu_rate")
    assert (quantity.value, quantity.high, quantity.unit) == (Decimal(low), Decimal(high) if high else None, unit)


@pytest.mark.parametrize(
    ("text", "per"),
    [
        ("$98 per node-hour", "node_hour"),
        ("$34.61 an hour for an eight-GPU node", "node_hour"),
        ("$0.0008/sec", "second"),
        ("$4.80 a share", "share"),
        ("$190 per kW per month", "kw_month"),
        ("$72 per MWh", "mwh"),
        ("6.2 cents per kWh", "kwh"),
        ("$1.48 million per MW-year", "mw_year"),
    ],
)
def test_other_units_are_told_apart(text: str, per: str) -> None:
    (quantity,) = [q for q in find_quantities(text, part="text") if q.kind in ("money", "power_rate")]
    assert quantity.per == per


@pytest.mark.parametrize(
    ("text", "hedge"),
    [
        ("about $7 billion", "about"),
        ("approximately $7 billion", "about"),
        ("just under $7 billion", "about"),
        ("~$7bn", "about"),
        ("$7 billion or so", "about"),
        ("up to $7 billion", "up_to"),
        ("as much as US$7 billion", "up_to"),
        ("up to about $7 billion", "up_to"),
        ("more than $7 billion", "at_least"),
        ("a minimum of $7 billion", "at_least"),
        ("not less than $7 billion", "at_least"),
        ("over $7 billion", "at_least"),
        ("$7 billion or more", "at_least"),
        ("a loan of $7 billion", None),
        ("a right of first offer over $7 billion", None),
    ],
)
def test_hedges(text: str, hedge: str | None) -> None:
    assert only(text, "money").hedge == hedge


def test_over_a_term_hedges_nothing() -> None:
    assert only("paid over five years", "duration").hedge is None


def test_digits_leave_half_a_last_place_open() -> None:
    assert only("$1.25 billion", "money").resolution == 5_000_000


def test_two_currencies_of_one_sum_point_at_each_other() -> None:
    text = "It raised A$1.2 billion (US$780 million) in May."
    foreign, dollars = find_quantities(text, part="text")
    assert (foreign.currency, dollars.currency) == ("AUD", "USD")
    assert (foreign.same_as, dollars.same_as) == (dollars.start, foreign.start)


def test_a_period_stated_once_holds_for_both_currencies() -> None:
    foreign, dollars = find_quantities("C$6.9 million (US$5 million) a month", part="text")
    assert (foreign.per, dollars.per) == ("month", "month")


def test_a_period_carries_over_a_coordination() -> None:
    first, second = find_quantities("Anthropic pays $1.25 billion a month and Google $920 million", part="text")
    assert (first.per, second.per) == ("month", "month")


def test_a_bare_dollar_is_declined_where_the_document_leaves_it_open() -> None:
    assert only("a facility of $45 million", "money", dollar=None).currency is None
    assert only("a facility of US$45 million", "money", dollar=None).currency == "USD"
    assert only("a facility of $45 million", "money", dollar="CAD").currency == "CAD"


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("The Danish dairy is paid 21 million kroner a year", "DKK"),
        ("In Oslo the price was 21 million kroner a year", "NOK"),
        ("The price was 21 million kroner a year", None),
    ],
)
def test_kroner_are_told_apart_by_country_or_declined(text: str, currency: str | None) -> None:
    assert only(text, "money").currency == currency


def test_a_number_without_unit_takes_that_of_the_figure_before_it() -> None:
    _, second = find_quantities("They take 100 megawatts and may call for another 380.", part="text")
    assert (second.kind, second.value, second.rule) == ("power", 380, "elliptic")
    assert "option" in second.cues


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("an option on another 150 MW", "option"),
        ("two five-year renewal options", "renewal"),
        ("a prepayment of $40 million", "prepayment"),
        ("brings the total to $22.4 billion", "cumulative"),
        ("a backlog of $55 billion", "backlog"),
        ("a market value of $70 billion", "market_cap"),
        ("$1.2 billion in revenue", "revenue"),
        ("could eventually grow to 1 gigawatt", "campus"),
    ],
)
def test_cues_tell_what_a_figure_is_not(text: str, cue: str) -> None:
    assert any(cue in quantity.cues for quantity in find_quantities(text, part="text"))


@pytest.mark.parametrize(
    ("text", "cued"),
    [
        ("It pays up to $24 billion in revenue per gigawatt (GW) of capacity.", True),
        ("The site cost $29 billion of outlays for each megawatt.", True),
        ("It pays $90 million for 30 MW of space.", False),
        ("It pays $1.2 billion, or $12 million per MW, in all.", False),
        ("They settled on $9 million a month.", False),
    ],
)
def test_money_for_one_unit_is_told_apart(text: str, cued: bool) -> None:
    amounts = [quantity for quantity in find_quantities(text, part="text") if quantity.kind == "money"]
    assert all(("per_unit" in amount.cues) is cued for amount in amounts)
