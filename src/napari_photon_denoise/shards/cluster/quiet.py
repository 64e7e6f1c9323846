"""What distributed logs is for its developers: what matters of it is said in our own sentences."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

NAMES = ("distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application")
# By these, each process that imports distributed sets up its logging.
SILENT = {
    "DASK_DISTRIBUTED__LOGGING": repr(dict.fromkeys((*NAMES, "bokeh"), "critical")),
    "PYTHONWARNINGS": "ignore",
}


@contextmanager
def quiet() -> Iterator[None]:
    """Keep distributed from logging and warning in this process meanwhile."""
    import distributed  # noqa: F401 - which sets up its loggers

    loggers = [logging.getLogger(name) for name in NAMES]
    before = [(one, one.level, one.propagate, one.handlers[:]) for one in loggers]
    for one in loggers:
        one.setLevel(logging.CRITICAL + 1)
        one.propagate = False
        one.handlers[:] = [logging.NullHandler()]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="distributed")
            yield
    finally:
        for one, level, propagate, handlers in before:
            one.setLevel(level)
            one.propagate = propagate
            one.handlers[:] = handlers
