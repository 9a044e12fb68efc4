"""Settings: one frozen object; an unknown key or a bad value fails at once."""

from __future__ import annotations

import ipaddress
import os
import re
import zoneinfo
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableValueError

from rag.errors import SettingsError

SETTINGS_FILE = Path("guillemets.toml")
ENVIRONMENT_PREFIX = "GUILLEMETS_"
# Not a setting: a secret is read where it is used and kept nowhere else.
PASSWORD_VARIABLE = ENVIRONMENT_PREFIX + "PASSWORD"
# The same for a Milvus server: a token, or a user and a password.
MILVUS_TOKEN_VARIABLE = ENVIRONMENT_PREFIX + "MILVUS_TOKEN"
MILVUS_USER_VARIABLE = ENVIRONMENT_PREFIX + "MILVUS_USER"
MILVUS_PASSWORD_VARIABLE = ENVIRONMENT_PREFIX + "MILVUS_PASSWORD"
SECRET_VARIABLES = (
    PASSWORD_VARIABLE,
    MILVUS_TOKEN_VARIABLE,
    MILVUS_USER_VARIABLE,
    MILVUS_PASSWORD_VARIABLE,
)
DEFAULT_MODEL = "default"
DEFAULT_INDEX = Path("embeddings")
# The path, if any, is the name of a database.
_ADDRESS = re.compile(r"(?:https?|tcp)://(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?(?:/\w*)?")
_PATH_PART = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~-]+", re.ASCII)
# Says in place of a folder that the index is on a server.
MILVUS = "milvus"


class Settings(BaseSettings):
    """Everything a user can set, with its default.

    Taken, strongest first, from the command line, from environment variables
    (``GUILLEMETS_ARTICLES=…``) and from ``guillemets.toml`` in the working
    directory.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=ENVIRONMENT_PREFIX,
        env_ignore_empty=True,
        toml_file=SETTINGS_FILE,
    )

    articles: Path = Field(Path("seeds"), description="folder of articles")
    uri: str = Field(
        "", description="address of a Milvus server; '' keeps the whole index in its folder"
    )
    index: Path = Field(
        DEFAULT_INDEX,
        description="folder of the index; 'milvus' is the default one, beside 'uri'",
    )
    model: str = Field(
        DEFAULT_MODEL,
        min_length=1,
        description="'default' (comes with the package), or a sentence-transformers "
        "model by folder or by name",
    )
    query_prompt: str = Field(
        "query: ", description="put before a question; the default model expects it"
    )
    passage_prompt: str = Field(
        "passage: ", description="put before a passage; the default model expects it"
    )
    passage_tokens: int = Field(
        240, ge=16, le=480, description="budget of a passage, in the model's tokens"
    )
    overlap_sentences: int = Field(
        1, ge=0, le=5, description="sentences a passage shares with the one before"
    )
    # On two cores 2 passages a core at a time are the quickest: more is padding, and less
    # of it stays at hand.
    batch_size: int = Field(
        2,
        ge=1,
        le=1024,
        description="passages a core embeds at a time; of shorter texts more",
    )
    workers: int = Field(
        0, ge=0, le=256, description="processes that embed; 0 or 1: the build's own does"
    )
    ray: str = Field(
        "", description="address of a Ray cluster that embeds: HOST:PORT, or 'auto'"
    )
    reader: Literal["auto", "off"] = Field(
        "auto", description="'auto': the trained reader picks the quotes where it fits"
    )
    reader_passages: int = Field(
        3,
        ge=1,
        le=10,
        description="how many passages the trained reader reads to the end",
    )
    conversations: str = Field(
        "default",
        min_length=1,
        description="file where conversations and feedback are kept; 'default' is one in "
        "your data folder, 'off' keeps nothing",
    )
    max_file_bytes: int = Field(
        20_000_000, ge=1_000, description="larger article files are left out"
    )
    read_only: bool = Field(
        False, description="the page neither brings nor removes articles, nor rebuilds"
    )
    watch: bool = Field(
        True, description="the chat indexes by itself what changes in the folder of articles"
    )
    max_container_bytes: int = Field(
        500_000_000,
        ge=1_000,
        description="the same for files of several articles (.zip, .json, …), unpacked",
    )
    max_container_members: int = Field(
        100_000, ge=1, description="how many articles such a file may hold"
    )
    max_zip_ratio: int = Field(
        200, ge=1, description="bytes that may come of a packed one; more is taken for harm"
    )
    max_zip_depth: int = Field(
        3, ge=1, le=10, description="how deep archives may lie in archives"
    )
    field_names: dict[
        Literal["id", "title", "text", "date", "author", "source", "url", "language"], list[str]
    ] = Field(
        default_factory=dict,
        description="what fields of .json and .csv are called, beside what is recognised",
    )
    ocr: Literal["auto", "off"] = Field(
        "auto",
        description="'auto': words in pictures and scanned pages are recognised by Tesseract, "
        "where it is installed",
    )

    timezone: str = Field(
        "auto",
        min_length=1,
        description="where articles are published, such as Europe/Paris, for the day of what "
        "is dated in UTC; 'auto': by their language, Europe/Paris for French",
    )

    root_path: str = Field(
        "", description="what a proxy puts before every address of the page, as /guillemets"
    )
    trusted_proxies: tuple[str, ...] = Field(
        ("127.0.0.1", "::1"),
        description="addresses and networks whose proxies are believed who asks, and where",
    )

    metrics: bool = Field(
        False, description="figures for Prometheus at /metrics; needs 'prometheus-client'"
    )
    log: Literal["text", "json"] = Field(
        "text", description="what the chat logs: warnings in words, or a JSON object a line"
    )
    log_questions: bool = Field(
        False, description="questions stand in the JSON lines with their words"
    )

    gold: Path = Field(
        Path("tests/gold"), description="folder of gold files, for the page of evaluation"
    )

    @field_validator("uri")
    @classmethod
    def _check_uri(cls, uri: str) -> str:
        # Not shown when it is refused: it may hold a password.
        if "@" in uri or "?" in uri:
            raise SettingsError(
                f"setting 'uri' holds more than an address; put {MILVUS_TOKEN_VARIABLE}, or "
                f"{MILVUS_USER_VARIABLE} and {MILVUS_PASSWORD_VARIABLE}, into the environment"
            )
        if uri and not _ADDRESS.fullmatch(uri):
            raise SettingsError(
                "setting 'uri' is no address of a Milvus server; expected one such as "
                "http://127.0.0.1:19530"
            )
        return uri

    @field_validator("root_path")
    @classmethod
    def _check_root_path(cls, root_path: str) -> str:
        parts = root_path.strip("/").split("/")
        if parts == [""]:
            return ""
        if not all(_PATH_PART.fullmatch(part) for part in parts):
            raise SettingsError(
                f"setting 'root_path' is {root_path!r}; expected a path such as /guillemets, "
                "of letters without accents, digits and -._~"
            )
        return "/" + "/".join(parts)

    @field_validator("trusted_proxies")
    @classmethod
    def _check_trusted_proxies(cls, trusted: tuple[str, ...]) -> tuple[str, ...]:
        for one in trusted:
            try:
                ipaddress.ip_network(one)
            except ValueError as error:
                raise SettingsError(
                    f"setting 'trusted_proxies' holds {one!r}; expected addresses such as "
                    "10.0.0.7, or networks such as 10.0.0.0/8"
                ) from error
        return trusted

    @field_validator("timezone")
    @classmethod
    def _check_timezone(cls, timezone: str) -> str:
        if timezone != "auto":
            try:
                zoneinfo.ZoneInfo(timezone)
            except (KeyError, ValueError, OSError) as error:
                raise SettingsError(
                    f"setting 'timezone' is '{timezone}', which is no timezone; expected "
                    "'auto' or one such as Europe/Paris"
                ) from error
        return timezone

    @field_validator("index", mode="before")
    @classmethod
    def _check_index(cls, index: object, info: ValidationInfo) -> object:
        if index != MILVUS:
            return index
        if not info.data.get("uri"):
            raise SettingsError(
                f"setting 'index' is '{MILVUS}', which needs the address of a server; set "
                "'uri' to it, such as http://127.0.0.1:19530, or write a folder of that "
                f"name as ./{MILVUS}"
            )
        return DEFAULT_INDEX

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line first, then the environment, then the settings file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**given: Any) -> Settings:
    """Settings from the command line's ``given`` values (None means not given).

    Raises SettingsError, naming the key, what was found and what is allowed.
    """
    # pydantic-settings looks up the variables it knows and would let a
    # misspelt one pass in silence.
    known = {ENVIRONMENT_PREFIX + name.upper() for name in Settings.model_fields}
    known.update(SECRET_VARIABLES)
    for variable in sorted(os.environ):
        if variable.startswith(ENVIRONMENT_PREFIX) and variable not in known:
            raise SettingsError(
                f"the environment sets {variable}, which is no setting; "
                f"there are {', '.join(sorted(known))}"
            )
    try:
        return Settings(**{key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise SettingsError(
                f"'{key}' is no setting; there are {', '.join(Settings.model_fields)}"
            ) from error
        raise SettingsError(
            f"setting '{key}' is {first['input']!r}: {first['msg'].lower()}"
        ) from error
    except UnreadableValueError as error:
        raise SettingsError(f"{error} (the environment); write it as JSON") from error
    except (OSError, ValueError) as error:
        raise SettingsError(f"{SETTINGS_FILE} cannot be read: {error}") from error
