"""Places of a text: campuses, towns with their state, counties, countries."""

import pytest

from extractors.parties import SiteMention, find_in
from extractors.sentences import split_sentences
from extractors.sites import find_sites_in
from megawatch.market import Document


def sites(text: str) -> tuple[SiteMention, ...]:
    read = Document(id="d", title="", text=text)
    sentences = split_sentences(text, part="text")
    return find_sites_in(read, sentences, parties=find_in(read, sentences))


@pytest.mark.parametrize(
    ("text", "place", "kind"),
    [
        ("The halls stand at the Polaris Forge 3 campus.", "Polaris Forge 3", "campus"),
        ("A campus in Ellendale, North Dakota, is full.", "Ellendale, North Dakota", "town"),
        ("Its Quarrelsby campus opens in May.", "Quarrelsby", "town"),
        ("A plant near Vessel Creek, Texas, feeds it.", "Vessel Creek, Texas", "town"),
        ("It will stand in Box Elder County, Utah.", "Box Elder County, Utah", "county"),
        ("The cards sit in Norway.", "Norway", "country"),
        ("They are dotted over Illinois, Georgia and Texas.", "Illinois, Georgia and Texas", "state"),
        ("It rents Colossus 1 in Memphis.", "Colossus 1 in Memphis", "campus"),
        ("The lease covers a building in Reno, NV.", "Reno, NV", "town"),
        ("Power for the Didcot hall comes from the grid.", "Didcot", "town"),
    ],
)
def test_finds_places_as_written(text: str, place: str, kind: str) -> None:
    found = sites(text)
    assert [(site.text, site.kind) for site in found] == [(place, kind)]
    assert all(text[site.start : site.end] == site.text for site in found)


@pytest.mark.parametrize("text", ["Corvexa signed with Hextrand Inc.", "Shares rose in May.", "The H100 costs $3."])
def test_companies_months_and_chips_are_no_places(text: str) -> None:
    assert sites(text) == ()


def test_a_cue_and_the_confidence_tell_how_a_place_is_named() -> None:
    surely, hardly = sites("A data center in Ellendale serves Google.")[0], sites("Demand in Europe grows.")[0]
    assert surely.cue == "in"
    assert surely.confidence > hardly.confidence
