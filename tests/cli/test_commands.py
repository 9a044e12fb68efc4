from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rag import __version__
from rag.answering.assistant import Assistant
from rag.answering.conversation_store import open_keeping
from rag.answering.conversations import Turn, Verdict, now
from rag.cli.commands import main
from rag.config import load_settings
from rag.library.build import STEPS
from rag.models.bundled_e5 import PUBLIC_NAME
from rag.models.encoder import Vectors
from tests.fakes import CountingEncoder, write_article, write_articles
from tests.switching import Editions, SwitchingEncoder

QUESTION = "Le pont de l’Orge rouvrira le 3 juin ?"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with articles, where commands run with the fake encoder."""

    def open_encoder(*_: object) -> CountingEncoder:
        return CountingEncoder()

    monkeypatch.setattr("rag.models.encoder.open_encoder", open_encoder)
    monkeypatch.setattr("rag.answering.assistant.open_encoder", open_encoder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    write_articles(tmp_path / "seeds")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    code, out, _ = run(capsys, *arguments, "--json")
    assert code == 0
    return json.loads(out)


def test_build_tells_what_it_did(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = run_json(capsys, "build")
    assert (first["added"], first["unchanged"], first["articles"]) == (3, 0, 3)
    assert first["passages_embedded"] == first["passages"]
    write_article(folder / "seeds", "vide.txt", "")
    code, out, err = run(capsys, "build")
    assert (code, err) == (0, "")
    assert "0 added, 0 changed, 0 removed, 3 unchanged, 1 broken" in out
    assert f"0 embedded, {first['passages']} reused" in out
    assert "vide.txt: is empty" in out
    left_out = {
        "path": "vide.txt",
        "reason": "is empty; delete it, or save the article again",
        "code": "empty",
        "fields": {},
    }
    assert run_json(capsys, "build")["broken"] == [left_out]
    assert run_json(capsys, "stats")["broken"] == [left_out]


def test_a_build_goes_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = run_json(capsys, "build")
    code, _, err = run(capsys, "build", "--rollback")
    assert (code, err.count("\n")) == (2, 1)
    assert "no generation before" in err
    write_article(folder / "seeds", "crue.txt", "Une crue menace la vallée ce soir.")
    second = run_json(capsys, "build")
    code, out, err = run(capsys, "build", "--rollback")
    assert (code, err) == (0, "")
    assert f"back to {first['generation']}, built " in out
    assert f"left: {second['generation']}, 4 articles" in out
    third = run_json(capsys, "build")
    back = run_json(capsys, "build", "--rollback")
    assert (back["serving"], back["left"]) == (first["generation"], third["generation"])
    code, _, err = run(capsys, "build", "--rollback", "--watch")
    assert code == 2
    assert "give one of them" in err


class _Interrupted(CountingEncoder):
    """Somebody presses Ctrl-C when the third batch is to be embedded."""

    batches = 0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if self.batches == 2:
            raise KeyboardInterrupt
        self.batches += 1
        return super().embed_passages(texts)


def test_ctrl_c_stops_a_build_that_the_next_one_resumes(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run_json(capsys, "build")
    sentences = (f"Le village numéro {n} compte {n * 7} habitants." for n in range(200))
    write_article(folder / "seeds", "villages.txt", " ".join(sentences))
    interrupted = _Interrupted()
    monkeypatch.setattr("rag.models.encoder.open_encoder", lambda *_: interrupted)
    code, out, err = run(capsys, "build")
    assert (code, out) == (130, "")
    assert err == "rag: interrupted; what was embedded is kept for the next run\n"
    generations = [path.name for path in (folder / "embeddings").iterdir() if path.is_dir()]
    assert sorted(generations) == [first["generation"], "segments"]
    assert len(interrupted.passages) == 2 * STEPS.texts

    resumed = CountingEncoder()
    monkeypatch.setattr("rag.models.encoder.open_encoder", lambda *_: resumed)
    assert run_json(capsys, "build")["added"] == 1
    assert resumed.passages
    assert not set(resumed.passages) & set(interrupted.passages)


def test_build_in_other_folders(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_article(folder / "others", "a.txt", "La piscine ferme en août.")
    built = run_json(capsys, "build", "--articles", "others", "--index", "other index")
    assert built["articles"] == 1
    assert (folder / "other index" / "CURRENT").is_file()
    assert not (folder / "embeddings").exists()


def test_ask_as_json_has_the_promised_keys(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "build")
    answer = run_json(capsys, "ask", QUESTION)
    assert set(answer) >= {"question", "answered", "quotes", "abstention", "timings_ms"}
    assert set(answer["timings_ms"]) == {"embed", "retrieve", "read", "total"}
    quotes = answer["quotes"] or answer["abstention"]["nearest"]
    assert set(quotes[0]) >= {
        *("text", "article_id", "path", "title", "date", "start", "end"),
        *("passage_start", "passage_end", "score", "highlights"),
    }
    article = (folder / "seeds" / "pont.txt").read_text("utf-8")
    text = article.removeprefix(" date 2024-03-01 ")
    for quote in quotes:
        if quote["path"] == "pont.txt":
            assert text[quote["start"] : quote["end"]] == quote["text"]
            assert quote["date"] == "2024-03-01"


def test_ask_refuses_with_a_reason(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "build")
    refused = run_json(capsys, "ask", "Quelle est la capitale de l’Australie ?")
    assert refused["answered"] is False
    assert refused["quotes"] == []
    assert refused["abstention"]["reason"] == "words_not_found"
    assert "Australie" in refused["abstention"]["missing_words"]
    code, out, _ = run(capsys, "ask", "Quelle est la capitale de l’Australie ?")
    assert code == 0
    assert out.startswith("Les articles ne le disent pas.\n")
    assert "«\u202fAustralie\u202f»" in out
    assert "ce n’est pas une réponse" in out


def test_ask_says_what_the_quotes_of_a_summary_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "build")
    code, out, _ = run(capsys, "ask", "Résume l’article")
    assert (code, out.splitlines()[0]) == (0, "Ce qui porte l’article")
    assert run_json(capsys, "ask", "Résume l’article")["wish"] == "summary"


def test_ask_within_dates(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "build")
    answer = run_json(capsys, "ask", QUESTION, "--since", "2023-01-01", "--until", "2023-12-31")
    shown = answer["quotes"] or answer["abstention"]["nearest"]
    assert {quote["path"] for quote in shown} == {"école.txt"}


def test_stats_tell_what_there_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "build")
    told = run_json(capsys, "stats")
    assert told["articles"] == 3
    assert (told["first_date"], told["last_date"]) == ("2023-09-04", "2024-03-01")
    assert told["sources"] == {"sport": 1}
    code, out, _ = run(capsys, "stats")
    assert code == 0
    assert "2023-09-04 to 2024-03-01" in out


def test_stats_say_why_the_trained_reader_does_not_read(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = CountingEncoder()
    other.name = "some/other-model"
    monkeypatch.setattr("rag.models.encoder.open_encoder", lambda *_: other)
    run(capsys, "build")
    assert run_json(capsys, "stats")["trained_reader"] is False
    # It is not the model that the reader was trained on.
    monkeypatch.setenv("COLUMNS", "200")
    assert f"go with {PUBLIC_NAME} only" in run(capsys, "stats")[1]
    (folder / "guillemets.toml").write_text("reader = 'off'")
    assert "switched off" in run(capsys, "stats")[1]


def test_verify_fails_when_an_article_changed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "build")
    assert run(capsys, "verify")[0] == 0
    write_article(folder / "seeds", "pont.txt", "Autre chose.")
    code, out, _ = run(capsys, "verify")
    assert code == 1
    assert "pont.txt: changed since it was indexed" in out


def test_verify_tells_what_became_of_quotes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "build")
    _, asked, _ = run(capsys, "ask", QUESTION, "--json")
    (folder / "asked.json").write_text(asked, "utf-8")
    code, out, _ = run(capsys, "verify", "--quotes", "asked.json")
    assert code == 0
    assert "[1] still there: pont.txt, characters 0 to 37\n" in out
    assert "3 quotes: 3 still there, 0 moved, 0 changed, 0 gone" in out
    assert run_json(capsys, "verify", "--quotes", "asked.json")["fine"] is True
    article = folder / "seeds" / "pont.txt"
    article.write_text(article.read_text("utf-8").replace("le 3 juin", "le 10 mai"), "utf-8")
    code, out, _ = run(capsys, "verify", "--quotes", "asked.json")
    assert code == 1
    assert "pont.txt: changed since it was indexed; run: rag build" in out
    run(capsys, "build")
    code, out, _ = run(capsys, "verify", "--quotes", "asked.json", "--json")
    assert code == 1
    first = json.loads(out)["quotes"][0]
    assert first["state"] == "changed"
    code, out, _ = run(capsys, "verify", "--quotes", "asked.json")
    assert code == 1
    on = first["changed_on"][:10]
    assert f"[1] changed on {on}: pont.txt, characters 0 to 37; now 0 to 37\n" in out
    assert "    … de l’Orge rouvrira le [-3 juin.-] {+10 mai.+}\n" in out


def test_stats_count_what_there_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "build")
    found = run_json(capsys, "stats", "--html", "stats.html", "--language", "en")
    assert found["months"]["2024-03"] == 1
    assert (found["undated"], found["stories"], found["corrected"]) == (1, 0, 0)
    assert sum(found["lengths"].values()) == found["articles"] == 3
    assert "What the index holds" in (folder / "stats.html").read_text("utf-8")
    code, out, _ = run(capsys, "stats")
    assert code == 0
    assert "0 articles of 0 stories" in out
    assert "1 undated" in out


GOLD = {
    "id": "1",
    "question": QUESTION,
    "lang": "fr",
    "answerable": True,
    "answers": ["le 3 juin"],
    "article": "pont.txt",
}
UNANSWERABLE = {"id": "2", "question": "Que dit Zorro ?", "lang": "fr", "answerable": False}


def test_evaluate_gold_questions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "build")
    gold = folder / "gold.jsonl"
    gold.write_text("\n".join(json.dumps(line) for line in (GOLD, UNANSWERABLE)), "utf-8")
    code, out, _ = run(capsys, "evaluate", "--gold", str(gold), "--json", "report.json")
    assert code == 0
    assert "valid quotes" in out
    report = json.loads((folder / "report.json").read_text("utf-8"))
    assert report["counts"]["questions"] == 2
    assert report["quotes"]["valid"]["value"] == 1
    assert report["abstention"]["refusal_recall"]["value"] == 1
    assert {*report["latency_ms"]} == {"p50", "p95"}
    code, out, _ = run(capsys, "evaluate", "--gold", str(gold), "--compare", "report.json")
    assert code == 0
    assert "no question changed" in out


def test_evaluate_squad_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    context = "Le pont de l’Orge rouvrira le 3 juin. Il a coûté cher."
    question = {
        "id": "q",
        "question": QUESTION,
        "answers": [{"text": "le 3 juin", "answer_start": context.index("le 3 juin")}],
    }
    for name, title, text, asked in (
        ("dev.json", "Orge", context, [question]),
        ("more.json", "Lac", "Le lac est profond. On y pêche la truite.", []),
    ):
        content = {"data": [{"title": title, "paragraphs": [{"context": text, "qas": asked}]}]}
        (folder / name).write_text(json.dumps(content), "utf-8")
    arguments = ("evaluate", "--squad", "dev.json", "--corpus", "more.json", "--json", "r.json")
    code, _, _ = run(capsys, *arguments)
    assert code == 0
    report = json.loads((folder / "r.json").read_text("utf-8"))
    assert report["index"]["articles"] == 2
    assert report["passages"]["hit@1"]["value"] == 1
    assert report["abstention"]["auroc"]["n"] == 2
    assert not (folder / "embeddings").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ask",), "give a question, or --file"),
        (("fly",), "No such command 'fly'"),
        (("ask", "Quoi ?", "--top", "none"), "--top"),
        (("ask", "Quoi ?", "--since", "tantôt"), "--since is 'tantôt'; expected a day"),
        (("ask", "Quoi ?", "--index", "nowhere"), "there is no index in nowhere"),
        (("stats", "--index", "nowhere"), "rag build"),
        (("stats", "--language", "it"), "--language"),
        (("verify", "--index", "nowhere"), "rag build"),
        (("verify", "--quotes", "nowhere.md"), "nowhere.md cannot be read"),
        (("build", "--articles", "nowhere"), "there is no folder nowhere"),
        (("evaluate",), "either --gold FILE or --squad FILE"),
        (("evaluate", "--gold", "a", "--corpus", "b"), "--corpus"),
        (("evaluate", "--gold", "nowhere.jsonl"), "nowhere.jsonl cannot be read"),
        (("serve", "--port", "0"), "--port"),
        (("serve", "--host", "0.0.0.0", "--no-browser"), "password"),
    ],
)
def test_wrong_use_is_one_line_and_code_2(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert said in err
    assert err.startswith("rag: ")
    assert err.count("\n") == 1


def test_a_damaged_index_is_code_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "build")
    name = (folder / "embeddings" / "CURRENT").read_text().strip()
    (folder / "embeddings" / name / "manifest.json").write_text("{")
    code, _, err = run(capsys, "stats")
    assert code == 1
    assert "rag build" in err
    assert run(capsys, "build")[0] == 0
    assert run(capsys, "stats")[0] == 0


@pytest.mark.parametrize("command", ["build", "ask", "evaluate", "verify", "stats", "serve"])
def test_every_command_has_help_and_both_folders(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    code, out, _ = run(capsys, command, "--help")
    assert code == 0
    assert "--index" in out
    assert "--articles" in out


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version")[:2] == (0, f"{__version__}\n")
    assert "evaluate" in run(capsys, "--help")[1]


@pytest.mark.server
def test_it_runs_as_a_module() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "rag", "--version"], capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"{__version__}\n"


@pytest.mark.parametrize(("options", "read_only"), [((), False), (("--read-only",), True)])
def test_a_page_changes_nothing_when_it_is_read_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], read_only: bool
) -> None:
    served: list[bool] = []
    monkeypatch.setattr("rag.ui.serve", lambda settings, *_: served.append(settings.read_only))
    assert main(["serve", *options]) == 0
    assert served == [read_only]
    monkeypatch.setenv("GUILLEMETS_READ_ONLY", "true")
    assert main(["serve", *options]) == 0
    assert served[1:] == [True]


def test_feedback_is_listed_and_exported_for_the_evaluation(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    run(capsys, "build")
    assert run(capsys, "feedback", "list")[:2] == (
        0,
        "nobody has said anything of a quote yet\n",
    )
    assert run(capsys, "feedback", "export", "--out", "gold.jsonl")[0] == 0
    assert not (folder / "gold.jsonl").exists()
    settings = load_settings()
    assistant = Assistant(settings, CountingEncoder())
    keeping = open_keeping(settings)
    assert keeping is not None
    turn = Turn(assistant.ask(QUESTION), assistant.overview(), now())
    number = keeping.keep("reader", "conversation", turn)
    assert keeping.judge("reader", number, 1, Verdict.GOOD)
    quote = next(turn.answer.shown()).quote
    code, out, _ = run(capsys, "feedback", "list")
    assert code == 0
    assert f"good: «\u202f{quote.text}\u202f» [1]" in out
    (given,) = run_json(capsys, "feedback", "list")
    assert (given["verdict"], given["text"], given["start"]) == (
        "good",
        quote.text,
        quote.start,
    )
    code, out, err = run(capsys, "feedback", "export", "--out", "gold.jsonl")
    assert (code, out, err) == (0, "", "rag: 1 draft questions to check\n")
    code, out, _ = run(capsys, "evaluate", "--gold", "gold.jsonl")
    assert code == 0
    code, _, err = run(capsys, "feedback", "export", "--out", "gold.jsonl")
    assert code == 2
    assert "name another file" in err
    assert run(capsys, "feedback", "export")[1] == (folder / "gold.jsonl").read_text("utf-8")


def test_feedback_that_is_not_kept_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUILLEMETS_CONVERSATIONS", "off")
    code, _, err = run(capsys, "feedback", "export")
    assert code == 2
    assert "'conversations' is 'off'" in err


def test_an_answer_is_of_one_generation(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build_next = Editions(load_settings())
    encoder = SwitchingEncoder(build_next)
    monkeypatch.setattr("rag.answering.assistant.open_encoder", lambda *_: encoder)
    code, out, _ = run(capsys, "ask", "Qui préside la République de Zanzibar ?")
    assert (code, build_next.number) == (0, 1)
    assert "édition 0" in out
    assert "édition 1" not in out
    assert "2001" not in out
