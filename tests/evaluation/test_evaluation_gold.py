"""Gold questions read from files, and the passages relevant to them."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from rag.errors import EvaluationError
from rag.evaluation import GoldQuestion, read_gold, read_squad
from rag.evaluation.gold import names_article, relevant_passages
from rag.evaluation.metrics import contains_answer
from rag.types import Article, Passage, Sentence

HERE = Path(__file__).parents[1]
SEED_ARTICLE = HERE.parent / "seeds" / "000_7952201a0ce36f6f.txt"

RING = Article("ring", "ring.txt", "Elle a une bague. Le cœur est bleu.", "Bague", "0")
LAKE = Article("lake", "fr/lake.txt", "Le lac est froid. Il est bleu.", "Lac", "1")


def passage(article: Article, start: int, end: int) -> Passage:
    return Passage(article.id, start, end, (Sentence(start, end),))


# One passage a sentence.
PASSAGES = (
    passage(RING, 0, 17),
    passage(RING, 18, 35),
    passage(LAKE, 0, 17),
    passage(LAKE, 18, 30),
)


def written(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def squad(*paragraphs: tuple[str, list[dict[str, Any]]], title: str = "Titre") -> Any:
    return {
        "data": [
            {
                "title": title,
                "paragraphs": [{"context": text, "qas": asked} for text, asked in paragraphs],
            }
        ]
    }


def asked(question_id: str, answer: str, start: int) -> dict[str, Any]:
    answers = [{"text": answer, "answer_start": start}]
    return {"id": question_id, "question": f"{question_id} ?", "answers": answers}


# The gold file of the user's article


def test_seed_questions_have_answers_that_the_article_holds() -> None:
    article = SEED_ARTICLE.read_text("utf-8")
    questions = read_gold(HERE / "gold" / "seeds.jsonl")
    for question in questions:
        assert question.article in (None, SEED_ARTICLE.name)
        assert question.id.startswith(f"{question.language}-")
        missing = [one for one in question.answers if not contains_answer(article, [one])]
        assert not missing, question.id


def test_seed_questions_are_many_and_differ() -> None:
    questions = read_gold(HERE / "gold" / "seeds.jsonl")
    answerable = [question for question in questions if question.answerable]
    assert len(answerable) >= 44
    assert len(questions) - len(answerable) >= 16
    assert {question.language for question in questions} == {"fr", "en"}
    assert len({question.question for question in questions}) == len(questions)


# Reading gold files


def test_gold_file_is_read_as_written(tmp_path: Path) -> None:
    lines = (
        '\ufeff{"id": "1", "question": " Où ? ", "lang": "fr", "answerable": true, '
        '"answers": ["ici"], "article": "a.txt", "note": "kept out"}\r\n'
        "\n"
        '{"id": "2", "question": "Who?", "lang": "en", "answerable": false}\n'
    )
    assert read_gold(written(tmp_path, "gold.jsonl", lines)) == (
        GoldQuestion("1", "Où ?", "fr", True, ("ici",), "a.txt"),
        GoldQuestion("2", "Who?", "en", False),
    )


GOOD_LINE = {"id": "1", "question": "Où ?", "lang": "fr", "answerable": True, "answers": ["a"]}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1: invalid JSON"),
        ("[]", "line 1: input should be an object"),
        (json.dumps({**GOOD_LINE, "answers": []}), "answers is empty"),
        (json.dumps({**GOOD_LINE, "answerable": False}), "answers are given"),
        (json.dumps({**GOOD_LINE, "answers": ["\u00a0"]}), "an answer is blank"),
        (json.dumps({**GOOD_LINE, "question": " "}), "'question' is"),
        (json.dumps({**GOOD_LINE, "answerable": "yes"}), "'answerable' is \"yes\""),
        (json.dumps({"id": "1"}), "'question' is missing"),
        (f"{json.dumps(GOOD_LINE)}\n{json.dumps(GOOD_LINE)}", "line 2: the id '1' comes"),
        ("\n", "holds no question"),
    ],
)
def test_gold_file_that_cannot_be_understood(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        read_gold(written(tmp_path, "gold.jsonl", line))
    assert message in str(raised.value)
    assert "gold.jsonl" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_gold_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot be read"):
        read_gold(tmp_path / "none.jsonl")
    latin = tmp_path / "latin.jsonl"
    latin.write_bytes('{"id": "é"}'.encode("latin-1"))
    with pytest.raises(EvaluationError, match="not UTF-8 at byte 8"):
        read_gold(latin)


# Reading SQuAD files


def test_squad_paragraphs_become_articles_and_their_questions_gold(tmp_path: Path) -> None:
    impossible = {"id": "no", "question": "no ?", "is_impossible": True, "answers": []}
    gold = written(
        tmp_path,
        "set.en.json",
        squad(
            ("The sky is blue.", [asked("sky", "blue", 11), impossible]),
            ("It is high.", []),
            title="Sky",
        ),
    )
    corpus = written(tmp_path, "more.json", squad(("Le lac.", [asked("lac", "lac", 3)])))
    found = read_squad([gold], [corpus])
    sky, high, lake = found.articles
    assert (sky.path, sky.title, sky.text, sky.language) == (
        "set.en.json#1",
        "Sky",
        "The sky is blue.",
        "en",
    )
    assert (lake.path, lake.title, lake.language) == ("more.json#1", "Titre", "fr")
    assert sky.id != lake.id
    same = frozenset({sky.id, high.id})
    assert found.questions == (
        GoldQuestion("sky", "sky ?", "en", True, ("blue",), None, sky.id, ((11, 15),), same),
        GoldQuestion("no", "no ?", "en", False, (), None, sky.id, (), same),
    )
    assert found.notes == ()


def test_squad_answers_keep_their_place_when_the_text_is_normalised(tmp_path: Path) -> None:
    context = "cafe\u0301\r\nici, cafe\u0301 la\u0300"
    start = context.index("cafe\u0301 la")
    path = written(tmp_path, "a.json", squad((context, [asked("q", "cafe\u0301", start)])))
    found = read_squad([path])
    assert found.articles[0].text == "café\nici, café là"
    assert found.questions[0].spans == ((10, 14),)
    assert found.notes == ()


def test_squad_answers_away_from_their_place_are_looked_for_nearby(tmp_path: Path) -> None:
    text = "un deux un deux un"
    path = written(
        tmp_path,
        "a.json",
        squad((text, [asked("near", "deux", 9), asked("lost", "trois", 3)])),
    )
    found = read_squad([path])
    near, lost = found.questions
    assert near.spans == ((11, 15),)
    assert (lost.spans, lost.answers) == ((), ("trois",))
    moved, nowhere = found.notes
    assert moved.startswith("1 answers are not at the place")
    assert nowhere.startswith("1 answers are nowhere")


def test_squad_copies_of_a_paragraph_are_one_article(tmp_path: Path) -> None:
    first = written(tmp_path, "a.json", squad(("Le lac.", [asked("q", "lac", 3)])))
    again = written(tmp_path, "b.json", squad(("Le lac.", [asked("q", "lac", 3)])))
    found = read_squad([first, again], [first])
    assert [article.path for article in found.articles] == ["a.json#1"]
    assert [question.id for question in found.questions] == ["q", "q@b.json"]
    assert {question.paragraph for question in found.questions} == {found.articles[0].id}
    assert found.notes == ("2 paragraphs are copies of another and were taken once",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[", "is not a SQuAD file: invalid JSON"),
        ({"version": 2}, "'data' is missing"),
        ({"data": [{"paragraphs": [{}]}]}, "'data.0.paragraphs.0.context' is missing"),
        (squad(("Texte.", [])), "no question found"),
        (squad(("Texte.", [{"id": "q", "question": "q ?"}])), "'q' has no answers"),
        (squad(("Texte.", [asked("q", "Texte", 0)] * 2)), "comes a second time"),
    ],
)
def test_squad_file_that_cannot_be_understood(
    tmp_path: Path, content: Any, message: str
) -> None:
    with pytest.raises(EvaluationError) as raised:
        read_squad([written(tmp_path, "squad.json", content)])
    assert message in str(raised.value)
    assert "squad.json" in str(raised.value)


# Relevant passages


def relevant(question: GoldQuestion, *passages: Passage) -> set[tuple[str, int, int]]:
    (found,) = relevant_passages([question], passages, {"ring": RING, "lake": LAKE}.__getitem__)
    return set(found)


def test_relevant_passages_of_a_gold_question_contain_an_answer() -> None:
    blue = GoldQuestion("b", "?", "fr", True, ("BLEU",))
    assert relevant(blue, *PASSAGES) == {("ring", 18, 35), ("lake", 18, 30)}
    named = dataclasses.replace(blue, article="lake.txt")
    assert relevant(named, *PASSAGES) == {("lake", 18, 30)}
    assert relevant(GoldQuestion("a", "?", "fr", False), *PASSAGES) == set()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("lake.txt", True), ("fr/lake.txt", True), ("seeds/fr/lake.txt", True), ("ke.txt", False)],
)
def test_articles_are_named_by_path_or_file_name(name: str, expected: bool) -> None:
    assert names_article(name, LAKE) is expected


def test_relevant_passages_of_a_squad_question_contain_its_span() -> None:
    question = GoldQuestion("q", "?", "fr", True, ("bleu",), None, "ring", ((30, 34),))
    overlapping = passage(RING, 0, 35)
    # The other article's « bleu » is not the answer.
    assert relevant(question, *PASSAGES, overlapping) == {("ring", 18, 35), ("ring", 0, 35)}


def test_relevant_passages_touch_a_span_that_none_contains() -> None:
    across = GoldQuestion("q", "?", "fr", True, ("bague. Le",), None, "ring", ((11, 20),))
    assert relevant(across, *PASSAGES) == {("ring", 0, 17), ("ring", 18, 35)}
    touching_only = dataclasses.replace(across, spans=((17, 18),))
    assert relevant(touching_only, *PASSAGES) == set()


def test_passages_are_looked_through_once_an_article_at_a_time() -> None:
    read: list[str] = []

    def article_of(article_id: str) -> Article:
        read.append(article_id)
        return {"ring": RING, "lake": LAKE}[article_id]

    words = GoldQuestion("w", "?", "fr", True, ("BLEU",))
    cold = GoldQuestion("c", "?", "fr", True, ("froid",))
    span = GoldQuestion("s", "?", "fr", True, ("bleu",), None, "ring", ((30, 34),))
    found = relevant_passages([words, span, cold], iter(PASSAGES), article_of)
    assert [len(one) for one in found] == [2, 1, 1]
    assert read == ["ring", "lake"]
    # Spans tell by themselves.
    read.clear()
    assert relevant_passages([span], iter(PASSAGES), article_of) == (found[1],)
    assert read == []
