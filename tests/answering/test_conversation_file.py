"""The file of conversations: killed while it is written, not ours, and where it lies."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from rag.answering.conversation_store import Keeping, keeping_file, open_keeping
from rag.config import load_settings
from rag.errors import KeepingError
from tests.answering.turns import turn_of
from tests.browser.fake_assistant import WIKA

ROOT = Path(__file__).parents[2]
ME = "me"
KEEP_FOREVER = """\
import sys
from pathlib import Path

from rag.answering.conversation_store import Keeping
from tests.browser.fake_assistant import WIKA
from tests.answering.turns import turn_of

keeping, turn = Keeping(Path(sys.argv[1])), turn_of(WIKA)
while True:
    print(keeping.keep("me", "one", turn), flush=True)
"""


@pytest.mark.crash
def test_a_kill_loses_nothing_that_was_kept(file: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", KEEP_FOREVER, str(file)], cwd=ROOT, stdout=subprocess.PIPE
    )
    with writer:
        assert writer.stdout is not None
        numbers = [int(writer.stdout.readline()) for _ in range(5)]
        writer.send_signal(signal.SIGKILL)
        numbers += [int(line) for line in writer.stdout]
    keeping = Keeping(file)
    kept = keeping.turns(ME, "one")
    # One more may have been written when the kill came before it was told.
    assert [one.number for one in kept][: len(numbers)] == numbers
    assert len(kept) - len(numbers) in (0, 1)
    assert all(one.turn is not None for one in kept)
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert keeping.keep(ME, "one", turn_of(WIKA)) > numbers[-1]


def test_what_is_no_file_of_ours_is_left_alone(keeping: Keeping, file: Path) -> None:
    file.parent.mkdir()
    file.write_text("a letter, and no database at all")
    for use in (
        lambda: keeping.conversations(ME),
        lambda: keeping.keep(ME, "1", turn_of(WIKA)),
    ):
        with pytest.raises(KeepingError, match="move the file away"):
            use()
    assert file.read_text() == "a letter, and no database at all"


@pytest.mark.parametrize("order", ["CREATE TABLE theirs (a)", "PRAGMA user_version = 2"])
def test_another_database_is_left_alone(keeping: Keeping, file: Path, order: str) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(order)
    with pytest.raises(KeepingError, match="another program or version"):
        keeping.keep(ME, "one", turn_of(WIKA))


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeepingError, match="cannot be used"):
        Keeping(tmp_path).keep(ME, "one", turn_of(WIKA))


def test_each_index_has_a_file_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    one, other = (
        keeping_file(load_settings(index=tmp_path / name / "embeddings")) for name in "ab"
    )
    assert one != other
    assert one.is_relative_to(tmp_path / "data")
    assert one == keeping_file(load_settings(index=tmp_path / "b/../a/embeddings"))
    assert not (tmp_path / "data").exists()


def test_the_file_can_be_named_and_keeping_switched_off(tmp_path: Path) -> None:
    named = open_keeping(load_settings(conversations=str(tmp_path / "kept")))
    assert named is not None
    assert named.file == tmp_path / "kept"
    assert open_keeping(load_settings(conversations="off")) is None
