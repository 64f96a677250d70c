"""Which organisations a text names: known ones, never-seen ones, and what only looks like one."""

import pytest
from party_texts import mentions, names

NEVER_SEEN = [
    (
        "Tolvane Systems, a Denver-based neocloud, signed a lease with Quarrel Power LLC.",
        ["Tolvane Systems", "Quarrel Power LLC"],
    ),
    ("Corvexa has borrowed two and a half billion dollars.", ["Corvexa"]),
    ("The neocloud Ostrel will rent 40 megawatts from the landlord Hextrand.", ["Ostrel", "Hextrand"]),
    ("Capacity is leased to eVaultix under a contract with 3rd Coast Compute.", ["eVaultix", "3rd Coast Compute"]),
    ("Varnel (Nasdaq: VRNL) agreed to buy turbines from Ockham & Lisle Inc.", ["Varnel", "Ockham & Lisle Inc."]),
    ("The order went to Bank of Trelawn and Stadtwerke Uhlen.", ["Bank of Trelawn", "Stadtwerke Uhlen"]),
    ("Two Elms Lending, an equipment financier, led the loan to Moxel.", ["Two Elms Lending", "Moxel"]),
    ("Its tenant, Lunaris, pays $3 million a month.", ["Lunaris"]),
    ("Hokkaido Lantern Gas will supply the hall.", ["Hokkaido Lantern Gas"]),
    (
        "The Ontario Brewers' Pension Plan is to become part-owner of Yewdale.",
        ["Ontario Brewers' Pension Plan", "Yewdale"],
    ),
    ("| Customer | Supplier |\n| Zentral | Umbrio Cloud |", ["Zentral", "Umbrio Cloud"]),
]


@pytest.mark.parametrize(("text", "expected"), NEVER_SEEN)
def test_finds_names_that_stand_in_no_list(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "lexicon_id"),
    [
        ("Rent comes from CoreWeave, Inc. each month.", "coreweave"),
        ("Meta Platforms said so.", "meta"),
        ("It was $Applied Digital (APLD.US)$ that signed.", "applied-digital"),
        ("The H100s belong to xAI.", "xai"),
        ("Oracle signed a lease in Abilene.", "oracle"),
        ("They rent from J.P. Morgan & Co.", "jpmorgan"),
    ],
)
def test_knows_listed_companies(text: str, lexicon_id: str) -> None:
    assert lexicon_id in {mention.entity.lexicon_id for mention in mentions(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Shares rose on Tuesday in New York, and May was worse than April.",
        "The H100 and GB200 NVL72 sold out; Blackwell comes next.",
        "Commissioners in Chatham County, North Carolina, voted on Wednesday.",
        "Chief Executive Helen Achter said so, and Wes Tully, chairman, agreed.",
        "Item 1.01 Entry into a Material Definitive Agreement. See Exhibit 99.1.",
        "The SEC and FERC looked into it, Reuters reported.",
        "Construction began. Delivery follows in Q3. Yesterday it rained.",
        "I'd say don't. We'll see.",
        "Halls stand in Kajaani and Zug; a third, Wichita, is full.",
        "GENEVA: Rents rose. Polish GPU prices fell, and so did Serbian AI budgets.",
    ],
)
def test_people_places_chips_and_headings_are_no_organisations(text: str) -> None:
    assert names(text) == []


def test_a_person_lends_the_name_to_no_company() -> None:
    text = 'Marta Quill, chief executive of Ostrel, was calm. "We are early," Quill said.'
    assert names(text) == ["Ostrel"]


def test_short_names_acronyms_and_tickers_join_the_full_name() -> None:
    text = (
        'Applied Quarry Systems, Inc. ("AQS") (NYSE: QRY) signed. Applied Quarry will pay. AQS declined to comment. '
        "Quarrel Corp. (QRRL) did not."
    )
    found = {mention.entity.entity_id: mention.entity for mention in mentions(text)}
    assert [entity.name for entity in found.values()] == ["Applied Quarry Systems, Inc.", "Quarrel Corp."]
    assert found[0].ticker == "QRY"
    assert {"AQS", "Applied Quarry"} <= set(found[0].names)


def test_an_everyday_word_is_a_name_once_the_text_has_given_it_in_full() -> None:
    text = "Former bitcoin miner Pinnacle Hash turns its plant over to a tenant. Pinnacle had $22 million in cash."
    spans = [(mention.text, mention.entity.name) for mention in mentions(text) if mention.form == "name"]
    assert spans == [("Pinnacle Hash", "Pinnacle Hash"), ("Pinnacle", "Pinnacle Hash")]


def test_a_headline_in_capitals_gives_the_names_of_the_text() -> None:
    found = mentions(
        "Corvexa agreed to rent halls from Juniper Vale.", title="Juniper Vale Lands Corvexa For Twelve Years"
    )
    assert {mention.text for mention in found if mention.part == "title"} == {"Juniper Vale", "Corvexa"}


def test_every_mention_stands_where_it_says() -> None:
    text = "Google's order with Brookfield, and Tolvane’s with Hextrand (“Hex”)."
    found = mentions(text)
    assert all(text[mention.start : mention.end] == mention.text for mention in found)
    assert [mention.possessive for mention in found if mention.text in ("Google", "Tolvane")] == [True, True]


def test_coordination_gives_two_names() -> None:
    assert names("It is backed by Google and Brookfield.") == ["Google", "Brookfield"]


def test_publisher_of_a_press_release_is_marked() -> None:
    found = mentions("Tolvane Systems today signed.", source="press_release", publisher="Tolvane Systems, Inc.")
    assert [mention.entity.publisher for mention in found] == [True]


def test_an_outlet_that_only_signs_the_last_lines_speaks_for_nobody() -> None:
    text = (
        "Warrigal Compute Limited has signed. The Company will draw on a facility with Westpac.\n\n"
        "Pressline distributes releases of others and is not responsible for them."
    )
    found = mentions(text, title="Warrigal signs", source="press_release", publisher="Pressline")
    assert "Pressline" not in {mention.entity.name for mention in found}
    [company] = [mention for mention in found if mention.text == "The Company"]
    assert company.entity.name == "Warrigal Compute Limited"


@pytest.mark.parametrize(
    "text",
    [
        "Stunning revenue conversion: Anthropic pays SpaceX well.",
        "Diversification of energy sources is the trend. Nebius turns to fuel cells.",
        "Rating agencies like it. Disruptive doubling of revenue.",
    ],
)
def test_a_plain_word_that_only_opens_a_sentence_is_no_name(text: str) -> None:
    assert {"Stunning", "Diversification", "Disruptive"}.isdisjoint(names(text))


def test_a_known_name_in_capitals_or_before_a_verb_is_the_known_company() -> None:
    text = "SpaceX Exposes High-Priced Contracts, Nebius Announces GPU Price Hikes. Then $NEBIUS (NBIS.US)$ rose."
    assert {mention.entity.lexicon_id for mention in mentions(text) if "N" in mention.text} == {"nebius"}
