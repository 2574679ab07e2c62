"""Keeps pynetdicom from losing answers, for the scripts that send requests with it.

Its reactor takes messages off the same queue as send_c_… and send_n_…, which stop it before they ask. It says that it rests a
moment before it does, and may still take the answer of a fast peer, for which the caller then waits in vain. Here stopping it
waits until it rests.
"""

import threading

from pynetdicom.association import Association


class Checkpoint:
    """The event that the reactor waits for, as long as it is not set."""

    def __init__(self, reactor):
        self._reactor, self._is_open, self._is_resting = reactor, True, False
        self._changed = threading.Condition()

    def set(self):
        with self._changed:
            self._is_open = True
            self._changed.notify_all()

    def wait(self):
        with self._changed:
            while not self._is_open:
                self._is_resting = True
                self._changed.notify_all()
                self._changed.wait()
            self._is_resting = False

    def clear(self):
        with self._changed:
            self._is_open = False
            while not self._is_resting and self._reactor.is_alive() and threading.current_thread() is not self._reactor:
                self._changed.wait(0.1)


def keep_answers():
    """Has every association that is made from now on wait so."""
    make = Association.__init__

    def made(self, *arguments, **named):
        make(self, *arguments, **named)
        self._reactor_checkpoint = Checkpoint(self)

    Association.__init__ = made
