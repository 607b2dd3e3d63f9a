"""Calls of the library that take long: they can be interrupted, and report what happens meanwhile."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import queue
import threading
import weakref
from collections.abc import Iterator
from typing import Any, Callable, Optional, cast

from . import _library as c

_DONE = object()


class Call:
    """One call of the library, made in a thread of its own.

    The thread that asks waits in Python. There it takes signals, whatever their handlers do (Ctrl-C raises
    KeyboardInterrupt), and gets the events that the library's callbacks report. To stop the call it sets a flag, which
    the library reads in every pass of the network without the interpreter's lock.
    """

    def __init__(self) -> None:
        self._flag = ctypes.c_int32(0)
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._taken = threading.Semaphore(0)
        self._result: Any = None
        self._failure: Optional[BaseException] = None

    @property
    def cancel(self) -> Any:
        """For the fields `cancel` and `context` of options."""
        return {
            "cancel": ctypes.cast(c.library.trm_cancel_flag, c.Cancel),
            "context": ctypes.addressof(self._flag),
        }

    def stopped(self) -> int:
        """For callbacks that only ask whether to go on."""
        return self._flag.value

    def emit(self, make_event: Callable[[], Any]) -> int:
        """Called by callbacks, never twice at once: returns once the event has been dealt with, 1 to stop the call."""
        if not self._flag.value:
            try:
                self._events.put(make_event())
                self._taken.acquire()
            except BaseException as failure:  # nothing may be thrown through the library
                self._failure = failure
                self._flag.value = 1
        return self._flag.value

    def events(self, work: Callable[[], Any]) -> Iterator[Any]:
        """Runs `work` and yields what it emits. `work` waits meanwhile, and is stopped when the iterator is closed."""
        self._thread = threading.Thread(target=self._run, args=(work,), name="trm", daemon=True)
        self._thread.start()
        _running.add(self)
        try:
            for event in iter(self._events.get, _DONE):
                yield event
                self._taken.release()
        finally:
            self.stop()
        if self._failure is not None:
            raise self._failure

    def wait(self, work: Callable[[], Any], on_event: Optional[Callable[[Any], object]] = None) -> Any:
        """Runs `work` and returns what it returns. It is stopped where `on_event` returns False."""
        if on_event is None and threading.current_thread() is not threading.main_thread():
            return work()  # signals are the main thread's
        with contextlib.closing(cast(Any, self.events(work))) as events:
            for event in events:
                if on_event is not None and on_event(event) is False:
                    self._flag.value = 1
        return self._result

    def stop(self) -> None:
        """Returns once the library has stopped."""
        self._flag.value = 1
        self._taken.release()
        self._thread.join()

    def _run(self, work: Callable[[], Any]) -> None:
        try:
            self._result = work()
        except BaseException as failure:
            self._failure = self._failure or failure
        finally:
            self._events.put(_DONE)


_running: weakref.WeakSet[Call] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    """An iterator that nobody has closed must not call into an interpreter that ends."""
    for call in list(_running):
        call.stop()


class Handle:
    """An object of the library, freed with this one; `keep` are the objects that it uses."""

    def __init__(self, address: Optional[int], free: str, *keep: object) -> None:
        self._as_parameter_ = ctypes.c_void_p(address)  # what ctypes passes
        self._keep = keep
        weakref.finalize(self, c.function_type(free), ctypes.c_void_p(address)).atexit = False
