"""What keeps the index in step with its folder: one thread, one queue, one state.

Whatever happens is put into the queue: the folder changed, a rebuild or a count of what
waits is asked for, the watch broke. One thread takes it out, and builds, looks and counts,
one after another; who wants to know reads the state.
"""

from __future__ import annotations

import dataclasses
import enum
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag.config import Settings
from rag.errors import Code, Problem, RagError
from rag.ingest.folder import shown_path
from rag.library.build_summary import BuildSummary
from rag.library.folder_changes import FileMark, FolderEvents, FolderWatch, marks_of
from rag.library.pending import LastCount, Waiting, refuse_sudden_emptiness
from rag.library.still_files import STILL_AFTER, StillFiles, TryAgain
from rag.library.update_state import UpdateState, begun_after, ended, is_same, together
from rag.library.update_state import log_summary as _log
from rag.progress import Progress, Silent

logger = logging.getLogger(__name__)

# Not every disk tells of its changes (one on the network does not), and what failed may be
# mended: so often, in seconds, a watched folder is looked at unasked.
LOOK_AFTER = 30
# A wait is cut into so many seconds: on Windows nothing else lets Ctrl-C in.
_BREATH = 1.0
_A_MOMENT = 0.5
# Called with a Progress and with what hears what is announced; and with the paths ``moving``
# of files that are to be left as they were, where there are any.
Build = Callable[..., BuildSummary]


class _Event(enum.Enum):
    """What happens to an updater; that a look is due it tells by its clock."""

    FOLDER_CHANGED = enum.auto()
    REBUILD_ASKED = enum.auto()
    COUNT_ASKED = enum.auto()


@dataclass(frozen=True, slots=True)
class _WatchBroke:
    """The folder cannot be watched for a while."""

    error: Exception


class _StoppedError(Exception):
    """The build was asked to stop."""


class Updater:
    """Brings the index up to date with ``build``. Safe to use from several threads.

    It does so when it is asked to and, once it watches, whenever the folder of ``settings``
    changes; what fails then is tried again. The work is done by who calls ``run``, or by the
    thread of ``start``. ``on_built`` hears of the first build and of every one that changed
    something, ``announce`` what builds announce, ``warn`` what fails, ``progress`` how far
    they are. A file that changes under a watch is taken up once it was still for
    ``still_after`` seconds; who asks for an update has it take the folder as it is. A watched
    folder that is empty all at once is taken for a missing disk, unless it
    ``may_be_emptied``. ``events`` tells of its changes and ``clock`` gives seconds.
    """

    def __init__(
        self,
        settings: Settings,
        build: Build,
        *,
        on_built: Callable[[BuildSummary], None] | None = None,
        announce: Callable[[str], None] = logger.info,
        warn: Callable[[str], None] = logger.warning,
        progress: Progress | None = None,
        may_be_emptied: bool = False,
        still_after: float = STILL_AFTER,
        events: FolderEvents | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._build = build
        self._on_built = on_built or _log
        self._announce = announce
        self._warn = warn
        self._progress = progress or Silent()
        self._may_be_emptied = may_be_emptied
        self._folder_events = events or FolderWatch(settings, announce)
        self._clock = clock
        self._still = StillFiles(still_after, clock)
        self._last_count = LastCount(settings)
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        # Guards what follows; whoever changes it notifies.
        self._condition = threading.Condition()
        self._queue: deque[_Event | _WatchBroke] = deque()
        self._state = UpdateState()
        self._step_began = 0.0
        # Of the working thread alone: the folder as the index has it, None where it has not.
        self._seen: tuple[FileMark, ...] | None = None
        self._next_look = 0.0
        self._try_again = TryAgain(LOOK_AFTER, clock)
        self._has_built = False

    def rebuild(self) -> None:
        """Ask for a rebuild; while one runs, for another one that follows it."""
        self._put(_Event.REBUILD_ASKED)

    def watch(self) -> None:
        """Watch the folder from now on, beginning with a look at it as it is."""
        with self._condition:
            self._change(watching=True)
        self._folder_events.start(
            lambda: self._put(_Event.FOLDER_CHANGED),
            lambda error: self._put(_WatchBroke(error)),
        )
        self._put(_Event.FOLDER_CHANGED)

    def state(self) -> UpdateState:
        """Tell how far it is now; what waits is looked at, and asked for if it is not known."""
        with self._condition:
            state, spent = self._state, self._clock() - self._step_began
        if state.running:
            if not state.done:
                return state
            left = spent * (state.total - state.done) / state.done
            return dataclasses.replace(state, seconds_left=left)
        if state.watching and state.trouble is None:
            # It is on its way already, and counting costs a read of every file.
            return dataclasses.replace(state, waiting=Waiting())
        waiting = self._last_count.waiting()
        if waiting is None:
            self._put(_Event.COUNT_ASKED)
        return dataclasses.replace(state, waiting=waiting)

    def start(self) -> None:
        """Have a thread do the work, unless one does or it is over."""
        with self._condition:
            if self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self.run, name="updater", daemon=True)
                self._thread.start()

    def run(self) -> None:
        """Do what is asked for and what is due, until ``stop`` or Ctrl-C."""
        while True:
            with self._condition:
                self._condition.wait_for(
                    lambda: self._queue or self._stopping.is_set(), self._patience()
                )
            if self._stopping.is_set():
                return
            self.turn()

    def turn(self) -> None:
        """Do what was asked for until now and what is due; wait for nothing."""
        with self._condition:
            happened = tuple(self._queue)
            self._queue.clear()
        for event in happened:
            if isinstance(event, _WatchBroke):
                self._note_broken_watch(event.error)
        if _Event.REBUILD_ASKED in happened:
            self._update(asked=True)
        elif _Event.FOLDER_CHANGED in happened or self._is_look_due():
            self._look()
        if _Event.COUNT_ASKED in happened:
            self._last_count.count()

    def wait(self, seconds: float) -> None:
        """Return once no update runs or is asked for, or after so many seconds."""
        with self._condition:
            self._condition.wait_for(lambda: not self._state.running, seconds)

    def stop(self) -> None:
        """End the watch, and a build between two of its units, and wait.

        What was embedded is kept. Python must not end while the model's native code runs.
        A build that still waits for another program's runs none, and is not waited for.
        """
        with self._condition:
            self._stopping.set()
            self._condition.notify_all()
            is_watching = self._state.watching
        if is_watching:
            self._folder_events.stop()
        if self._thread is not None:
            with self._condition:
                patience = _A_MOMENT if self._state.step is None else None
            self._thread.join(patience)
        with self._condition:
            # What was asked for and not begun never will be.
            if _Event.REBUILD_ASKED in self._queue:
                self._change(running=False)
            self._queue.clear()

    def _put(self, event: _Event | _WatchBroke) -> None:
        with self._condition:
            if self._stopping.is_set() or event in self._queue:
                return
            if event is _Event.REBUILD_ASKED and not self._state.running:
                self._state = begun_after(self._state)
            self._queue.append(event)
            self._condition.notify_all()

    def _change(self, **changes: object) -> None:
        self._state = dataclasses.replace(self._state, **changes)  # type: ignore[arg-type]
        self._condition.notify_all()

    def _patience(self) -> float | None:
        """How many seconds to wait for an event."""
        if not self._state.watching:
            return None
        return min(max(self._next_look - self._clock(), 0.0), _BREATH)

    def _is_look_due(self) -> bool:
        return self._state.watching and self._clock() >= self._next_look

    def _look(self) -> None:
        """Update if the folder, as far as it is still, is not as the index has it."""
        soon: float | None = None
        try:
            found = self._still.look(marks_of(self._settings.articles, self._settings.index))
            soon = found.seconds
            if found.marks == self._seen and not self._try_again.is_due():
                return
            if found.moving and not self._has_built and self._still.has_just_begun():
                return
            if not self._may_be_emptied:
                refuse_sudden_emptiness(self._settings, found.marks)
            soon = self._update(asked=False)
        except RagError as error:
            self._note(error)
        except OSError as error:
            self._note_broken_watch(error)
        finally:
            wait = LOOK_AFTER if soon is None else min(soon, LOOK_AFTER)
            self._next_look = self._clock() + wait

    def _note_broken_watch(self, error: Exception) -> None:
        kind = type(error).__name__
        self._note(RagError(Problem.of(Code.FOLDER_NOT_WATCHED, kind=kind)))

    def _note(self, trouble: RagError) -> None:
        """Keep why the index may not have what changed; it is tried again."""
        self._seen = None
        if not is_same(trouble, self._state.trouble):
            self._warn(str(trouble))
        with self._condition:
            self._change(trouble=trouble)

    def _update(self, *, asked: bool) -> float | None:
        """Build, and once more for who asked meanwhile; tell how soon what moves is still."""
        trouble = None if asked else self._state.trouble
        before: BuildSummary | None = None
        while True:
            with self._condition:
                self._state = begun_after(self._state)
            built, soon = self._attempt(trouble, asked=asked)
            if before is not None and isinstance(built, BuildSummary):
                built = together(before, built)
            with self._condition:
                if _Event.REBUILD_ASKED in self._queue and not self._stopping.is_set():
                    self._queue.remove(_Event.REBUILD_ASKED)
                    before = built if isinstance(built, BuildSummary) else None
                    trouble, asked = None, True
                    continue
                self._state = ended(self._state, built, trouble)
                self._condition.notify_all()
            break
        if isinstance(built, BuildSummary) and (built.written or not self._has_built):
            self._has_built = True
            self._on_built(built)
        return soon

    def _attempt(
        self, trouble: RagError | None, *, asked: bool
    ) -> tuple[BuildSummary | RagError | None, float | None]:
        """Build; None when it was stopped. An error as the ``trouble`` before is not told.

        Beside it, how soon what moves is still.
        """
        self._seen = None
        soon: float | None = None
        try:
            # Taken before the build: what changes under it is seen the next time.
            marks = marks_of(self._settings.articles, self._settings.index)
            folder = self._still.take(marks) if asked else self._still.look(marks)
            soon = folder.seconds
            moving = {shown_path(Path(file), self._settings.articles) for file in folder.moving}
            held = {"moving": moving} if moving else {}
            built = self._build(_Listener(self), self._hear, **held)
        except _StoppedError:
            logger.info("the update of the index was stopped")
            return None, soon
        except RagError as error:
            if not is_same(error, trouble):
                self._warn(str(error))
            return error, soon
        except Exception as error:
            logger.exception("the index could not be rebuilt")
            kind = type(error).__name__
            return RagError(Problem.of(Code.INDEX_NOT_REBUILT, kind=kind)), soon
        self._seen = folder.marks
        self._try_again.after(built)
        return built, soon

    def _hear(self, message: str) -> None:
        """Hear what a build announces."""
        self._announce(message)
        # A build that waits for a cluster says so, and is not waited for.
        self._refuse_to_go_on()
        with self._condition:
            self._change(note=message)

    def _begin_step(self, what: str, total: int) -> None:
        self._refuse_to_go_on()
        self._progress.start(what, total)
        with self._condition:
            self._step_began = self._clock()
            self._change(step=what, done=0, total=total)

    def _advance(self, count: int) -> None:
        self._refuse_to_go_on()
        self._progress.advance(count)
        with self._condition:
            self._change(done=self._state.done + count)

    def _refuse_to_go_on(self) -> None:
        if self._stopping.is_set():
            raise _StoppedError


class _Listener:
    """Hears from a build how far it is."""

    def __init__(self, updater: Updater) -> None:
        self.start = updater._begin_step
        self.advance = updater._advance
