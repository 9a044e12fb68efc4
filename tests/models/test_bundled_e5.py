"""End to end with the model that comes along; a few, since loading it takes seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.errors import ModelError
from rag.library.build import build_folder
from rag.library.verify_index import verify
from rag.models.default_encoder import DefaultEncoder
from rag.models.encoder import open_encoder
from rag.models.sentence_encoder import SentenceTransformerEncoder
from rag.models.text_parts import TextWithParts
from rag.types import Reason
from tests.answering.test_assistant import assert_verbatim

pytestmark = pytest.mark.model
SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def encoder() -> SentenceTransformerEncoder:
    return open_encoder(Settings())


@pytest.fixture(scope="module")
def chosen(
    tmp_path_factory: pytest.TempPathFactory, encoder: SentenceTransformerEncoder
) -> Settings:
    folder = tmp_path_factory.mktemp("real")
    (folder / "seeds").mkdir()
    shutil.copy(SEEDS / "000_7952201a0ce36f6f.txt", folder / "seeds")
    settings = Settings(articles=folder / "seeds", index=folder / "embeddings")
    build_folder(settings, encoder)
    return settings


@pytest.fixture(scope="module")
def assistant(chosen: Settings, encoder: SentenceTransformerEncoder) -> Assistant:
    return Assistant(chosen, encoder)


def test_vectors_are_unit_and_prompts_matter(encoder: SentenceTransformerEncoder) -> None:
    rows = encoder.embed_passages(["Le chat dort.", "La bourse de Paris a clôturé en hausse."])
    assert rows.shape == (2, encoder.dimension) == (2, 384)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1], abs=1e-5)
    question = encoder.embed_question("Où dort le chat ?")
    assert rows[0] @ question > rows[1] @ question
    same = encoder.embed_question("Le chat dort.")
    assert rows[0] @ same < 1 - 1e-4


def test_its_vectors_are_those_of_sentence_transformers(
    encoder: SentenceTransformerEncoder,
) -> None:
    plain = SentenceTransformerEncoder(
        encoder.name,
        encoder.folder,
        encoder.model_fingerprint,
        encoder.query_prompt,
        encoder.passage_prompt,
    )
    assert isinstance(encoder, DefaultEncoder)
    assert plain.fingerprint == encoder.apart.fingerprint != encoder.fingerprint
    assert plain.dimension == encoder.dimension
    # The last is longer than the model reads.
    texts = [
        "",
        "Oui.",
        "Le pont de l’Orge rouvre samedi. " * 9,
        "Où ? À Évry, d’ici à 2030 ! " * 90,
    ]
    np.testing.assert_allclose(
        encoder.embed_passages(texts), plain.embed_passages(texts), atol=1e-4
    )
    question = "Quand le pont rouvre-t-il ?"
    np.testing.assert_allclose(
        encoder.embed_question(question), plain.embed_question(question), atol=1e-4
    )


def test_a_part_is_the_mean_of_its_tokens(encoder: DefaultEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    text = "Le pont\nIl rouvre samedi. Les Évryens l’attendaient. 12 ⁄ 30 € ! "
    begin, end = text.index("Les"), text.index(" 12")
    long = "Le pont de l’Orge rouvre samedi. " * 90
    rows = encoder.embed_with_parts(
        [
            TextWithParts(text, ((begin, end), (begin, len(text)))),
            TextWithParts(long, ((0, 32), (len(long) - 10, len(long)))),
        ]
    )
    assert rows.shape == (6, encoder.dimension)
    np.testing.assert_allclose(rows[[0, 3]], encoder.embed_passages([text, long]), atol=1e-4)
    # What is beyond the model's length has the vector of what is within.
    np.testing.assert_allclose(rows[5], rows[3], atol=1e-6)
    plain = SentenceTransformer(str(encoder.folder), local_files_only=True)
    (states,) = plain.encode([encoder.passage_prompt + text], output_value="token_embeddings")
    places = plain.tokenizer(encoder.passage_prompt + text, return_offsets_mapping=True)
    shift = len(encoder.passage_prompt)
    own = [
        first < shift + end and shift + begin < last for first, last in places["offset_mapping"]
    ]
    mean = states[own].mean(0)
    np.testing.assert_allclose(rows[1], mean / mean.norm(), atol=1e-4)


def test_tokens_are_counted_without_the_special_ones(
    encoder: SentenceTransformerEncoder,
) -> None:
    counts = encoder.count_tokens(["", "Bonjour", "Bonjour Bonjour"])
    assert counts[0] == 0
    assert counts[2] == 2 * counts[1]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Qui a demandé Wika en fiançailles ?", "fiançailles par Kasper"),
        ("Quand Wika a-t-elle été demandée en fiançailles ?", "Le 13 juillet dernier"),
        ("Who did Chris Smith fall in love with?", "tombé amoureux de Sol"),
    ],
)
def test_the_article_answers(assistant: Assistant, question: str, expected: str) -> None:
    answer = assistant.ask(question)
    assert answer.answered
    assert expected in answer.citations[0].quote.text
    assert_verbatim(assistant, answer)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Quel âge a Wika ?", Reason.DETAIL_NOT_FOUND),
        ("Quelle est la capitale de l’Australie ?", Reason.WORDS_NOT_FOUND),
        ("Que s’est-il passé le 4 mars 2021 ?", Reason.DATES_NOT_FOUND),
    ],
)
def test_the_article_does_not_say(assistant: Assistant, question: str, reason: Reason) -> None:
    answer = assistant.ask(question)
    assert answer.abstention is not None
    assert answer.abstention.reason is reason
    assert_verbatim(assistant, answer)


def test_its_examples_are_answered(assistant: Assistant) -> None:
    for language in ("fr", "en"):
        with assistant.snapshot() as snapshot:
            examples = snapshot.examples(language)
        assert len(examples) >= 3
        assert all(assistant.ask(example).answered for example in examples)


def test_it_verifies(
    assistant: Assistant, chosen: Settings, encoder: SentenceTransformerEncoder
) -> None:
    from rag.index import Index

    assert verify(Index.open_current(chosen.index), chosen, encoder).problems == ()


def test_a_model_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no model folder"):
        open_encoder(Settings(model=str(tmp_path / "none")))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        open_encoder(Settings(model=str(tmp_path / "empty"))).count_tokens(["mot"])
