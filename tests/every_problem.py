"""Whether every problem of the tables is made by some test: what each process saw, put together at the end of a run.

Only `--every-problem` asks for it, which belongs to a run of all tests within one process of the program: `make test`.
"""

from pathlib import Path

import pytest

from house import files, problems
from lti_mcred.errors import Row, Table

_OF_A_WORKER = "problems_made"


class EveryProblem:
    """Notes each row that a Problem is made of; the run fails where all tests passed and a row was never used."""

    def __init__(self) -> None:
        self._rows: set[tuple[int, str]] = set()  # which table, by its address; key
        self._made: set[str] = set()
        self._never: list[str] = []
        self._patch = pytest.MonkeyPatch()

    def pytest_sessionstart(self) -> None:
        """Note what is taken from any table."""
        read = Table.row

        def row(table: Table, key: str) -> Row:
            self._rows.add((id(table.rows), key))
            return read(table, key)

        self._patch.setattr(Table, "row", row)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Take what a worker saw; one that broke off has nothing to say."""
        self._made |= set(getattr(node, "workeroutput", {}).get(_OF_A_WORKER, ()))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over what this process saw, or compare what all saw with the tables."""
        self._patch.undo()
        package = Path(problems.ROOT) / problems.PACKAGE
        tables = {id(found.rows): found for found in problems.tables(files.read(package), problems.PACKAGE)}
        every = {f"{found.room}: {key}" for found in tables.values() for key in found.rows}
        self._made |= {f"{tables[table].room}: {key}" for table, key in self._rows if table in tables}
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[_OF_A_WORKER] = sorted(self._made)
            return
        self._never = sorted(every - self._made)
        if self._never and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name the problems that no test met."""
        if self._never:
            terminalreporter.section("no test meets these problems")
            terminalreporter.write_line("\n".join(self._never))
