from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.modality import Modality, marks

C, D, N = Modality.CONDITIONAL, Modality.DENIED, Modality.NEGATED


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("L’entraîneur aurait lancé une bouteille.", [(C, "aurait lancé")]),
        ("La robe serait signée d’une couturière belge.", [(C, "serait signée")]),
        ("Selon une source, la prime s’élèverait à 600 000 euros.", [(C, "élèverait")]),
        ("C’est là que se trouverait, à en croire Vu, la brouille.", [(C, "trouverait")]),
        ("Les survivants auraient gagné un refuge.", [(C, "auraient gagné")]),
        ("La cérémonie aurait même été repoussée.", [(C, "aurait même été repoussée")]),
        # What depends on something, a wish, what was to come, and what is said.
        ("S’il ne partait, le maillot serait rendu à Pedraza.", []),
        ("Le maillot serait rendu si Pedraza partait.", []),
        ("Le maire a promis que l’article serait récrit.", []),
        ("« Tout serait parti », dit-elle.", []),
        ("Il devrait tenir et voudrait partir.", []),
        ("Il aurait préféré une zone bleue.", []),
        ("Une solution durable passerait par des filtres.", []),
        ("Le contrat courait et expirait en juin.", []),
        ("Le ministère dément l’accord.", [(D, "dément")]),
        ("Le club a démenti tout accord.", [(D, "démenti")]),
        ("Le club n’a pas démenti l’accord.", [(N, "n’a pas")]),
        ("Aucun blessé n’a été signalé.", [(N, "Aucun blessé n’a")]),
        ("Elle ne l’accepte plus.", [(N, "ne l’accepte plus")]),
        ("Il demande de ne pas toucher aux vannes.", [(N, "ne pas toucher")]),
        ("Rien ne l’y destinait.", [(N, "Rien ne l")]),
        # « ne … que » restricts, and « avant que … ne » says nothing.
        ("Son autonomie n’est que de 35 minutes.", []),
        ("Ils partent avant que le jour ne tombe.", []),
        ("Le pont rouvre samedi.", []),
    ],
)
def test_how_sure_a_french_sentence_is(sentence: str, told: list[tuple[Modality, str]]) -> None:
    found = marks(sentence, 0, len(sentence), "fr")
    assert [(one.modality, sentence[one.start : one.end]) for one in found] == told


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("He reportedly left on Monday.", [C]),
        ("The ministry denied the report.", [D]),
        ("The bridge has not reopened.", [N]),
        ("It didn’t rain, and nobody came.", [N]),
        ("Not only the mayor came.", []),
    ],
)
def test_how_sure_an_english_sentence_is(sentence: str, told: list[Modality]) -> None:
    assert [one.modality for one in marks(sentence, 0, len(sentence), "en")] == told


def test_other_languages_have_no_rules() -> None:
    assert marks("Er kam nicht.", 0, 13, "de") == []


@given(
    st.lists(
        st.sampled_from(
            "aurait touché n’a pas ne plus démenti selon si « » . serait parti Aucun que rien "
            "did not denied allegedly".split()
        ),
        max_size=15,
    ),
    st.sampled_from(["fr", "en"]),
)
def test_a_mark_a_modality_in_order(words: list[str], language: str) -> None:
    text = " ".join(words)
    found = marks(text, 0, len(text), language)
    assert len({one.modality for one in found}) == len(found)
    assert [one.start for one in found] == sorted(one.start for one in found)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
