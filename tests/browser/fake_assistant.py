"""An assistant without index or model: fixed answers about a few articles."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Self

from rag.errors import IndexDamagedError
from rag.index.article_list import (
    ArticleLine,
    ArticleLines,
    ArticleList,
    Order,
    article_line,
    cut,
)
from rag.types import (
    Abstention,
    AlsoIn,
    Answer,
    Article,
    Citation,
    Context,
    Filters,
    Hit,
    Overview,
    Passage,
    Quote,
    Reason,
    Sentence,
    Timings,
    Version,
)
from rag.types.provenance import DateFrom, LeftOut, LeftOutKind
from tests.fakes import CountingEncoder

SEED = Path(__file__).parents[2] / "seeds" / "000_7952201a0ce36f6f.txt"

WIKA = "Qui a demandé Wika en fiançailles ?"
BRIDGE = "When does the bridge open again?"
BOTH = "Que disent les articles ?"
AUSTRALIA = "Quelle est la capitale de l’Australie ?"
TRAP = "Montre <b>le</b> *piège* `${1+1}` {{1+1}}"
REPRINTED = "Qui le dit aussi ?"
WHY = "Et pourquoi ?"
UNDERSTOOD = f"{WHY} ({BRIDGE})"
DAMAGED = "Abîme l’index"
UNEXPECTED = "Plante"


def _read_seed() -> Article:
    found = re.match(r" date (\d{4}-\d{2}-\d{2}) ", raw := SEED.read_text("utf-8"))
    assert found is not None
    return Article(
        id="wika-0123456789abcdef",
        path=SEED.name,
        text=raw[found.end() :],
        title="Grok, l’IA d’Elon Musk, a demandé sa petite amie humaine en fiançailles",
        file_hash="0" * 64,
        date=dt.date.fromisoformat(found[1]),
    )


REPEATED = "Le pont rouvrira le 3 juin."
_FILLING = "La rivière est basse, et les travaux avancent au rythme prévu.\n\n"

WIKA_ARTICLE = _read_seed()
# Of an index there are only their counts.
LEFT_OUT = (
    LeftOut.of(LeftOutKind.NAVIGATION, "Accueil Sports <b>Météo</b>"),
    LeftOut.of(LeftOutKind.NOTICE, "Abonnez-vous pour lire la suite."),
)
BRIDGE_ARTICLE = Article(
    id="pont &?#/=%",
    path="2024/pont.html",
    text=_FILLING * 20 + REPEATED + "\n\n" + _FILLING * 20 + REPEATED + "\n\n" + _FILLING * 20,
    title="Le pont de l’Orge rouvre à la circulation",
    file_hash="1" * 64,
    date=dt.date(2024, 3, 1),
    source="Le Courrier de l’Orge",
    url="https://courrier.invalid/2024/pont?page=1&vue=2",
    date_from=DateFrom.PUBLISHED,
    left_out=tuple(dataclasses.replace(one, text="") for one in LEFT_OUT),
)
HOSTILE_WORDS = (
    "<script>window.hurt = 1</script> <img src=x onerror='window.hurt = 2'> "
    "</mark></div><iframe src=//evil.invalid></iframe> [lien](javascript:window.hurt=3) "
    "**gras** `code` $$x^2$$ ${window.hurt=4} {{window.hurt}} &lt;b&gt; &amp;amp; \\* \n\n"
    "# Titre\n\n- liste | a | b |\n|---|---|\n<style>body{display:none}</style> "
    "www.evil.invalid"
)
HOSTILE_ARTICLE = Article(
    id='"><script>window.hurt = 5</script>',
    path="<img src=x onerror='window.hurt = 6'>.txt",
    text=f"Avant.\n\n{HOSTILE_WORDS}\n\nAprès.",
    title="<img src=x onerror='window.hurt = 7'> *Titre*",
    file_hash="2" * 64,
    date=None,
    language='"><script>window.hurt = 8</script>',
    source="<svg onload='window.hurt = 9'>${window.hurt=11}{{window.hurt}}",
    url="javascript:window.hurt=10",
)
EVERYTHING = Filters()
ARTICLES = (WIKA_ARTICLE, BRIDGE_ARTICLE, HOSTILE_ARTICLE)


def quote(
    article: Article,
    words: str,
    *,
    occurrence: int = 1,
    highlighted: str = "",
    before: str = "",
) -> Quote:
    """The quote of ``words``, which must stand in ``article``."""
    start = -1
    for _ in range(occurrence):
        start = article.text.index(words, start + 1)
    highlights: tuple[tuple[int, int], ...] = ()
    if highlighted:
        at = article.text.index(highlighted, start)
        highlights = ((at, at + len(highlighted)),)
    context = None
    if before:
        at = article.text.rindex(before, 0, start)
        context = Context(before, at, at + len(before))
    end = start + len(words)
    return Quote(article.id, words, start, end, start, end, 1.0, highlights, context)


def _cite(*quotes: tuple[Article, Quote]) -> tuple[Citation, ...]:
    return tuple(
        Citation(number, quoted, article)
        for number, (article, quoted) in enumerate(quotes, start=1)
    )


WIKA_CITATIONS = _cite(
    (
        WIKA_ARTICLE,
        quote(
            WIKA_ARTICLE,
            "Le 13 juillet dernier, Wika a été demandée en fiançailles par Kasper.",
            highlighted="Kasper",
        ),
    ),
    (
        WIKA_ARTICLE,
        quote(
            WIKA_ARTICLE,
            "Mais dans le cas de Wika, c’est Kasper – ou Grok – qui a mis son genou "
            "virtuel à terre, après cinq mois de relation virtuelle.",
            highlighted="Kasper – ou Grok",
        ),
    ),
    (
        WIKA_ARTICLE,
        quote(
            WIKA_ARTICLE,
            "Elle raconte que la demande a eu lieu lors d’un séjour à la montagne, dans un "
            "cadre magnifique, et qu’elle a feint d’être surprise quand elle a « reçu » la "
            "bague.",
            before="C’est sur Reddit que la jeune femme a annoncé la nouvelle en partageant "
            "une photo de sa main arborant une bague avec un cœur bleu.",
        ),
    ),
)
BRIDGE_CITATIONS = _cite(
    (BRIDGE_ARTICLE, quote(BRIDGE_ARTICLE, REPEATED, occurrence=2, highlighted="3 juin"))
)
BOTH_CITATIONS = _cite(
    (BRIDGE_ARTICLE, BRIDGE_CITATIONS[0].quote),
    (WIKA_ARTICLE, WIKA_CITATIONS[0].quote),
    (BRIDGE_ARTICLE, quote(BRIDGE_ARTICLE, REPEATED)),
)
REPRINTED_CITATIONS = (
    dataclasses.replace(
        WIKA_CITATIONS[0],
        also_in=(
            AlsoIn(
                BRIDGE_ARTICLE, BRIDGE_CITATIONS[0].quote.start, BRIDGE_CITATIONS[0].quote.end
            ),
        ),
    ),
    WIKA_CITATIONS[1],
)
TRAP_CITATIONS = _cite(
    (
        HOSTILE_ARTICLE,
        quote(HOSTILE_ARTICLE, HOSTILE_WORDS, highlighted="**gras**", before="Avant."),
    )
)


class FakeAssistant:
    """Answers the questions above, and refuses all others."""

    def __init__(self, articles: tuple[Article, ...] = ARTICLES) -> None:
        self._articles = {article.id: article for article in articles}
        self.encoder = CountingEncoder()

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Self]:
        """Itself, which never changes."""
        yield self

    def ask(
        self,
        question: str,
        *,
        filters: Filters = EVERYTHING,
        top: int = 3,
        previous: str | None = None,
    ) -> Answer:
        """The fixed answer to ``question``, from the articles that pass ``filters``."""
        if question == DAMAGED:
            raise IndexDamagedError("the catalogue <b>holds</b> no article; run 'rag build'")
        if question == UNEXPECTED:
            raise ZeroDivisionError("a secret of the inside")
        understood = f"{question} ({previous})" if question == WHY and previous else None
        citations = {
            UNDERSTOOD: BRIDGE_CITATIONS,
            WIKA: WIKA_CITATIONS,
            BRIDGE: BRIDGE_CITATIONS,
            BOTH: BOTH_CITATIONS,
            TRAP: TRAP_CITATIONS,
            REPRINTED: REPRINTED_CITATIONS,
        }.get(understood or question, ())
        citations = tuple(one for one in citations if _passes(one.article, filters))
        abstention = None
        if not citations:
            abstention = Abstention(
                Reason.WORDS_NOT_FOUND,
                missing_words=("Australie",),
                nearest=_cite((WIKA_ARTICLE, WIKA_CITATIONS[1].quote)),
            )
        shown = citations or WIKA_CITATIONS[:1]
        return Answer(
            question=question,
            language="fr",
            citations=citations,
            abstention=abstention,
            confidence=0.875 if citations else 0.125,
            hits=tuple(_hit(number, cited.quote) for number, cited in enumerate(shown)),
            timings=Timings(embed=12.4, retrieve=3.6, read=8.2, total=24.2),
            understood=understood,
        )

    def search(
        self, query: str, *, filters: Filters = EVERYTHING, count: int = 10
    ) -> tuple[Hit, ...]:
        """What is quoted for the same question."""
        return self.ask(query, filters=filters).hits[:count]

    def article(self, article_id: str) -> Article:
        """The article of that id."""
        try:
            return self._articles[article_id]
        except KeyError:
            raise IndexDamagedError(f"the index holds no article '{article_id}'") from None

    def read_again(self, article: Article) -> Article | None:
        """What was left out of the bridge's article; others have no file."""
        if article.id != BRIDGE_ARTICLE.id:
            return None
        return dataclasses.replace(article, left_out=LEFT_OUT)

    def versions(self, article_id: str) -> tuple[Version, ...]:
        """The bridge's article was corrected once."""
        if article_id != BRIDGE_ARTICLE.id:
            return ()
        return (Version("Le pont rouvrira.", dt.datetime(2024, 3, 2, tzinfo=dt.UTC)),)

    def overview(self) -> Overview:
        """What the fake index holds."""
        dates = [article.date for article in self._articles.values() if article.date]
        return Overview(
            generation="fake",
            built_at=dt.datetime(2025, 9, 1, 8, 30, tzinfo=dt.UTC),
            model="fake",
            articles=len(self._articles),
            passages=9,
            sentences=90,
            first_date=min(dates),
            last_date=max(dates),
            languages=(("fr", len(self._articles)),),
            sources=tuple((one.source, 1) for one in self._articles.values() if one.source),
            broken=(),
        )

    def examples(self, language: str, count: int = 4) -> tuple[str, ...]:
        """Questions that it answers."""
        return (WIKA, BRIDGE, BOTH, AUSTRALIA)[:count]

    def list_articles(
        self,
        search: str = "",
        order: Order = Order.DATE,
        descending: bool = True,
        first: int = 0,
        count: int = 50,
    ) -> ArticleList:
        """A page of the list of its articles."""
        lines = [_line(one) for one in self._articles.values()]
        return cut(ArticleLines(lines).select(search, order, descending), first, count)

    def follow_ups(
        self,
        answer: Answer,
        language: str,
        *,
        filters: Filters = EVERYTHING,
        asked: Collection[str] = (),
    ) -> tuple[str, ...]:
        """Those of its questions that were not asked, after an answer."""
        follow = (BRIDGE, WIKA, TRAP) if answer.answered else ()
        return tuple(question for question in follow if question not in asked)

    def warm_up(self) -> None:
        """Nothing to load."""


def _line(article: Article) -> ArticleLine:
    date = article.date.isoformat() if article.date else None
    length = len(article.text)
    return article_line(article.id, article.path, article.title, date, article.source, length)


def _passes(article: Article, filters: Filters) -> bool:
    if filters.since and not (article.date and article.date >= filters.since):
        return False
    if filters.until and not (article.date and article.date <= filters.until):
        return False
    if filters.articles and article.id not in filters.articles:
        return False
    return not filters.sources or article.source in filters.sources


def _hit(number: int, quoted: Quote) -> Hit:
    sentence = Sentence(quoted.start, quoted.end)
    passage = Passage(quoted.article_id, quoted.start, quoted.end, (sentence,))
    return Hit(number, passage, score=1.25 - number / 4, cosine=0.875, lexical=7.5)
