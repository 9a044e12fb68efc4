"""The words of the page of statistics, in French and in English."""

from __future__ import annotations

from dataclasses import dataclass

FRENCH = "fr"
ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class PageTexts:
    """The page's words in one language; ``thousands`` stands between groups of digits."""

    title: str
    built: str
    articles: str
    passages: str
    sentences: str
    model: str
    engine: str
    size: str
    corrected: str
    stories: str
    reprinted: str
    left_out: str
    by_month: str
    undated: str
    by_source: str
    no_source: str
    by_language: str
    by_length: str
    words: str
    others: str
    largest_stories: str
    reasons: str
    file: str
    reason: str
    nothing: str
    thousands: str
    decimal: str
    megabytes: str


PAGE_TEXTS = {
    FRENCH: PageTexts(
        title="Ce que contient l’index",
        built="Index du {date}",
        articles="Articles",
        passages="Passages",
        sentences="Phrases",
        model="Modèle",
        engine="Moteur",
        size="Sur le disque",
        corrected="Articles modifiés depuis",
        stories="Récits publiés plusieurs fois",
        reprinted="Articles de ces récits",
        left_out="Fichiers écartés",
        by_month="Articles par mois",
        undated="Sans date\N{NO-BREAK SPACE}: {count}",
        by_source="Articles par source",
        no_source="Sans source",
        by_language="Articles par langue",
        by_length="Articles par longueur, en mots",
        words="Longueur médiane\N{NO-BREAK SPACE}: {count} mots",
        others="Autres",
        largest_stories="Récits les plus repris",
        reasons="Fichiers écartés et pourquoi",
        file="Fichier",
        reason="Raison",
        nothing="Rien à compter pour l’instant.",
        thousands="\N{NARROW NO-BREAK SPACE}",
        decimal=",",
        megabytes="Mo",
    ),
    ENGLISH: PageTexts(
        title="What the index holds",
        built="Index of {date}",
        articles="Articles",
        passages="Passages",
        sentences="Sentences",
        model="Model",
        engine="Engine",
        size="On disk",
        corrected="Articles changed since",
        stories="Stories printed several times",
        reprinted="Articles of these stories",
        left_out="Files left out",
        by_month="Articles by month",
        undated="Without a date: {count}",
        by_source="Articles by source",
        no_source="Without a source",
        by_language="Articles by language",
        by_length="Articles by length, in words",
        words="Median length: {count} words",
        others="Others",
        largest_stories="Stories printed most often",
        reasons="Files left out and why",
        file="File",
        reason="Reason",
        nothing="Nothing to count yet.",
        thousands=",",
        decimal=".",
        megabytes="MB",
    ),
}
