"""Names in texts, by how they are written."""

from __future__ import annotations

from rag.language.names import frequent_names


def test_the_most_frequent_come_first() -> None:
    texts = [
        "Hier, Wika a vu Grok. On dit que Wika est partie avec Grok. Tous plaignent Wika.",
        "Tous parlent de Brest.",
    ]
    assert frequent_names(texts, 3) == ("Wika", "Grok", "Brest")
    assert frequent_names(texts, 1) == ("Wika",)


def test_words_that_open_a_sentence_are_no_name() -> None:
    assert frequent_names(["Puis Wika est partie."], 5) == ()
    assert frequent_names(["Demain il pleut. « Encore », dit-elle."], 5) == ()


def test_an_elided_article_is_no_part_of_a_name() -> None:
    assert frequent_names(["Au bord de L’Orge et de L'Orge."], 5) == ("Orge",)


def test_a_name_within_another_is_left_out() -> None:
    texts = ["Oui, dit Elon Musk. Ainsi parle Elon Musk, puis Musk se tait."]
    assert frequent_names(texts, 5) == ("Elon Musk",)


def test_names_that_are_as_frequent_stand_in_alphabetical_order() -> None:
    assert frequent_names(["On voit Nice, puis Brest, puis Lyon."], 2) == ("Brest", "Lyon")


def test_nothing_gives_no_name() -> None:
    assert frequent_names([], 3) == ()
    assert frequent_names([""], 3) == ()


def test_a_name_behind_an_elision_is_found() -> None:
    texts = ["Voici l’avis d’Elon Musk. On rit d'Elon Musk."]
    assert frequent_names(texts, 3) == ("Elon Musk",)


def test_short_acronyms_are_no_name() -> None:
    assert frequent_names(["On craint l’IA, dit Brest."], 3) == ("Brest",)


def test_a_word_without_content_that_opens_a_quotation_is_no_name() -> None:
    assert frequent_names(["Ainsi parle Wika\u00a0: « Je pars. »"], 3) == ("Wika",)
