"""Settings: where they come from, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from rag.config import DEFAULT_MODEL, SETTINGS_FILE, load_settings
from rag.errors import SettingsError


@pytest.fixture(autouse=True)
def _folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _write(text: str) -> None:
    SETTINGS_FILE.write_text(text, encoding="utf-8")


def test_defaults() -> None:
    settings = load_settings()
    assert (settings.articles, settings.index) == (Path("seeds"), Path("embeddings"))
    assert settings.model == DEFAULT_MODEL
    assert settings.query_prompt == "query: "


def test_the_stronger_source_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    _write("passage_tokens = 100\nbatch_size = 4\noverlap_sentences = 2\n")
    monkeypatch.setenv("GUILLEMETS_PASSAGE_TOKENS", "200")
    monkeypatch.setenv("GUILLEMETS_BATCH_SIZE", "8")
    settings = load_settings(passage_tokens=300)
    assert settings.passage_tokens == 300
    assert settings.batch_size == 8
    assert settings.overlap_sentences == 2


def test_none_means_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUILLEMETS_MODEL", "un/modele")
    assert load_settings(model=None).model == "un/modele"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        load_settings().batch_size = 3  # type: ignore[misc]


def test_an_unknown_key_is_named_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"'passage_token' is no setting; .*passage_tokens"):
        load_settings(passage_token=100)
    _write("passage_token = 100\n")
    with pytest.raises(SettingsError, match="'passage_token' is no setting"):
        load_settings()


def test_a_misspelt_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUILLEMETS_MODLE", "x")
    with pytest.raises(SettingsError, match="GUILLEMETS_MODLE, which is no setting"):
        load_settings()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("passage_tokens", 16 - 1),
        ("passage_tokens", 480 + 1),
        ("overlap_sentences", -1),
        ("batch_size", 0),
        ("batch_size", "beaucoup"),
        ("max_file_bytes", 1_000 - 1),
        ("max_zip_depth", 0),
        ("model", ""),
    ],
)
def test_a_bad_value_is_named_with_what_was_found(key: str, value: object) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(**{key: value})
    message = str(caught.value)
    assert message.startswith(f"setting '{key}' is {value!r}: ")
    assert "\n" not in message


def test_names_of_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    _write('field_names = { text = ["corps"] }\n')
    assert load_settings().field_names == {"text": ["corps"]}
    monkeypatch.setenv("GUILLEMETS_FIELD_NAMES", '{"title": ["une"]}')
    assert load_settings().field_names["title"] == ["une"]
    monkeypatch.setenv("GUILLEMETS_FIELD_NAMES", "une")
    with pytest.raises(SettingsError, match=r"field_names.*write it as JSON"):
        load_settings()
    monkeypatch.delenv("GUILLEMETS_FIELD_NAMES")
    with pytest.raises(SettingsError, match=r"setting 'field_names\.texte.* 'title'"):
        load_settings(field_names={"texte": ["corps"]})


def test_a_file_that_is_not_toml_is_named() -> None:
    _write("passage_tokens = = 3")
    with pytest.raises(SettingsError, match=f"{SETTINGS_FILE} cannot be read"):
        load_settings()


URI = "http://127.0.0.1:19530"


def test_the_index_on_a_server() -> None:
    for index, folder in (("milvus", "embeddings"), ("ailleurs", "ailleurs")):
        settings = load_settings(index=index, uri=URI)
        assert (settings.index, settings.uri) == (Path(folder), URI)
    _write(f'index = "milvus"\nuri = "{URI}"\n')
    assert load_settings().index == Path("embeddings")
    assert load_settings(index="milvus").index == Path("embeddings")
    assert load_settings(index="./milvus").index == Path("milvus")


def test_the_word_wants_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    for given in ({"index": "milvus"}, {"index": "milvus", "uri": ""}):
        with pytest.raises(
            SettingsError, match=r"'milvus', which needs .* set 'uri' .*./milvus"
        ):
            load_settings(**given)
    monkeypatch.setenv("GUILLEMETS_INDEX", "milvus")
    with pytest.raises(SettingsError, match="set 'uri'"):
        load_settings()
    monkeypatch.setenv("GUILLEMETS_URI", URI)
    assert load_settings().uri == URI


@pytest.mark.parametrize(
    "uri", ["127.0.0.1:19530", "milvus.db", "http://", "ftp://a", "http://a/b.db", "http://a b"]
)
def test_what_is_no_address_is_refused(uri: str) -> None:
    with pytest.raises(SettingsError, match=r"'uri' is no address .* http://127\.0\.0\.1"):
        load_settings(uri=uri)


@pytest.mark.parametrize(
    "uri", ["http://root:Secret@a:1", "http://Secret@a", "http://a?token=Secret"]
)
def test_an_address_holds_no_secret(uri: str) -> None:
    with pytest.raises(SettingsError, match="GUILLEMETS_MILVUS_TOKEN") as caught:
        load_settings(uri=uri)
    assert "Secret" not in str(caught.value)


@pytest.mark.parametrize(
    "uri",
    ["http://a", "https://in01.cloud.example:443/news", "tcp://[::1]:19530", f"{URI}/"],
)
def test_addresses(uri: str) -> None:
    assert load_settings(uri=uri).uri == uri


def test_secrets_are_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOKEN", "USER", "PASSWORD"):
        monkeypatch.setenv(f"GUILLEMETS_MILVUS_{name}", "Secret")
    settings = load_settings(uri=URI)
    assert "Secret" not in repr(settings)
    _write('milvus_token = "Secret"\n')
    with pytest.raises(SettingsError, match="'milvus_token' is no setting"):
        load_settings()
