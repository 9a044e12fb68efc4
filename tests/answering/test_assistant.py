from __future__ import annotations

import datetime
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from rag.answering.assistant import Assistant
from rag.errors import IndexDamagedError, IndexMismatchError, IndexMissingError
from rag.ingest.folder import article_sources
from rag.library.build import build, build_folder
from rag.models.encoder import Vectors
from rag.types import Answer, Filters, Reason
from tests.examples import examples
from tests.fakes import (
    CountingEncoder,
    make_article,
    settings_for,
    write_article,
    write_articles,
)

OPENING = "Le pont de l’Orge rouvrira le 3 juin."
QUESTION = "Quand rouvrira le pont de l’Orge ?"


class KnowingEncoder(CountingEncoder):
    """Puts a question where the sentence that answers it lies."""

    def embed_question(self, question: str) -> Vectors:
        self.questions.append(question)
        if question == QUESTION:
            return self._vector(f"Le pont de l’Orge rouvre à la circulation\n{OPENING}")
        return self._vector(question)


def _assistant(tmp_path: Path) -> Assistant:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)
    build_folder(chosen, CountingEncoder())
    return Assistant(chosen, KnowingEncoder())


def assert_verbatim(assistant: Assistant, answer: Answer) -> None:
    for citation in answer.shown():
        quote, text = citation.quote, assistant.article(citation.quote.article_id).text
        assert text == citation.article.text
        assert text[quote.start : quote.end] == quote.text != ""
        assert quote.passage_start <= quote.start < quote.end <= quote.passage_end
        for start, end in quote.highlights:
            assert quote.start <= start < end <= quote.end
        if quote.context is not None:
            context = quote.context
            assert text[context.start : context.end] == context.text
            assert context.end <= quote.start


def test_an_answer_is_cited_verbatim(tmp_path: Path) -> None:
    assistant = _assistant(tmp_path)
    answer = assistant.ask(QUESTION)
    assert answer.answered
    assert answer.language == "fr"
    assert [citation.number for citation in answer.citations] == [1, 2, 3]
    assert answer.citations[0].quote.text == OPENING
    assert answer.citations[0].article.path == "pont.txt"
    assert answer.timings.total >= answer.timings.embed >= 0
    assert answer.hits[0].passage.article_id == answer.citations[0].article.id
    assert_verbatim(assistant, answer)


def test_top_bounds_the_quotes(tmp_path: Path) -> None:
    assistant = _assistant(tmp_path)
    assert len(assistant.ask(QUESTION, top=1).citations) == 1
    with pytest.raises(ValueError, match="top is 0"):
        assistant.ask(QUESTION, top=0)


@pytest.mark.parametrize("question", ["", "   ", "?!", "« … »"])
def test_a_question_without_words_is_empty(tmp_path: Path, question: str) -> None:
    abstention = _assistant(tmp_path).ask(question).abstention
    assert abstention is not None
    assert abstention.reason is Reason.EMPTY_QUESTION


def test_filters_that_leave_nothing_are_the_reason(tmp_path: Path) -> None:
    future = Filters(since=datetime.date(2090, 1, 1))
    abstention = _assistant(tmp_path).ask(QUESTION, filters=future).abstention
    assert abstention is not None
    assert abstention.reason is Reason.FILTERS_EXCLUDE_ALL


def test_an_empty_folder_is_the_reason(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    chosen.articles.mkdir()
    build_folder(chosen, CountingEncoder())
    abstention = Assistant(chosen, CountingEncoder()).ask(QUESTION).abstention
    assert abstention is not None
    assert abstention.reason is Reason.NO_ARTICLES


def test_a_refusal_shows_what_is_nearest(tmp_path: Path) -> None:
    assistant = _assistant(tmp_path)
    answer = assistant.ask("Qui préside la République de Zanzibar ?")
    assert not answer.answered
    assert answer.citations == ()
    assert answer.abstention is not None
    assert answer.abstention.nearest
    assert_verbatim(assistant, answer)


def test_a_new_generation_is_taken_up_between_two_questions(tmp_path: Path) -> None:
    assistant = _assistant(tmp_path)
    before = assistant.overview()
    chosen = settings_for(tmp_path)
    write_article(chosen.articles, "neuf.txt", "La piscine de Brest ferme en août.")
    build_folder(chosen, CountingEncoder())
    after = assistant.overview()
    assert (before.articles, after.articles) == (3, 3 + 1)
    assert before.generation != after.generation


def test_questions_from_several_threads_while_the_index_is_rebuilt(tmp_path: Path) -> None:
    assistant = _assistant(tmp_path)
    chosen = settings_for(tmp_path)
    failures: list[BaseException] = []
    done = threading.Event()

    def keep_asking() -> None:
        try:
            while not done.is_set():
                answer = assistant.ask(QUESTION)
                assert answer.citations[0].quote.text == OPENING
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=keep_asking) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(4):
        write_article(chosen.articles, f"{number}.txt", f"La piscine numéro {number} ferme.")
        build_folder(chosen, CountingEncoder())
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []


def test_errors_of_the_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="rag build"):
        Assistant(settings_for(tmp_path), CountingEncoder())
    assistant = _assistant(tmp_path)
    with pytest.raises(IndexDamagedError, match="no article 'nobody'"):
        assistant.article("nobody")
    with pytest.raises(IndexMismatchError, match="other@1"):
        Assistant(settings_for(tmp_path), CountingEncoder("other@1"))


def test_a_question_that_leans_is_completed_from_the_one_before(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)
    build_folder(chosen, CountingEncoder())
    encoder = CountingEncoder()
    assistant = Assistant(chosen, encoder)
    answer = assistant.ask("Et quand ?", previous="Qui rouvrira le pont ?")
    assert answer.question == "Et quand ?"
    assert answer.understood == "Et quand ? (rouvrira, pont)"
    assert encoder.questions == ["Et quand ? (rouvrira, pont)"]
    assert assistant.ask("Et quand ?").understood is None
    of_list = assistant.ask("Et quand ?", previous="Quels articles parlent du pont ?")
    assert of_list.understood == "Et quand ? (pont)"


def test_a_question_to_the_tool_is_refused_with_what_the_articles_say(tmp_path: Path) -> None:
    assistant = _assistant(tmp_path)
    abstention = assistant.ask("Qui es-tu ?").abstention
    assert abstention is not None
    assert abstention.reason is Reason.PUT_TO_THE_TOOL
    assert abstention.nearest == ()


def test_examples_name_what_the_articles_name(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    text = "Hier, Claire Morel a parlé. Puis Claire Morel a chanté à Orge. Et Orge a applaudi."
    build(article_sources([make_article(text)]), chosen, CountingEncoder())
    assistant = Assistant(chosen, CountingEncoder())
    with assistant.snapshot() as snapshot:
        assert snapshot.examples("fr") == (
            "Que sait-on de Claire Morel\u202f?",
            "Que sait-on d’Orge\u202f?",
            "De quoi parlent les articles\u202f?",
        )
        assert snapshot.examples("en", 2) == (
            "What is known about Claire Morel?",
            "What are the articles about?",
        )


def test_warming_up_embeds_once_and_asks_nothing(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)
    build_folder(chosen, CountingEncoder())
    encoder = CountingEncoder()
    Assistant(chosen, encoder).warm_up()
    assert len(encoder.questions) == 1
    assert encoder.passages == []


_TEXTS = strategies.lists(
    strategies.one_of(
        strategies.text(min_size=1, max_size=80),
        strategies.sampled_from(
            [
                "Il a dit « non ». ",
                "M. Dupont est né en 1950. ",
                "Elle coûte 3,50 € !\n\n",
                "Qui ? Lui… ",
                "e\u0301te\u0301 ",
                "\U0001f600 ",
                "\n",
            ]
        ),
    ),
    min_size=1,
    max_size=12,
).map("".join)


@settings(
    max_examples=examples(2 / 5),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    texts=strategies.lists(_TEXTS, min_size=1, max_size=3),
    question=strategies.text(min_size=1, max_size=40),
)
def test_every_quote_is_verbatim_whatever_the_articles_and_the_question(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], question: str
) -> None:
    chosen = settings_for(tmp_path_factory.mktemp("any"), passage_tokens=16)
    for number, text in enumerate(texts):
        write_article(chosen.articles, f"{number}.txt", _writable(text))
    build_folder(chosen, CountingEncoder())
    assistant = Assistant(chosen, CountingEncoder())
    for asked in (question, texts[0][:60]):
        assert_verbatim(assistant, assistant.ask(asked))


def _writable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def test_a_search_gives_the_nearest_passages_as_they_stand(tmp_path: Path) -> None:
    assistant = _assistant(tmp_path)
    hits = assistant.search(QUESTION, count=2)
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score
    assert assistant.article(hits[0].passage.article_id).path == "pont.txt"
    within = Filters(until=datetime.date(2023, 12, 31))
    found = {one.passage.article_id for one in assistant.search(QUESTION, filters=within)}
    assert {assistant.article(one).path for one in found} == {"école.txt"}
    assert assistant.search(" ?! ") == ()
