r"""Every word of the page, in French and in English.

What an answer says about itself is in ``rag/answering/answer_texts.py``. Fields
with ``{name}`` are filled with ``str.format``. French typography: ``\N{NARROW
NO-BREAK SPACE}`` inside « » and before ``; ! ?``, ``\N{NO-BREAK SPACE}`` before
a colon.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    busy: str
    not_sent: str
    failed_index: str
    failed_model: str
    failed_engine: str
    failed: str
    failed_unexpectedly: str
    conversations: str
    conversation_new: str
    conversations_none: str
    questions_one: str
    questions_many: str
    delete: str
    conversation_delete: str
    conversation_deleted: str
    conversation_restore: str
    conversations_clear: str
    conversations_clear_question: str
    cancel: str
    not_kept: str
    turn_unreadable: str
    failed_keeping: str
    conversations_unreachable: str
    verdict_asked: str
    verdict_on: str
    verdict_good: str
    verdict_does_not_answer: str
    verdict_wrong: str
    verdict_kept: str
    verdict_taken_back: str
    verdict_not_kept: str
    verdict_nowhere: str
    source: str
    close: str
    previous: str
    next: str
    position: str
    original: str
    file: str
    changed_on: str
    keys: str
    source_missing: str
    source_unreachable: str
    evaluation: str
    evaluation_lead: str
    evaluation_none: str
    evaluation_run: str
    evaluation_running: str
    evaluation_failed: str
    evaluation_not_yet: str
    evaluation_about: str
    evaluation_invalid: str
    evaluation_measures: str
    evaluation_changes: str
    evaluation_no_change: str
    evaluation_questions: str
    column_measure: str
    column_value: str
    column_interval: str
    column_change: str
    column_question: str
    column_result: str
    column_first_quote: str
    column_confidence: str
    column_mean: str
    column_right: str
    result_right: str
    result_wrong: str
    result_refused_rightly: str
    result_refused_wrongly: str
    result_answered_wrongly: str
    curve: str
    curve_answered: str
    curve_right: str
    curve_spoken: str
    reliability: str
    reliability_confidence: str
    reliability_spoken: str
    reliability_numbers: str
    filter: str
    filter_since: str
    filter_until: str
    filter_sources: str
    filter_apply: str
    filter_remove: str
    filters_in_force: str
    filtered_since: str
    filtered_until: str
    filter_no_date: str
    filter_order: str
    filter_no_source: str
    articles_title: str
    articles_search: str
    list_none: str
    list_place: str
    list_previous: str
    list_next: str
    column_title: str
    column_date: str
    column_source: str
    column_length: str
    column_remove: str
    ask_only: str
    filtered_article: str
    filter_no_article: str
    remove_article: str
    removed_article: str
    restored_article: str
    undo: str
    bring: str
    bring_hint: str
    drop_here: str
    sending: str
    sending_failed: str
    sending_busy: str
    brought: str
    replaced: str
    kept_both: str
    already_there: str
    clashes: str
    clash_replace: str
    clash_keep_both: str
    refused: str
    read_only: str
    waiting: str
    waiting_added: str
    waiting_changed: str
    waiting_removed: str
    update_index: str
    update_done: str
    update_failed: str
    watched: str
    watch_failing: str
    step_articles: str
    step_texts: str
    step_other: str
    time_left: str
    asked_of: str
    widen: str
    understood: str
    ask_literally: str
    go_on: str
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

    def questions(self, count: int) -> str:
        """How many questions there are; ``count`` is at least 1."""
        return _counted(count, self.questions_many, self.questions_one, self.questions_many)

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
    busy="Beaucoup de questions arrivent en même temps : la vôtre n’a pas pu être posée. "
    "Réessayez dans un instant.",
    not_sent="La question n’a pas pu être envoyée. Vérifiez que le programme tourne encore.",
    failed_index="L’index des articles ne peut pas être lu.",
    failed_model="Le modèle ne peut pas être chargé.",
    failed_engine="Le serveur qui cherche les passages ne répond pas comme il faut. "
    "Reposez la question dans un moment.",
    failed="La question n’a pas pu être traitée.",
    failed_unexpectedly="Une erreur inattendue est survenue. "
    "Le détail est dans le terminal où la page a été lancée.",
    conversations="Conversations",
    conversation_new="Nouvelle conversation",
    conversations_none="Aucune conversation pour l’instant. Celles de ce navigateur seront "
    "gardées ici, sur la machine où tourne le programme.",
    questions_one="1 question",
    questions_many="{count} questions",
    delete="Effacer",
    conversation_delete="Effacer la conversation : {question}",
    conversation_deleted="Conversation effacée.",
    conversation_restore="Annuler",
    conversations_clear="Tout effacer",
    conversations_clear_question="Effacer toutes vos conversations, sans retour ? Vos avis "
    "sur les citations restent.",
    cancel="Annuler",
    not_kept="Cette réponse n’a pas pu être gardée. "
    "Le détail est dans le terminal où la page a été lancée.",
    turn_unreadable="Cette réponse ne peut plus être lue par cette version du programme.",
    failed_keeping="Les conversations ne peuvent pas être lues.",
    conversations_unreachable="Les conversations n’ont pas pu être chargées. "
    "Vérifiez que le programme tourne encore.",
    verdict_asked="Votre avis :",
    verdict_on="Citation {number} :",
    verdict_good="bonne",
    verdict_does_not_answer="ne répond pas",
    verdict_wrong="fausse",
    verdict_kept="Avis gardé sur cette machine.",
    verdict_taken_back="Avis retiré.",
    verdict_not_kept="L’avis n’a pas pu être gardé. "
    "Le détail est dans le terminal où la page a été lancée.",
    verdict_nowhere="Cette réponse n’est plus gardée. Posez la question à nouveau.",
    source="Article source",
    close="Fermer",
    previous="Citation précédente",
    next="Citation suivante",
    position="Citation {number} sur {count}",
    original="Lire l’original",
    file="Fichier : {path}",
    changed_on="Modifié le {date}",
    keys="[ et ] : citation précédente, suivante · Échap : fermer",
    source_missing="Cet article n’est plus dans l’index. Posez la question à nouveau.",
    source_unreachable="L’article n’a pas pu être chargé. "
    "Vérifiez que le programme tourne encore.",
    evaluation="Évaluation",
    evaluation_lead="Des questions dont la réponse est connue sont posées aux articles : "
    "voici combien de fois la première citation répond, et combien de fois un refus est "
    "juste.",
    evaluation_none="Aucun fichier de questions (.jsonl) dans {folder}. Le README dit "
    "comment en écrire un.",
    evaluation_run="Évaluer",
    evaluation_running="{done} questions posées sur {total}",
    evaluation_failed="L’évaluation n’a pas pu finir.",
    evaluation_not_yet="Ces questions n’ont pas encore été posées.",
    evaluation_about="Évalué le {date} : {questions} questions, dont {answerable} ont une "
    "réponse, sur {articles}, avec {model}.",
    evaluation_invalid="{count} citations ne sont pas dans leur article. Lancez « rag "
    "verify ».",
    evaluation_measures="Mesures",
    evaluation_changes="Depuis l’évaluation précédente",
    evaluation_no_change="Aucune question n’a changé.",
    evaluation_questions="Question par question",
    column_measure="Mesure",
    column_value="Valeur",
    column_interval="Intervalle à 95 %",
    column_change="Changement",
    column_question="Question",
    column_result="Résultat",
    column_first_quote="Première citation",
    column_confidence="Confiance",
    column_mean="Moyenne",
    column_right="Part juste",
    result_right="juste",
    result_wrong="fausse",
    result_refused_rightly="refusée, à raison",
    result_refused_wrongly="refusée, à tort",
    result_answered_wrongly="répondue, à tort",
    curve="Si l’on répondait plus, ou moins",
    curve_answered="réponses données, sur 100",
    curve_right="premières citations justes, sur 100",
    curve_spoken="Courbe : part des premières citations justes selon la part de réponses "
    "données. En répondant à tout, {right} seraient justes.",
    reliability="La confiance est-elle fiable ?",
    reliability_confidence="confiance, sur 100",
    reliability_spoken="Diagramme : part des premières citations justes selon la confiance. "
    "Écart moyen : {error}.",
    reliability_numbers="Les nombres du diagramme de confiance",
    filter="Filtrer",
    filter_since="Depuis le",
    filter_until="Jusqu’au",
    filter_sources="Sources (aucune cochée : toutes)",
    filter_apply="Appliquer",
    filter_remove="Retirer le filtre : {filter}",
    filters_in_force="Filtres en vigueur",
    filtered_since="depuis le {date}",
    filtered_until="jusqu’au {date}",
    filter_no_date="« {written} » n’est pas une date. Écrivez par exemple 2024-03-01.",
    filter_order="La fin ({until}) est avant le début ({since}).",
    filter_no_source="Aucune source des articles ne s’appelle « {written} ».",
    articles_title="Articles",
    articles_search="Chercher dans les titres et les sources",
    list_none="Aucun article ne correspond.",
    list_place="{first} à {last} sur {total}",
    list_previous="Page précédente",
    list_next="Page suivante",
    column_title="Titre",
    column_date="Date",
    column_source="Source",
    column_length="Caractères",
    column_remove="Retirer",
    ask_only="Interroger cet article seulement",
    filtered_article="seulement « {title} »",
    filter_no_article="Cet article n’est pas dans l’index. Retirez ce filtre.",
    remove_article="Retirer « {title} »",
    removed_article="« {title} » est retiré.",
    restored_article="{path} est revenu.",
    undo="Annuler",
    bring="Ajouter des fichiers",
    bring_hint="ou déposez-les sur la page. Formats lus : {formats}.",
    drop_here="Déposez les fichiers pour les ajouter aux articles.",
    sending="envoi…",
    sending_failed="n’a pas pu être envoyé.",
    sending_busy="Trop d’envois à la fois. Réessayez dans un instant.",
    brought="accepté",
    replaced="remplacé ; l’ancien est dans la corbeille",
    kept_both="gardé sous le nom {name}",
    already_there="déjà là, à l’identique",
    clashes="un autre fichier porte déjà ce nom",
    clash_replace="Remplacer",
    clash_keep_both="Garder les deux",
    refused="refusé",
    read_only="Les articles ne peuvent pas être changés depuis cette page.",
    waiting="Pas encore dans l’index — {parts}.",
    waiting_added="nouveaux : ",
    waiting_changed="modifiés : ",
    waiting_removed="retirés : ",
    update_index="Mettre à jour l’index",
    update_done="L’index est à jour — ajoutés : {added}, modifiés : {changed}, retirés : "
    "{removed}.",
    update_failed="L’index n’a pas pu être mis à jour.",
    watched="Le dossier des articles est surveillé : ce qui y change est indexé aussitôt.",
    watch_failing="L’index n’a pas pu être mis à jour ; un nouvel essai suit.",
    step_articles="Mise à jour de l’index : article {done} sur {total}",
    step_texts="Mise à jour de l’index : texte {done} sur {total}",
    step_other="Mise à jour de l’index…",
    time_left=", encore {time} environ",
    asked_of="Cherché parmi les articles : {filters}",
    widen="Élargir les filtres",
    understood="Compris comme : {question}",
    ask_literally="Poser telle quelle",
    go_on="Pour continuer",
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
    busy="Many questions are coming in at once: yours could not be asked. "
    "Please try again in a moment.",
    not_sent="The question could not be sent. Check that the program is still running.",
    failed_index="The index of the articles cannot be read.",
    failed_model="The model cannot be loaded.",
    failed_engine="The server that finds the passages does not answer as it should. "
    "Ask again in a moment.",
    failed="The question could not be handled.",
    failed_unexpectedly="Something unexpected went wrong. "
    "The details are in the terminal where the page was started.",
    conversations="Conversations",
    conversation_new="New conversation",
    conversations_none="No conversation yet. Those of this browser will be kept here, on the "
    "machine that runs the program.",
    questions_one="1 question",
    questions_many="{count} questions",
    delete="Delete",
    conversation_delete="Delete the conversation: {question}",
    conversation_deleted="Conversation deleted.",
    conversation_restore="Undo",
    conversations_clear="Clear all",
    conversations_clear_question="Delete all your conversations, with no way back? What you "
    "said of quotes stays.",
    cancel="Cancel",
    not_kept="This answer could not be kept. "
    "The details are in the terminal where the page was started.",
    turn_unreadable="This answer can no longer be read by this version of the program.",
    failed_keeping="The conversations cannot be read.",
    conversations_unreachable="The conversations could not be loaded. "
    "Check that the program is still running.",
    verdict_asked="You find it:",
    verdict_on="Quote {number}:",
    verdict_good="good",
    verdict_does_not_answer="does not answer",
    verdict_wrong="wrong",
    verdict_kept="Kept on this machine.",
    verdict_taken_back="Taken back.",
    verdict_not_kept="This could not be kept. "
    "The details are in the terminal where the page was started.",
    verdict_nowhere="This answer is no longer kept. Ask the question again.",
    source="Source article",
    close="Close",
    previous="Previous quote",
    next="Next quote",
    position="Quote {number} of {count}",
    original="Read the original",
    file="File: {path}",
    changed_on="Changed on {date}",
    keys="[ and ]: previous, next quote · Escape: close",
    source_missing="This article is no longer in the index. Ask the question again.",
    source_unreachable="The article could not be loaded. "
    "Check that the program is still running.",
    evaluation="Evaluation",
    evaluation_lead="Questions whose answers are known are put to the articles: this is how "
    "often the first quote answers, and how often a refusal is right.",
    evaluation_none="No file of questions (.jsonl) in {folder}. The README says how to "
    "write one.",
    evaluation_run="Evaluate",
    evaluation_running="{done} questions asked of {total}",
    evaluation_failed="The evaluation could not end.",
    evaluation_not_yet="These questions were not asked yet.",
    evaluation_about="Evaluated on {date}: {questions} questions, of which {answerable} "
    "have an answer, over {articles}, with {model}.",
    evaluation_invalid="{count} quotes are not in their article. Run “rag verify”.",
    evaluation_measures="Measures",
    evaluation_changes="Since the evaluation before",
    evaluation_no_change="No question changed.",
    evaluation_questions="Question by question",
    column_measure="Measure",
    column_value="Value",
    column_interval="95% interval",
    column_change="Change",
    column_question="Question",
    column_result="Result",
    column_first_quote="First quote",
    column_confidence="Confidence",
    column_mean="Mean",
    column_right="Share right",
    result_right="right",
    result_wrong="wrong",
    result_refused_rightly="rightly refused",
    result_refused_wrongly="wrongly refused",
    result_answered_wrongly="wrongly answered",
    curve="Answering more, or less",
    curve_answered="answered, of 100",
    curve_right="first quotes right, of 100",
    curve_spoken="Curve: share of first quotes right by the share answered. Answering "
    "everything, {right} would be right.",
    reliability="Can confidence be trusted?",
    reliability_confidence="confidence, of 100",
    reliability_spoken="Diagram: share of first quotes right by confidence. Mean gap: {error}.",
    reliability_numbers="The numbers of the diagram of confidence",
    filter="Filter",
    filter_since="From",
    filter_until="Until",
    filter_sources="Sources (none ticked: all)",
    filter_apply="Apply",
    filter_remove="Remove the filter: {filter}",
    filters_in_force="Filters in force",
    filtered_since="from {date}",
    filtered_until="until {date}",
    filter_no_date="“{written}” is not a date. Write for example 2024-03-01.",
    filter_order="The end ({until}) is before the beginning ({since}).",
    filter_no_source="No source of the articles is called “{written}”.",
    articles_title="Articles",
    articles_search="Search titles and sources",
    list_none="No article matches.",
    list_place="{first} to {last} of {total}",
    list_previous="Previous page",
    list_next="Next page",
    column_title="Title",
    column_date="Date",
    column_source="Source",
    column_length="Characters",
    column_remove="Remove",
    ask_only="Ask this article only",
    filtered_article="only “{title}”",
    filter_no_article="This article is not in the index. Remove this filter.",
    remove_article="Remove “{title}”",
    removed_article="“{title}” is removed.",
    restored_article="{path} is back.",
    undo="Undo",
    bring="Add files",
    bring_hint="or drop them on the page. Formats read: {formats}.",
    drop_here="Drop the files to add them to the articles.",
    sending="sending…",
    sending_failed="could not be sent.",
    sending_busy="Too many files at once. Try again in a moment.",
    brought="accepted",
    replaced="replaced; the old one is in the trash",
    kept_both="kept under the name {name}",
    already_there="already there, the same",
    clashes="another file has this name already",
    clash_replace="Replace",
    clash_keep_both="Keep both",
    refused="refused",
    read_only="The articles cannot be changed from this page.",
    waiting="Not yet in the index — {parts}.",
    waiting_added="new: ",
    waiting_changed="changed: ",
    waiting_removed="removed: ",
    update_index="Update the index",
    update_done="The index is up to date — added: {added}, changed: {changed}, removed: "
    "{removed}.",
    update_failed="The index could not be updated.",
    watched="The folder of articles is watched: what changes in it is indexed by itself.",
    watch_failing="The index could not be updated; it is tried again.",
    step_articles="Updating the index: article {done} of {total}",
    step_texts="Updating the index: text {done} of {total}",
    step_other="Updating the index…",
    time_left=", about {time} left",
    asked_of="Searched among the articles: {filters}",
    widen="Widen the filters",
    understood="Understood as: {question}",
    ask_literally="Ask it as it stands",
    go_on="To go on",
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

# By the sections and names of rag/evaluation/scores.py.
MEASURES: Mapping[str, Mapping[tuple[str, str], str]] = {
    FRENCH: {
        ("passages", "hit@1"): "Bon passage au premier rang",
        ("passages", "hit@3"): "Bon passage parmi 3",
        ("passages", "hit@5"): "Bon passage parmi 5",
        ("passages", "hit@10"): "Bon passage parmi 10",
        ("passages", "mrr@10"): "Rang des passages, MRR@10",
        ("passages", "ndcg@10"): "Rang des passages, nDCG@10",
        ("quotes", "answer@1"): "Réponse dans la première citation",
        ("quotes", "answer@3"): "Réponse dans l’une des trois",
        ("quotes", "answered_right@1"): "Répondu, première citation juste",
        ("quotes", "valid"): "Citations mot pour mot",
        ("marks", "f1"): "Mots marqués, F1",
        ("marks", "em"): "Mots marqués, exacts",
        ("abstention", "auroc"): "Refus, AUROC",
        ("abstention", "refusal_precision"): "Refus à raison, parmi les refus",
        ("abstention", "refusal_recall"): "Refus, parmi les questions sans réponse",
        ("abstention", "answered_when_answerable"): "Répondu, parmi celles avec réponse",
        ("latency_ms", "p50"): "Durée médiane (ms)",
        ("latency_ms", "p95"): "Durée, 95e centile (ms)",
    },
    ENGLISH: {
        ("passages", "hit@1"): "Right passage first",
        ("passages", "hit@3"): "Right passage among 3",
        ("passages", "hit@5"): "Right passage among 5",
        ("passages", "hit@10"): "Right passage among 10",
        ("passages", "mrr@10"): "Rank of passages, MRR@10",
        ("passages", "ndcg@10"): "Rank of passages, nDCG@10",
        ("quotes", "answer@1"): "Answer in the first quote",
        ("quotes", "answer@3"): "Answer in one of three",
        ("quotes", "answered_right@1"): "Answered, first quote right",
        ("quotes", "valid"): "Verbatim quotes",
        ("marks", "f1"): "Marked words, F1",
        ("marks", "em"): "Marked words, exact",
        ("abstention", "auroc"): "Refusals, AUROC",
        ("abstention", "refusal_precision"): "Right among the refusals",
        ("abstention", "refusal_recall"): "Refused among those without an answer",
        ("abstention", "answered_when_answerable"): "Answered among those with an answer",
        ("latency_ms", "p50"): "Median time (ms)",
        ("latency_ms", "p95"): "Time, 95th percentile (ms)",
    },
}
# By the values of rag.evaluation.compare.Change.
CHANGES: Mapping[str, Mapping[str, str]] = {
    FRENCH: {
        "wrong to right": "Devenue juste\N{NO-BREAK SPACE}:",
        "right to wrong": "Devenue fausse\N{NO-BREAK SPACE}:",
        "refused to answered": "Répondue, et non plus refusée\N{NO-BREAK SPACE}:",
        "answered to refused": "Refusée, et non plus répondue\N{NO-BREAK SPACE}:",
    },
    ENGLISH: {
        "wrong to right": "Now right:",
        "right to wrong": "Now wrong:",
        "refused to answered": "Answered, no longer refused:",
        "answered to refused": "Refused, no longer answered:",
    },
}

TEXTS = {FRENCH: _FRENCH, ENGLISH: _ENGLISH}
