"""A server that stops dead in the middle of a paid request, at a moment that nobody outside could hit with a kill.

SWITCHYARD_TEST_HOLD is a JSON object, from the moment to the request that is held there for ever. The log says
`[test] held row` and so on.

    row        its row has been committed, and nothing has been sent; by its endpoint's id
    picture    its picture lies whole in an unfinished file that has not been given its name, which is this hash
    kept       its picture is in the store, and the row that says so is written but not committed; by its endpoint's id
"""

import json
import logging
import os
import sqlite3
import threading
from collections.abc import Mapping

BOOKS = "requests.sqlite"
BEGUN, KEPT = "INSERT INTO requests", "UPDATE requests SET state = ?"


def hold(wanted: str) -> None:
    """Arms the process. An empty `wanted` leaves it alone."""
    if wanted:
        _hold_before_rename(json.loads(wanted))
        _hold_at_commit(json.loads(wanted))


def _wait_for_the_kill(moment: str) -> None:
    logging.info("[test] held %s", moment)
    threading.Event().wait()


def _hold_before_rename(wanted: Mapping[str, str]) -> None:
    rename = os.replace

    def replace(source, target, **how):
        if os.path.basename(target) == wanted.get("picture"):
            _wait_for_the_kill("picture")
        return rename(source, target, **how)

    os.replace = replace


def _hold_at_commit(wanted: Mapping[str, str]) -> None:
    connect = sqlite3.connect
    endpoints: dict[str, str] = {}  # by the key of a request

    class Watched(sqlite3.Connection):
        moment = ""  # what this transaction does for whom we want

        def execute(self, sql, values=()):
            if sql.startswith(BEGUN):
                endpoints[values[0]] = values[2]
                self.moment = "row" if wanted.get("row") == values[2] else ""
            elif sql.startswith(KEPT) and values[0] == "kept":
                self.moment = "kept" if wanted.get("kept") == endpoints.get(values[-1]) else ""
            if sql == "COMMIT" and self.moment == "kept":
                _wait_for_the_kill("kept")
            result = super().execute(sql, values)
            if sql == "COMMIT" and self.moment == "row":
                _wait_for_the_kill("row")
            return result

    def watched(database, *args, **how):
        ours = str(database).endswith(BOOKS)
        return connect(database, *args, **({**how, "factory": Watched} if ours else how))

    sqlite3.connect = watched
