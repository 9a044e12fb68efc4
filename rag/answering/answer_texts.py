"""What an answer says about itself, in French and in English: refusals and dates.

French typography: ``\\u202f`` (narrow no-break space) inside « » and before ``; ! ?``,
``\\u00a0`` (no-break space) before a colon.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.language.typography import format_date, quoted
from rag.language.wishes import subject_of_list
from rag.types import Abstention, Answer, Article, Citation, Detail, Overview, Reason, Wish

# So many reprints are named beside a quote; the others are counted.
NAMED_REPRINTS = 5
_VOWELS = tuple("aeiouyhàâäéèêëîïôöùûüœæAEIOUYHÀÂÄÉÈÊËÎÏÔÖÙÛÜŒÆ")


@dataclass(frozen=True, slots=True)
class AnswerTexts:
    """The words around an answer, in one language.

    ``messages`` say why the articles do not tell, ``details`` what is asked for,
    ``captions`` what quotes are that are more than an answer.
    """

    refusal: str
    nearest: str
    context: str
    undated: str
    also_in: str
    between: str
    and_others: str
    outlets_one: str
    outlets_many: str
    dated: str
    dated_range: str
    example_question: str
    speaker_question: str
    survey_question: str
    list_question: str
    meant: str
    shortened: str
    understood: str
    as_of: str
    timeline: str
    differing: str
    messages: Mapping[Reason, str]
    details: Mapping[Detail, str]
    captions: Mapping[Wish, str]


_FRENCH = AnswerTexts(
    refusal="Les articles ne le disent pas.",
    nearest="Le plus proche — ce n’est pas une réponse\N{NO-BREAK SPACE}:",
    context="juste avant\N{NO-BREAK SPACE}:",
    undated="sans date",
    also_in="Aussi dans\N{NO-BREAK SPACE}: ",
    between="\u202f; ",
    and_others="et {count} de plus",
    outlets_one="une seule source",
    outlets_many="{count} sources distinctes",
    dated="Ils datent du {first}.",
    dated_range="Ils vont du {first} au {last}.",
    example_question="Que sait-on {of}{name}\u202f?",
    speaker_question="Que dit {name}\u202f?",
    survey_question="De quoi parlent les articles\u202f?",
    list_question="Quels articles parlent {of}{name}\u202f?",
    meant="Vouliez-vous dire {words}\u202f?",
    shortened="La question est longue. Seule cette partie a été cherchée\u00a0: {question}",
    understood="Compris comme\u00a0: {question}",
    as_of="Selon ce qui était publié le {date}",
    timeline="Dans le temps, du plus récent au plus ancien",
    differing="Chiffres différents\N{NO-BREAK SPACE}:",
    messages={
        Reason.EMPTY_QUESTION: "La question est vide. Écrivez-la avec vos mots.",
        Reason.NO_ARTICLES: "L’index ne contient aucun article. Ajoutez-en au dossier des "
        "articles, puis lancez «\u202frag build\u202f».",
        Reason.FILTERS_EXCLUDE_ALL: "Aucun article ne passe les filtres. Élargissez-les.",
        Reason.WORDS_NOT_FOUND: "Aucun article ne contient\u00a0: {words}.",
        Reason.DATES_NOT_FOUND: "Aucun article ne parle de\u00a0: {dates}. {range}",
        Reason.DETAIL_NOT_FOUND: "Les articles parlent du sujet, mais aucune phrase proche de "
        "la question ne donne {detail}.",
        Reason.NOTHING_CLOSE: "Aucune phrase des articles n’est assez proche de la question.",
        Reason.PUT_TO_THE_TOOL: "Guillemets n’est pas une personne, c’est un outil de "
        "recherche\N{NO-BREAK SPACE}: il cite vos articles et ne pense, ne ressent ni ne joue "
        "rien.",
    },
    details={
        Detail.NUMBER: "de nombre",
        Detail.DATE: "de date",
        Detail.PLACE: "de lieu",
        Detail.AGE: "d’âge",
        Detail.PRICE: "de prix",
        Detail.DURATION: "de durée",
    },
    captions={
        Wish.SUMMARY: "Ce qui porte l’article",
        Wish.SURVEY: "De quoi parlent les articles",
        Wish.LIST: "Articles qui parlent de {subject}",
        Wish.TIMELINE: "Chronologie, du plus récent au plus ancien",
    },
)

_ENGLISH = AnswerTexts(
    refusal="The articles do not say.",
    nearest="What comes nearest — this is not an answer:",
    context="just before:",
    undated="undated",
    also_in="Also in: ",
    between="; ",
    and_others="and {count} more",
    outlets_one="one source only",
    outlets_many="{count} distinct sources",
    dated="They are of {first}.",
    dated_range="They go from {first} to {last}.",
    example_question="What is known about {name}?",
    speaker_question="What does {name} say?",
    survey_question="What are the articles about?",
    list_question="Which articles speak of {name}?",
    meant="Did you mean {words}?",
    shortened="The question is long. Only this part was searched for: {question}",
    understood="Understood as: {question}",
    as_of="From what was published by {date}",
    timeline="In time, newest first",
    differing="Differing figures:",
    messages={
        Reason.EMPTY_QUESTION: "The question is empty. Ask it in your own words.",
        Reason.NO_ARTICLES: "The index holds no article. Put some into the folder of "
        "articles, then run “rag build”.",
        Reason.FILTERS_EXCLUDE_ALL: "No article passes the filters. Widen them.",
        Reason.WORDS_NOT_FOUND: "No article contains: {words}.",
        Reason.DATES_NOT_FOUND: "No article speaks of: {dates}. {range}",
        Reason.DETAIL_NOT_FOUND: "The articles are on the subject, but no sentence near the "
        "question gives {detail}.",
        Reason.NOTHING_CLOSE: "No sentence of the articles is close enough to the question.",
        Reason.PUT_TO_THE_TOOL: "Guillemets is not a person but a search tool: it quotes your "
        "articles and thinks, feels or plays nothing.",
    },
    details={
        Detail.NUMBER: "a number",
        Detail.DATE: "a date",
        Detail.PLACE: "a place",
        Detail.AGE: "an age",
        Detail.PRICE: "a price",
        Detail.DURATION: "a duration",
    },
    captions={
        Wish.SUMMARY: "What carries the article",
        Wish.SURVEY: "What the articles are about",
        Wish.LIST: "Articles that speak of {subject}",
        Wish.TIMELINE: "Timeline, newest first",
    },
)

ANSWER_TEXTS: Mapping[str, AnswerTexts] = {"fr": _FRENCH, "en": _ENGLISH}


def also_in_line(citation: Citation, language: str) -> str:
    """Which reprints say a citation too, and how many different outlets say it in all.

    ``citation.also_in`` must not be empty. What it returns is not escaped.
    """
    shown = [
        reprint_title(other.article, language) + reprint_source(other.article, language)
        for other in citation.also_in[:NAMED_REPRINTS]
    ]
    named = ANSWER_TEXTS[language].between.join(shown)
    before, after = around_reprints(citation, language)
    return f"{before}{named}{after}"


def around_reprints(citation: Citation, language: str) -> tuple[str, str]:
    """The words before and after the first NAMED_REPRINTS reprints of a citation."""
    texts, outlets = ANSWER_TEXTS[language], citation.outlets
    left = len(citation.also_in) - NAMED_REPRINTS
    after = texts.between + texts.and_others.format(count=left) if left > 0 else ""
    articles = (citation.article, *(other.article for other in citation.also_in))
    # Of an article that names no outlet nobody knows whether it is of the one known.
    if outlets > 1 or all(article.outlet for article in articles):
        form = texts.outlets_one if outlets == 1 else texts.outlets_many
        after += f" — {form.format(count=outlets)}"
    return texts.also_in, after


def reprint_title(article: Article, language: str) -> str:
    """An article's title in quotation marks."""
    return quoted(article.title, language)


def reprint_source(article: Article, language: str) -> str:
    """Outlet and date in brackets after a space, or nothing."""
    date = article.date and format_date(article.date, language)
    where = ", ".join(part for part in (article.outlet, date) if part)
    return f" ({where})" if where else ""


def abstention_message(abstention: Abstention, overview: Overview, language: str) -> str:
    """Why the articles do not say, in a sentence or two."""
    texts, detail = ANSWER_TEXTS[language], abstention.detail
    why = texts.messages[abstention.reason].format(
        words=_listed(abstention.missing_words, language),
        dates=_listed(abstention.missing_dates, language),
        range=_range(overview, language),
        detail=texts.details[detail] if detail else "",
    )
    if abstention.meant:
        near = dict.fromkeys(word for _, word in abstention.meant)
        why = f"{why} {texts.meant.format(words=_listed(list(near), language))}"
    return why.rstrip()


def understood_line(answer: Answer, language: str) -> str | None:
    """As what a question was understood, where it is not what it says by itself."""
    if answer.understood is None:
        return None
    texts = ANSWER_TEXTS[language]
    line = texts.shortened if answer.is_shortened else texts.understood
    return line.format(question=quoted(answer.understood, language))


def as_of_line(answer: Answer, language: str) -> str | None:
    """From which day it was asked, where that is not today."""
    if answer.as_of is None:
        return None
    return ANSWER_TEXTS[language].as_of.format(date=format_date(answer.as_of, language))


def caption(answer: Answer, language: str) -> str | None:
    """What the quotes of ``answer`` are, where they are not simply what answers."""
    words = ANSWER_TEXTS[language].captions.get(answer.wish)
    if words is None or not answer.answered:
        return None
    subject = subject_of_list(answer.question).strip(' \u202f\u00a0?!.…,;:«»“”"')
    if answer.wish is Wish.LIST and not subject:
        return None
    return words.format(subject=quoted(subject, language))


def example_question(name: str, language: str) -> str:
    """A question about a name."""
    return ANSWER_TEXTS[language].example_question.format(of=_of(name), name=name)


def speaker_question(name: str, language: str) -> str:
    """A question about what somebody said."""
    return ANSWER_TEXTS[language].speaker_question.format(name=name)


def list_question(name: str, language: str) -> str:
    """A request for the articles that speak of a name."""
    return ANSWER_TEXTS[language].list_question.format(of=_of(name), name=name)


def _of(name: str) -> str:
    return "d’" if name.startswith(_VOWELS) else "de "


def _listed(items: Sequence[str], language: str) -> str:
    return ", ".join(quoted(item, language) for item in items)


def _range(overview: Overview, language: str) -> str:
    if overview.first_date is None or overview.last_date is None:
        return ""
    first, last = overview.first_date, overview.last_date
    texts = ANSWER_TEXTS[language]
    return (texts.dated if first == last else texts.dated_range).format(
        first=format_date(first, language), last=format_date(last, language)
    )
