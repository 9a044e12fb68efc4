"""Pages: every word in the article or left out by its kind, each part with its own."""

from __future__ import annotations

import datetime
import json
import re
import subprocess
from pathlib import Path

import pytest

from rag.types import Article, BrokenFile
from rag.types.provenance import LeftOutKind, PlaceKind
from tests.ingest.case_files import check_places, read_case, read_file, read_one
from tests.ingest.every_word import lost_sentences

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))
_PROSE = (
    "La coopérative laitière de Haut-Brévent a annoncé mardi qu’elle investirait dans une "
    "nouvelle fromagerie, après trois années de croissance continue de ses ventes."
)


def _page(tmp_path: Path, body: str, head: str = "") -> Article:
    articles, said = _read(tmp_path, body, head)
    assert said == []
    (article,) = articles
    return article


def _read(tmp_path: Path, body: str, head: str = "") -> tuple[list[Article], list[BrokenFile]]:
    file = tmp_path / "page.html"
    file.write_text(
        f'<html lang="fr"><head><meta charset="utf-8">{head}</head><body>{body}</body></html>',
        encoding="utf-8",
    )
    articles, said = read_file(file)
    for article in articles:
        check_places(article)
    return articles, said


def _paragraphs(article: Article) -> list[str]:
    return article.text.split("\n\n")


def _of_kind(article: Article, kind: PlaceKind) -> list[str]:
    return [article.text[one.start : one.end] for one in article.places if one.kind is kind]


def _left_out(article: Article, kind: LeftOutKind) -> list[str]:
    return [one.text for one in article.left_out if one.kind is kind]


# What a text browser shows


def _shown_by_lynx(file: Path) -> str:
    shown = subprocess.run(
        [
            *("lynx", "-dump", "-nolist", "-width=990", "-stdin"),
            *("-assume_charset=utf-8", "-display_charset=utf-8"),
        ],
        input=file.read_bytes(),
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout.decode()
    # Its own marks: pictures, buttons, fields, what is struck out, numbers of a list.
    shown = re.sub(r"\[[\w-]+\.(?:jpg|png)\]|\(BUTTON\)|_{5,}", "\n", shown)
    shown = re.sub(r"\[DEL: .*? :DEL\] ", "", shown)
    shown = re.sub(r"(?m)^\s*(?:\d+\. |[*+#o] )+", "", shown)
    return re.sub(r"\^(?=\w)|\[(?=\d\])|(?<=\[\d)\]", "", shown).replace("CO2]", "CO2")


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.stem))
def test_every_word_of_a_page_is_accounted_for(file: Path) -> None:
    articles, said = read_file(file)
    assert said == []
    for article in articles:
        check_places(article)
    assert lost_sentences(_shown_by_lynx(file), articles, by_line=True) == []


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.stem))
def test_what_stands_around_is_no_part_of_the_article(file: Path) -> None:
    (article,), _ = read_file(file)
    around = re.compile(
        r"cookies|S’abonner|Se connecter|Il vous reste|réservée aux abonnés|newsletter|Partager"
        r"|Lire aussi|A lire|Les plus lus|Trending|Tous droits|rights reserved|Accueil|Merci à"
        r"|Bravo|Boutique|barrages suisses|souffle en montagne|recents|Publicité|propulsé"
    )
    assert around.findall(article.text) == []


@pytest.mark.parametrize(
    ("page", "title", "standfirst"),
    [
        ("paris-payant", "A Saint-Cernain, la fromagerie de la discorde", "Enquête Le projet"),
        ("economie-divs", "La coopérative du Brévent investit 12 millions", "La fromagerie"),
        ("radio-suisse", "Le lac de Brenne a perdu deux mètres en un an", "Le niveau du lac"),
        ("montreal", "« On ne fermera pas »", "(Varne) Le ministre Hervé Lanctôt"),
        ("canada-anglais", "Varne bridge stays open all winter, minister says", "Cracks found"),
        ("direct", "DIRECT. Crue de la Varne : suivez la situation", "La rivière est montée"),
        ("entretien-wordpress", "« La tomme n’a pas d’âge »", "Léonie Paccaud affine"),
    ],
)
def test_title_and_standfirst(page: str, title: str, standfirst: str) -> None:
    (article,), _ = read_file(PAGES[0].with_name(f"{page}.html"))
    assert article.title == title
    (found,) = _of_kind(article, PlaceKind.STANDFIRST)
    assert found.startswith(standfirst)


def test_the_parts_of_a_page() -> None:
    (article,), _ = read_file(PAGES[0].with_name("entretien-wordpress.html"))
    assert _of_kind(article, PlaceKind.QUESTION) == [
        "Gazette : Pourquoi la tomme ?",
        "Et la cave ?",
        "Vous formez des apprentis ?",
    ]
    assert _of_kind(article, PlaceKind.BOX) == [
        "Née en 1961 à Varne. Médaille d’or au concours de Lisle en 2019."
    ]
    assert _of_kind(article, PlaceKind.PULL_QUOTE) == ["Le fromage, c’est du temps"]
    assert _of_kind(article, PlaceKind.CAPTION) == ["Léonie Paccaud dans sa cave © H. Verlaine"]
    (article,), _ = read_file(PAGES[0].with_name("montreal.html"))
    assert len(_of_kind(article, PlaceKind.NOTE)) == 2
    assert _of_kind(article, PlaceKind.LIST)[2] == "Rouvrir la piste cyclable, le 15 novembre."
    assert _left_out(article, LeftOutKind.DELETED) == ["jeudi"]


# The cases


def test_case_aside() -> None:
    article = read_one("05-html-aside", "07-infobox.html")
    assert _of_kind(article, PlaceKind.BOX) == [
        "La coopérative est née en 1954. Elle compte 310 éleveurs et 7 magasins.",
        "Le lait est payé 480 euros la tonne aux éleveurs, soit 30 euros de plus qu’en 2023.",
    ]


def test_case_standfirst() -> None:
    article = read_one("05-html-chapo", "05-chapo-header.html")
    assert _of_kind(article, PlaceKind.STANDFIRST) == [
        "La fromagerie coûtera 12 millions d’euros et créera 48 emplois."
    ]
    article = read_one("05-html-chapo", "04-classes.html")
    assert _of_kind(article, PlaceKind.STANDFIRST)[0].startswith("Chapô : la fromagerie")
    assert "partagez" not in article.text
    assert "inscrivez-vous" not in article.text
    for letter in "ABCFGIJKL":
        assert f"Paragraphe {letter} :" in article.text


@pytest.mark.parametrize(
    ("case", "file", "expected"),
    [
        ("05-html-div-text", "07-div-text.html", "Rosalie Quint a été nommée le 4 mai."),
        ("05-html-div-text", "07-div-text.html", "le lait vaut 480 euros."),
        ("05-html-div-text", "07-div-text.html", "la vallée compte 12 communes."),
        ("05-html-empty-inline", "vides.html", "Valtot ne quittera pas son poste avant"),
        ("05-html-empty-inline", "vides.html", "Le maire a refusé de signer l’accord"),
        ("05-html-empty-inline", "vides.html", "Nora Vidal préside les parents d’élèves."),
        ("05-html-figcaption", "05-figure.html", "Anselme Tourrel dans la cave de Saint-"),
        ("05-html-link-paragraph", "02-links.html", "Rosalie Quint, la présidente du syndicat"),
        ("05-html-time-inline", "14-time-inline.html", "lieu le 3 octobre à Saint-Cernain"),
        (
            *("05-html-time-inline", "14-time-inline.html"),
            "CO₂ et 10³, le mot marqué, «\u00a0une citation\u00a0», ajout",
        ),
        (
            "13-html-body-ul",
            "a-body-ul.html",
            "Le lycée accueille 640 élèves.\n\nSa proviseure",
        ),
    ],
)
def test_case_words(case: str, file: str, expected: str) -> None:
    assert expected in read_one(case, file).text


def test_case_interview() -> None:
    article = read_one("05-html-interview", "02-interview.html")
    assert [one[:8] for one in _paragraphs(article)] == [
        *("La coopé", "Pourquoi", "Parce qu", "Combien ", "Quarante", "Quel ser", "Une tomm")
    ]
    assert len(_of_kind(article, PlaceKind.QUESTION)) == 3


def test_case_table() -> None:
    article = read_one("05-html-table", "04-table.html")
    assert [(one.row, article.text[one.start : one.end]) for one in article.places][2:] == [
        (1, "Année · Tonnes · Euros"),
        (2, "2023 · 1 240 · 8,4 millions"),
        (3, "2024 · 1 510 · 10,2 millions"),
    ]


def test_case_paywall() -> None:
    article = read_one("05-html-paywall", "06-paywall.html")
    assert article.text.endswith("après trois années…")
    assert _left_out(article, LeftOutKind.NOTICE) == [
        "Il vous reste 82 % de cet article à lire. La suite est réservée aux abonnés.",
        "Abonnez-vous à partir de 1 € le premier mois",
    ]


@pytest.mark.parametrize("file", ["11-gnews.html", "13-links.html"])
def test_case_lists_of_links(file: str) -> None:
    articles, said = read_case("05-html-google-news", file)
    assert articles == []
    assert "links to articles and holds none of them" in said[0].reason


# Inline elements and what they mean


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("10<sup>3</sup> m<sup>2</sup>", "10³ m²"),
        ("le 1<sup>er</sup> mai, XX<sup>e</sup>", "le 1er mai, XXe"),
        ("n<sup>o</sup> 4, H<sub>2</sub>O", "n° 4, H₂O"),
        ("10<sup>3,5</sup> et 2<sup>-1</sup>", "10^3,5 et 2⁻¹"),
        ("un<b></b> mot <i></i>ou<span></span> deux", "un mot ou deux"),
        ("le <time>3 octobre</time> à <data>midi</data>", "le 3 octobre à midi"),
        ("am<wbr>stram<b>gram</b>", "amstramgram"),
        ("un <font><u>mot <abbr>TGV</abbr></u></font> <kbd>Ctrl</kbd>", "un mot TGV Ctrl"),
        ("avant <svg><title>Icône</title></svg>après", "avant après"),
        ("avant <!-- rien -->après", "avant après"),
        ("un <x-lien>mot</x-lien> à part", "un mot à part"),
        ("le <del>jeudi</del> vendredi", "le vendredi"),
        ('un <a href="#">lien<span class="sr-only"> (fenêtre)</span></a> sûr', "un lien sûr"),
        ("<span>L</span>e maire", "Le maire"),
    ],
)
def test_inline_elements_keep_the_sentence_whole(
    tmp_path: Path, markup: str, words: str
) -> None:
    article = _page(
        tmp_path,
        f"<article><h1>Un titre</h1><p>Il dit {markup} ce matin.</p><p>{_PROSE}</p></article>",
    )
    assert _paragraphs(article)[1] == f"Il dit {words} ce matin."


def test_words_that_only_the_markup_puts_together_stay_apart(tmp_path: Path) -> None:
    article = _page(
        tmp_path,
        f"<article><h1>Un titre</h1><p>{_PROSE}</p><div><span>Un mot.</span>"
        "<span>Un autre.</span></div><ul><li>Un<li>Deux</ul>Trois<br><br>Quatre</article>",
    )
    assert _paragraphs(article)[2:] == ["Un mot. Un autre.", "Un", "Deux", "Trois", "Quatre"]


def test_a_paragraph_is_cut_by_what_stands_within(tmp_path: Path) -> None:
    article = _page(
        tmp_path,
        f"<article><h1>Un titre</h1><div>Le maire <aside><p>Il est né en 1960.</p></aside>"
        f"est parti.</div><p>{_PROSE}</p></article>",
    )
    assert _paragraphs(article)[1:4] == ["Le maire", "Il est né en 1960.", "est parti."]


def test_tables_that_set_the_page_are_paragraphs(tmp_path: Path) -> None:
    article = _page(
        tmp_path,
        f"<table><tr><td>Menu</td><td><h1>Un titre</h1><p>{_PROSE}</p>"
        "<table><tr><td>Pain</td><td>2 €</td></tr></table></td></tr></table>",
    )
    assert _PROSE in _paragraphs(article)
    assert _of_kind(article, PlaceKind.TABLE) == ["Pain · 2 €"]


# What a page declares


_BODY = f"{_PROSE} Le vote aura lieu le 3 octobre, a dit la mairie de Saint-Cernain."


def _declared(**fields: str) -> str:
    record = {"@type": "NewsArticle", **fields}
    return f'<script type="application/ld+json">{json.dumps(record)}</script>'


def test_a_body_that_only_a_script_shows(tmp_path: Path) -> None:
    second = "Un second alinéa, plus court."
    head = _declared(headline="Un vote", articleBody=f"{_BODY}\n\n{second}")
    article = _page(tmp_path, "<main><h1>Un vote</h1><div id=app></div></main>", head)
    assert _paragraphs(article) == ["Un vote", _BODY, second]


def test_a_declared_body_brings_back_what_stands_apart(tmp_path: Path) -> None:
    apart = "Ce paragraphe se tient dans un cadre que son nom dit être un commentaire."
    head = _declared(headline="Un vote", articleBody=f"{_BODY} {apart}")
    article = _page(
        tmp_path,
        f"<article><h1>Un vote</h1><p>{_BODY}</p></article><div class=comments><p>{apart}</p>"
        "<p>Un vrai commentaire, celui-là, qui est long et qui finit par un point.</p></div>",
        head,
    )
    assert _paragraphs(article)[1:] == [_BODY, apart]


def test_updates_of_a_live_page_that_are_not_shown(tmp_path: Path) -> None:
    head = (
        '<script type="application/ld+json">{"@type": "LiveBlogPosting", "headline": "Crue",'
        f' "liveBlogUpdate": [{{"@type": "BlogPosting", "articleBody": "{_PROSE}"}},'
        f' {{"@type": "BlogPosting", "articleBody": "{_BODY}"}}]}}</script>'
    )
    article = _page(tmp_path, "<main><h1>Crue</h1><p>Suivez la crue.</p></main>", head)
    assert _paragraphs(article)[-2:] == [_PROSE, _BODY]


@pytest.mark.parametrize(
    ("declared", "site", "title"),
    [
        ("Le pont ferme - Le Monde", "Le Monde", "Le pont ferme"),
        ("Le pont ferme | CBC News", "CBC", "Le pont ferme"),
        ("Le pont ferme — Ouest-France.fr", "Ouest-France", "Le pont ferme"),
        ("Pont de Varne | Le pont ferme | La Presse", "La Presse", "Le pont ferme"),
        ("La Presse | Le pont", "La Presse", "Le pont"),
        ("Incendie - Genève", "Tribune de Genève", "Incendie - Genève"),
        ("Le Monde", "Le Monde", "Le pont ferme"),
        ("Guerre : le point", "Le Point", "Guerre : le point"),
    ],
)
def test_titles_without_the_site(tmp_path: Path, declared: str, site: str, title: str) -> None:
    head = (
        f'<meta property="og:title" content="{declared}">'
        f'<meta property="og:site_name" content="{site}"><title>{declared}</title>'
    )
    article = _page(tmp_path, f"<main><h1>Le pont ferme</h1><p>{_PROSE}</p></main>", head)
    assert article.title == title


def test_what_is_hidden_is_told(tmp_path: Path) -> None:
    article = _page(
        tmp_path,
        f"<article><h1>Un titre</h1><p>{_PROSE}</p><p hidden>Rien.</p>"
        '<p style="display: none">Rien non plus.</p></article>',
    )
    assert _left_out(article, LeftOutKind.HIDDEN) == ["Rien.", "Rien non plus."]


def test_a_page_that_its_scripts_would_show(tmp_path: Path) -> None:
    body = f'<div style="display:none"><h1>Un titre</h1><p>{_PROSE}</p></div>'
    assert _PROSE in _page(tmp_path, body).text


def test_a_page_nested_without_end(tmp_path: Path) -> None:
    deep = "<div>" * 1500 + f"<p>{_PROSE}</p>"
    assert _PROSE in _page(tmp_path, f"<h1>Un titre</h1>{deep}").text


def test_a_notice_is_not_what_an_article_says_of_subscribers(tmp_path: Path) -> None:
    said = [
        "Se connecter à internet reste difficile dans la vallée, disent les abonnés du canton.",
        "À partir de 12 euros par mois, les habitants pourront prendre le bac de Lisle, promet "
        "le syndicat, qui compte déjà 240 inscrits.",
        "Pour continuer à vivre au pays, la commune compte sur ses abonnés.",
    ]
    paragraphs = "".join(f"<p>{one}</p>" for one in said)
    article = _page(
        tmp_path, f"<article><h1>Un titre</h1><p>{_PROSE}</p>{paragraphs}</article>"
    )
    assert _paragraphs(article)[2:] == said


def test_articles_one_after_the_other(tmp_path: Path) -> None:
    lake = "Le lac de Brenne est gelé depuis lundi, de la rive nord jusqu’au barrage. " * 3
    articles, said = _read(
        tmp_path,
        f"<nav>Accueil</nav><article><h1>Un vote</h1><p>{_BODY}</p></article>"
        f"<article><h1>Un lac</h1><p>{lake}</p></article>",
        _declared(headline="Un vote", datePublished="2025-09-05"),
    )
    assert said == []
    assert [(one.title, one.date is not None) for one in articles] == [
        ("Un vote", True),
        ("Un lac", False),
    ]
    assert [one.path for one in articles] == ["page.html#Un vote", "page.html#Un lac"]
    assert _left_out(articles[0], LeftOutKind.OTHER) == ["Accueil"]


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("Par Claire Dubois", "Claire Dubois"),
        ("Par Claire Dubois et Jean de La Tour", "Claire Dubois et Jean de La Tour"),
        ("Par <a href=/x>Luc Farge</a> (Lisle, envoyé spécial)", "Luc Farge"),
        ("By Chloe Desmarais · VBC News", "Chloe Desmarais"),
        ("Par la rédaction du Courrier", None),
        ("Par temps de pluie, Claire Dubois ne sort pas.", None),
    ],
)
def test_the_author_that_a_page_shows(tmp_path: Path, line: str, author: str | None) -> None:
    article = _page(
        tmp_path, f"<article><h1>Un titre</h1><div>{line}</div><p>{_PROSE}</p></article>"
    )
    assert article.author == author


@pytest.mark.parametrize(
    ("standfirst", "kinds"),
    [
        ("<div><p>Le pont ferme demain aux camions</p></div>", ["standfirst"]),
        # The beginning of many a page is what it says of itself.
        ("<p>Le pont ferme demain aux camions</p>", []),
        ('<div data-gu-name="standfirst"><p>Le pont de Varne ferme demain aux camions de plus '
         "de vingt tonnes.</p></div>", ["standfirst"]),
    ],
)  # fmt: skip
def test_what_a_page_says_of_itself_tells_its_standfirst(
    tmp_path: Path, standfirst: str, kinds: list[str]
) -> None:
    prose = "".join(
        f"<p>Les routiers passent par Lisle, un détour de {count} kilomètres par jour.</p>"
        for count in (20, 30, 40)
    )
    file = tmp_path / "a.html"
    file.write_text(
        '<html><head><meta charset="utf-8"><meta name="description" content="Le pont ferme '
        f'demain aux camions"></head><body><article><h1>Le pont</h1>{standfirst}{prose}'
        '<figure class="element-rich-link"><a href="/x">Le lait en hausse</a> Lire plus'
        "</figure></article></body></html>"
    )
    ((article,), _) = read_file(file)
    found = [one.kind.value for one in article.places if one.kind is PlaceKind.STANDFIRST]
    assert found == kinds
    assert "Le lait" not in article.text


@pytest.mark.parametrize(
    ("call", "notes", "back"),
    [
        ('<a href="#n" class="footnote-ref" role="doc-noteref"><sup>1</sup></a>',
         '<section class="footnotes" role="doc-endnotes"><ol><li>', 'role="doc-backlink"'),
        ('<a href="#n" role="doc-noteref">1</a>', '<aside role="doc-footnote"><div><p>',
         'class="footnote-back"'),
        ('<sup><a href="#n" class="footnote-ref">1</a></sup>',
         '<div class="footnotes"><ul><li>', 'class="footnote-backref"'),
    ],
)  # fmt: skip
def test_notes_of_a_page(tmp_path: Path, call: str, notes: str, back: str) -> None:
    file = tmp_path / "a.html"
    file.write_text(
        f'<html><head><meta charset="utf-8"></head><body><article><h1>Le phare</h1><p>Le phare'
        f"{call} de Kermor a coûté douze millions d’euros à la commune.</p>{notes}Selon la "
        f'mairie, qui a répondu. <a href="#r" {back}>↩︎</a></article></body></html>'
    )
    ((article,), _) = read_file(file)
    assert article.text.split("\n\n")[1:] == [
        "Le phare¹ de Kermor a coûté douze millions d’euros à la commune.",
        "Selon la mairie, qui a répondu.",
    ]
    assert article.places[-1].kind is PlaceKind.NOTE


@pytest.mark.parametrize("published", [1_741_780_800, 1_741_780_800_000, [1_741_780_800]])
def test_a_declared_day_in_seconds(tmp_path: Path, published: object) -> None:
    linked = json.dumps({"@type": "NewsArticle", "datePublished": published})
    file = tmp_path / "a.html"
    file.write_text(
        f'<html lang="fr"><head><script type="application/ld+json">{linked}</script></head>'
        "<body><article><h1>Le pont</h1><p>Le pont de Varne est ferm&eacute; depuis lundi aux "
        "camions de plus de vingt tonnes.</p></article></body></html>"
    )
    ((article,), _) = read_file(file)
    # 1 741 780 800 s after the beginning of 1970 it was noon in Greenwich.
    assert article.date == datetime.date(2025, 3, 12)
