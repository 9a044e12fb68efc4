r"""Every word of the page, in French and in English.

What an answer says about itself (refusals, dates) is in ``rag/texts.py``. Fields
with ``{name}`` are filled with ``str.format``. French typography: ``\N{NARROW
NO-BREAK SPACE}`` inside « » and before ``; ! ?``, ``\N{NO-BREAK SPACE}`` before
a colon.
"""

from __future__ import annotations

from dataclasses import dataclass

FRENCH = "fr"
ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Texts:
    """The page's words in one language."""

    tagline: str
    what_it_is: str
    articles_none: str
    articles_one: str
    articles_many: str
    dated: str
    dated_range: str
    built: str
    other_language: str
    conversation: str
    invitation: str
    ask: str
    ask_placeholder: str
    searching: str
    loading_model: str
    message_of_reader: str
    message_of_page: str
    context: str
    open_quote: str
    sources: str
    quotes_one: str
    quotes_many: str
    undated: str
    refusal: str
    nearest: str
    how_found: str
    considered_one: str
    considered_many: str
    column_article: str
    column_score: str
    column_meaning: str
    column_words: str
    confidence: str
    times: str
    verbatim: str
    question_too_long: str
    failed_index: str
    failed_model: str
    failed: str
    failed_unexpectedly: str
    source: str
    close: str
    previous: str
    next: str
    position: str
    original: str
    file: str
    keys: str
    source_missing: str
    source_unreachable: str
    filter: str
    filter_since: str
    filter_until: str
    filter_source: str
    filter_any_source: str
    filter_apply: str
    filter_remove: str
    filters_in_force: str
    filtered_since: str
    filtered_until: str
    filter_no_date: str
    filter_order: str
    filter_no_source: str
    asked_of: str
    widen: str
    understood: str
    ask_literally: str
    copy_answer: str
    copy_link: str
    copied: str
    link_copied: str
    copy_failed: str
    characters: str
    export: str
    export_markdown: str
    export_html: str
    export_title: str
    export_note: str

    def articles(self, count: int) -> str:
        """How many articles there are, in words."""
        return _counted(count, self.articles_none, self.articles_one, self.articles_many)

    def quotes(self, count: int) -> str:
        """How many quotes there are; ``count`` is at least 1."""
        return _counted(count, self.quotes_many, self.quotes_one, self.quotes_many)

    def considered(self, count: int) -> str:
        """How many passages were considered."""
        return _counted(count, self.considered_many, self.considered_one, self.considered_many)


def _counted(count: int, none: str, one: str, many: str) -> str:
    form = none if count == 0 else one if count == 1 else many
    return form.format(count=count)


_FRENCH = Texts(
    tagline="Posez une question : vos articles répondent avec leurs propres phrases.",
    what_it_is="Ce n’est pas une personne, c’est un outil de recherche : "
    "il cite les articles et n’écrit rien lui-même.",
    articles_none="Aucun article pour l’instant",
    articles_one="1 article",
    articles_many="{count} articles",
    dated="du {date}",
    dated_range="du {first} au {last}",
    built="index du {date}",
    other_language="English",
    conversation="Questions et citations",
    invitation="Par exemple :",
    ask="Demander",
    ask_placeholder="Que voulez-vous savoir ?",
    searching="Recherche dans les articles…",
    loading_model="Le modèle se charge, une seule fois ; la réponse suit…",
    message_of_reader="Votre question : {text}",
    message_of_page="Réponse",
    context="juste avant :",
    open_quote="Citation {number} : ouvrir dans l’article",
    sources="Sources",
    quotes_one="1 citation",
    quotes_many="{count} citations",
    undated="sans date",
    refusal="Les articles ne le disent pas.",
    nearest="Le plus proche — ce n’est pas une réponse",
    how_found="Comment cela a été trouvé",
    considered_one="1 passage considéré.",
    considered_many="{count} passages considérés, du plus au moins proche.",
    column_article="Passage de",
    column_score="Score",
    column_meaning="Sens",
    column_words="Mots",
    confidence="Confiance estimée : {percent} %.",
    times="Temps : question {embed} ms, recherche {retrieve} ms, lecture {read} ms ; "
    "en tout {total} ms.",
    verbatim="Chaque citation a été comparée à son article : mot pour mot.",
    question_too_long="La question est trop longue : {found} caractères, "
    "{allowed} au plus. Raccourcissez-la.",
    failed_index="L’index des articles ne peut pas être lu.",
    failed_model="Le modèle ne peut pas être chargé.",
    failed="La question n’a pas pu être traitée.",
    failed_unexpectedly="Une erreur inattendue est survenue. "
    "Le détail est dans le terminal où la page a été lancée.",
    source="Article source",
    close="Fermer",
    previous="Citation précédente",
    next="Citation suivante",
    position="Citation {number} sur {count}",
    original="Lire l’original",
    file="Fichier : {path}",
    keys="[ et ] : citation précédente, suivante · Échap : fermer",
    source_missing="Cet article n’est plus dans l’index. Posez la question à nouveau.",
    source_unreachable="L’article n’a pas pu être chargé. "
    "Vérifiez que le programme tourne encore.",
    filter="Filtrer",
    filter_since="Depuis le",
    filter_until="Jusqu’au",
    filter_source="Source",
    filter_any_source="Toutes",
    filter_apply="Appliquer",
    filter_remove="Retirer le filtre : {filter}",
    filters_in_force="Filtres en vigueur",
    filtered_since="depuis le {date}",
    filtered_until="jusqu’au {date}",
    filter_no_date="« {written} » n’est pas une date. Écrivez par exemple 2024-03-01.",
    filter_order="La fin ({until}) est avant le début ({since}).",
    filter_no_source="Aucune source des articles ne s’appelle « {written} ».",
    asked_of="Cherché parmi les articles : {filters}",
    widen="Élargir les filtres",
    understood="Compris comme : {question}",
    ask_literally="Poser telle quelle",
    copy_answer="Copier",
    copy_link="Copier le lien",
    copied="Réponse copiée.",
    link_copied="Lien copié.",
    copy_failed="Le navigateur n’a pas permis de copier.",
    characters="caractères {start} à {end}",
    export="Exporter",
    export_markdown="En Markdown",
    export_html="En HTML",
    export_title="Questions et citations",
    export_note="Guillemets cite les articles mot pour mot et n’écrit rien lui-même. "
    "Les caractères sont comptés dans le texte de l’article, le premier étant 0, "
    "le dernier non compris.",
)

_ENGLISH = Texts(
    tagline="Ask a question: your articles answer in their own sentences.",
    what_it_is="This is not a person but a search tool: "
    "it quotes the articles and writes nothing itself.",
    articles_none="No article yet",
    articles_one="1 article",
    articles_many="{count} articles",
    dated="of {date}",
    dated_range="from {first} to {last}",
    built="index of {date}",
    other_language="Français",
    conversation="Questions and quotes",
    invitation="For example:",
    ask="Ask",
    ask_placeholder="What would you like to know?",
    searching="Searching the articles…",
    loading_model="The model is loading, this once; the answer follows…",
    message_of_reader="Your question: {text}",
    message_of_page="Answer",
    context="just before:",
    open_quote="Quote {number}: open in the article",
    sources="Sources",
    quotes_one="1 quote",
    quotes_many="{count} quotes",
    undated="undated",
    refusal="The articles do not say.",
    nearest="What comes nearest — this is not an answer",
    how_found="How this was found",
    considered_one="1 passage considered.",
    considered_many="{count} passages considered, nearest first.",
    column_article="Passage of",
    column_score="Score",
    column_meaning="Meaning",
    column_words="Words",
    confidence="Estimated confidence: {percent}%.",
    times="Times: question {embed} ms, search {retrieve} ms, reading {read} ms; "
    "{total} ms in all.",
    verbatim="Each quote was compared with its article: word for word.",
    question_too_long="The question is too long: {found} characters, "
    "{allowed} at most. Please shorten it.",
    failed_index="The index of the articles cannot be read.",
    failed_model="The model cannot be loaded.",
    failed="The question could not be handled.",
    failed_unexpectedly="Something unexpected went wrong. "
    "The details are in the terminal where the page was started.",
    source="Source article",
    close="Close",
    previous="Previous quote",
    next="Next quote",
    position="Quote {number} of {count}",
    original="Read the original",
    file="File: {path}",
    keys="[ and ]: previous, next quote · Escape: close",
    source_missing="This article is no longer in the index. Ask the question again.",
    source_unreachable="The article could not be loaded. "
    "Check that the program is still running.",
    filter="Filter",
    filter_since="From",
    filter_until="Until",
    filter_source="Source",
    filter_any_source="All",
    filter_apply="Apply",
    filter_remove="Remove the filter: {filter}",
    filters_in_force="Filters in force",
    filtered_since="from {date}",
    filtered_until="until {date}",
    filter_no_date="“{written}” is not a date. Write for example 2024-03-01.",
    filter_order="The end ({until}) is before the beginning ({since}).",
    filter_no_source="No source of the articles is called “{written}”.",
    asked_of="Searched among the articles: {filters}",
    widen="Widen the filters",
    understood="Understood as: {question}",
    ask_literally="Ask it as it stands",
    copy_answer="Copy",
    copy_link="Copy the link",
    copied="Answer copied.",
    link_copied="Link copied.",
    copy_failed="The browser did not allow copying.",
    characters="characters {start} to {end}",
    export="Export",
    export_markdown="As Markdown",
    export_html="As HTML",
    export_title="Questions and quotes",
    export_note="Guillemets quotes the articles word for word and writes nothing itself. "
    "Characters are counted in the article’s text, the first one being 0, "
    "the last one not included.",
)

TEXTS = {FRENCH: _FRENCH, ENGLISH: _ENGLISH}
