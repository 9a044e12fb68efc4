"""Subtitles and transcripts: every line is in the article, and once."""

from __future__ import annotations

from pathlib import Path

from rag.language.sentences import LONGEST, split_sentences
from tests.ingest.case_files import one_in, read_file, read_one
from tests.ingest.every_word import lost_sentences, words_of
from tests.ingest.reading_files import write_file


def test_a_transcript_without_full_stops() -> None:
    article = read_one("07-text-no-punctuation", "transcription.txt")
    sentences = split_sentences(article.text, "fr")
    assert len(sentences) > 100
    assert max(one.end - one.start for one in sentences) <= LONGEST


def test_every_line_of_subtitles_is_accounted_for(tmp_path: Path) -> None:
    written = (
        "1\n00:00:01,000 --> 00:00:02,000\nNORA : Le pont\n\nx\n00:00:03,000 --> 00:00:04,000\n"
        "est <i>fermé</i>.\n2\n00:00:05,000 --> 00:00:06,000\n- Oui.\n- Non.\n\n"
        "3\n00:00:xx,000 --> 00:00:07,000\nPerdu de vue.\n"
    )
    articles, said = read_file(write_file(tmp_path, "a.srt", written))
    assert said == []
    seen = "Le pont est fermé.\n\nOui.\n\nNon.\n\nPerdu de vue."
    assert lost_sentences(seen, articles, by_line=False) == []
    article = articles[0]
    place = article.places_in(article.text.index("fermé"), article.text.index("fermé") + 1)[0]
    assert (place.time, place.speaker) == ("00:00:03", "NORA")


def test_captions_that_roll_up_are_read_once(tmp_path: Path) -> None:
    lines = [f"le mot numéro {n}" for n in range(8)]
    cues = "".join(
        f"00:00:0{n}.000 --> 00:00:0{n + 1}.000\n{lines[n - 1]}\n{lines[n]}\n\n"
        for n in range(1, 8)
    )
    article = one_in(tmp_path, "a.vtt", f"WEBVTT\n\n{cues}")
    assert words_of(article.text) == words_of(" ".join(lines))
