"""Whom "the company", "the landlord", "it" and "we" mean."""

import pytest
from party_texts import mentions

from extractors.parties import PartyMention


def meant(text: str, words: str, **more: str) -> str:
    found: list[PartyMention] = [mention for mention in mentions(text, **more) if mention.text == words]  # type: ignore[arg-type]
    assert found, [mention.text for mention in mentions(text, **more)]  # type: ignore[arg-type]
    return found[0].entity.name


@pytest.mark.parametrize(
    ("text", "words", "name"),
    [
        ("Corvexa signed a lease. It will pay $3 million a month.", "It", "Corvexa"),
        ("Corvexa, a neocloud, rents from Hextrand. The neocloud wants more.", "The neocloud", "Corvexa"),
        ("Corvexa leased a hall from Hextrand. The landlord reckons on $7 billion.", "The landlord", "Hextrand"),
        ("Corvexa leased a hall from Hextrand. The tenant moves in next May.", "The tenant", "Corvexa"),
        ("CoreWeave rents from Applied Digital. The landlord was glad.", "The landlord", "Applied Digital"),
        (
            "Tolvane, based in Denver, met Hextrand. The Denver-based company paid.",
            "The Denver-based company",
            "Tolvane",
        ),
        ("Ostrel took a loan from Bank of Trelawn. The lender wants 9%.", "The lender", "Bank of Trelawn"),
        ("Its landlord, Hextrand, agreed with Corvexa. The landlord builds.", "The landlord", "Hextrand"),
    ],
)
def test_descriptions_and_pronouns_lead_back(text: str, words: str, name: str) -> None:
    assert meant(text, words) == name


def test_defined_terms_of_a_filing() -> None:
    text = (
        'Hextrand Corp. (the "Company"), as landlord, signed a lease with Corvexa LLC, a Delaware limited liability '
        'company (the "Tenant"). The Tenant pays the Company monthly. Tenant may extend.'
    )
    found = [
        (mention.text, mention.entity.name) for mention in mentions(text, source="filing") if mention.form == "defined"
    ]
    assert found == [
        ("The Tenant", "Corvexa LLC"),
        ("the Company", "Hextrand Corp."),
        ("Tenant", "Corvexa LLC"),
    ]


def test_a_labelled_line_defines_its_party() -> None:
    text = "Landlord: Hextrand Holdings LLC\nTenant: Corvexa Inc.\n\nThe Landlord shall deliver the hall."
    assert meant(text, "The Landlord", source="filing") == "Hextrand Holdings LLC"


def test_we_is_the_publisher_of_a_filing_and_nobody_in_a_reporters_own_voice() -> None:
    text = "Corvexa Inc. rents halls. In May we signed a lease with Hextrand."
    assert meant(text, "we", source="filing", publisher="Corvexa Inc.") == "Corvexa Inc."
    assert not [mention for mention in mentions(text) if mention.text == "we"]


def test_an_unnamed_party_never_becomes_a_name() -> None:
    found = mentions("Hextrand signed a lease with a U.S. hyperscaler. Hextrand will deliver in May.")
    unnamed = [mention for mention in found if mention.entity.unnamed]
    assert [mention.text for mention in unnamed] == ["a U.S. hyperscaler"]
    assert unnamed[0].entity is not found[0].entity


def test_a_defined_tenant_without_a_name_stays_unnamed() -> None:
    text = (
        'Hextrand Corp. leased it to an investment-grade hyperscaler, as tenant (the "Tenant"). The Tenant pays rent.'
    )
    tenant = next(mention for mention in mentions(text, source="filing") if mention.text == "The Tenant")
    assert tenant.entity.unnamed


def test_empty_it_means_nobody() -> None:
    found = mentions("Corvexa waited. It is not clear that the hall will open.")
    assert [mention.text for mention in found] == ["Corvexa"]


@pytest.mark.parametrize(
    "text",
    [
        "Quillon LLC, a wholly owned subsidiary of Hextrand Corp., signed.",
        "Hextrand Corp.'s data center unit, Quillon LLC, signed.",
    ],
)
def test_a_subsidiary_knows_its_parent(text: str) -> None:
    entities = {mention.entity.name: mention.entity for mention in mentions(text)}
    assert entities["Quillon LLC"].parents[0] == "Hextrand Corp."
    assert entities["Hextrand Corp."].parents == ()


def test_words_around_a_mention_give_its_frames() -> None:
    found = mentions("The hall was leased to Corvexa. A loan from Hextrand fell due.")
    assert [(mention.text, mention.frames) for mention in found if mention.form == "name"] == [
        ("Corvexa", ("tenant",)),
        ("Hextrand", ("lender",)),
    ]
