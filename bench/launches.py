"""Complete launches of the programs in turns: from the login request to the rendered page."""

import re
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from bench import programs, usage
from bench.lms import BenchLms
from bench.load import Browser, Walk, run
from bench.programs import Program
from bench.table import Round, Target, medians, program_lines, ratios, target_lines
from bench.walks import LaunchWalk, plain
from tests.postgres import server

_PEOPLE, _IN_FLIGHT, _BURST, _PAUSE = 64, 32, 600, 3.0


def measure(folder: Path, seconds: float, rounds: int) -> list[str]:
    """Return the lines of the chapter: programs side by side, the figures beside their targets, the burst."""
    lms = BenchLms()
    lines: list[str] = []
    try:
        with server(durable=True) as url:
            with ExitStack() as stack:
                running = _start(stack, url, folder, lms, lines)
                lines += _side_by_side(running, url, lms, seconds, rounds)
            lines += ["", *_bursts(url, folder, lms)]
    finally:
        lms.close()
    return lines


def _start(stack: ExitStack, url: str, folder: Path, lms: BenchLms, lines: list[str]) -> list[Program]:
    running = [stack.enter_context(programs.ours(url, folder, lms))]
    try:
        running.append(stack.enter_context(programs.ltijs(url, folder, lms)))
    except (RuntimeError, OSError) as reason:
        lines += [f"**ltijs was not measured: {reason}.**", ""]
    for stock in (False, True):
        running.append(stack.enter_context(programs.pylti(url, folder, lms, stock=stock)))
    running.append(stack.enter_context(programs.bare(folder)))
    return running


def _side_by_side(running: list[Program], url: str, lms: BenchLms, seconds: float, rounds: int) -> list[str]:
    database = postgres_pid(url)
    people = {one.name: _people(one) for one in running}
    issuers = {one.name: ("prompt", "slow") if one.activities else ("prompt",) for one in running}
    for one in running:  # everybody has been here before
        for issuer in issuers[one.name]:
            run(_walk(lms, one, issuer), people[one.name], 16)
    found: list[Round] = []
    slow: list[Round] = []
    alone: list[Round] = []
    for _round in range(rounds):
        for one in running:
            found.append(_once(lms, one, people[one.name], database, "prompt", _IN_FLIGHT, seconds))
            if len(issuers[one.name]) > 1:
                slow.append(_once(lms, one, people[one.name], database, "slow", _IN_FLIGHT, seconds))
        alone.append(_once(lms, running[0], people["lti_mcred"], database, "prompt", 1, seconds))
    # Each slow turn beside the prompt one just before it: the machine's speed changes within minutes.
    before, after = ([one.rate for one in turns if one.program == running[0].name] for turns in (found, slow))
    kept = statistics.median(one / other for one, other in zip(after, before, strict=True))
    memory = usage.largest_pss(running[0].pid)
    targets = _targets(found, kept, medians(alone)["lti_mcred"].p95, memory)
    lines = [*program_lines(found), "", *target_lines(targets), "", "With an LMS that takes 50 ms for its keys:", ""]
    return lines + program_lines(slow)


def _once(  # noqa: PLR0917 - private, called twice in a row
    lms: BenchLms, one: Program, people: list[Browser], database: int, issuer: str, in_flight: int, seconds: float
) -> Round:
    before, database_before = usage.cpu_seconds(one.pid), usage.cpu_seconds(database)
    report = run(_walk(lms, one, issuer), people, in_flight, seconds)
    each = 1000 / max(1, report.walks)
    cpu, spent = usage.cpu_seconds(one.pid) - before, usage.cpu_seconds(database) - database_before
    return Round(one.name, report.rate, report.p95, cpu * each, spent * each, len(report.losses))


def _targets(found: list[Round], kept: float, alone: float, memory: float) -> list[Target]:
    middle, ratio = medians(found), ratios(found)
    ours, bare = middle["lti_mcred"], middle["bare Flask"]
    cpu = ours.cpu + ours.database
    targets = [
        Target(f"launches/s beside {name}", ratio[name], least, "times", at_least=True)
        for name, least in (("ltijs", 1.5), ("PyLTI1p3", 1.2))
        if name in ratio
    ]
    return [
        *targets,
        Target("CPU of one launch with its database", cpu, 2.5, "ms"),
        Target("CPU of one launch in requests of bare Flask", cpu / bare.cpu if bare.cpu else 0, 18, "times"),
        Target("p95 with 1 in flight", alone, 5, "ms"),
        Target("p95 with 32 in flight", ours.p95, 100, "ms"),
        Target("rate with keys that take 50 ms", kept, 0.9, "times", at_least=True),
        Target("PSS of the largest process", memory, 100, "MB"),
    ]


def _bursts(url: str, folder: Path, lms: BenchLms) -> Iterator[str]:
    yield f"{_BURST} launches at once, {_PAUSE:g} s between login and launch, two processes:"
    yield ""
    for make in (
        programs.ours(url, folder, lms, web_processes=2),
        programs.pylti(url, folder, lms, stock=True, processes=2),
    ):
        with make as one:
            report = run(_walk(lms, one, "prompt", _PAUSE), _people(one, _BURST), _BURST)
            yield f"- {one.name}: {len(report.losses)} lost, {report.walks} arrived."


def _walk(lms: BenchLms, one: Program, issuer: str, pause: float = 0.0) -> Walk:
    if not one.activities:
        return plain
    return LaunchWalk(lms, issuer, one.activities[issuer], one.login, one.launch, one.word, pause)


def _people(one: Program, count: int = _PEOPLE) -> list[Browser]:
    return [Browser(f"u{number}", "127.0.0.1", one.port) for number in range(count)]


def postgres_pid(url: str) -> int:
    """Return the process id of the server that listens on the port of `url`."""
    wanted = f"-p {urlsplit(url).port} "
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # ended at this moment
            continue
        if re.match(r"\S*postgres ", words) and wanted in words.replace('"', ""):
            return int(folder.name)
    message = "the database server was not found"
    raise RuntimeError(message)
