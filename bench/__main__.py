"""`make bench`: measures launches, badges, scores and class lists and writes a Markdown table."""

import os
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench import badges, launches, roster, scores
from bench.lms import CLIENT, DEPLOYMENT, BenchLms
from lti_mcred import migrate
from lti_mcred.app import create_app
from lti_mcred.catalog import library
from lti_mcred.catalog.models import Activity
from lti_mcred.db import db
from lti_mcred.demo import free_port, start_tool, stop_process, wait_for
from lti_mcred.files import resource_dir
from lti_mcred.settings import Settings
from lti_mcred.tool import platforms

SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
OUT = Path("bench/results/latest.md")


def main() -> None:
    """Run all four and write the table."""
    with tempfile.TemporaryDirectory(prefix="lti-mcred-bench-") as folder:
        lines = [*_head(), *_launches(Path(folder))]
    lines += [
        "",
        "## Badges",
        "",
        f"Built and signed: **{badges.measure(SECONDS):.0f}** per CPU second of one process.",
        "",
    ]
    with tempfile.TemporaryDirectory(prefix="lti-mcred-bench-") as folder:
        rate, count = scores.measure(Path(folder))
    lines += [
        "## Scores",
        "",
        f"Delivered to the practice LMS: **{rate:.1f}** per second ({count} scores, one worker).",
        "",
        *roster.lines(),
    ]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    print(f"Written to {OUT}.")


def _head() -> list[str]:
    return [
        "# Measured rates",
        "",
        f"{datetime.now(UTC):%d %B %Y %H:%M} UTC, Python {platform.python_version()}, {os.cpu_count()} cores.",
        f"{SECONDS:g} s each. Client and server share the machine, so compare rates of one run only.",
        "",
        "## Launches",
        "",
        "From the login request to the rendered page (RS256 checked, visit stored in SQLite, about page), one process;",
        "the LMS's own signing is left out of the times.",
        "",
        "| in flight | launches/s | median ms | p95 ms | launches |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]


def _launches(folder: Path) -> list[str]:
    lms = BenchLms()
    port = free_port(18100)
    settings = Settings.load(
        {},
        environment="demo",
        secret_key="b" * 40,
        public_url=f"http://127.0.0.1:{port}",
        listen=f"127.0.0.1:{port}",
        database_url=f"sqlite:///{folder}/tool.sqlite3",
        data_dir=str(folder),
        allowed_private_hosts=(lms.host,),
        log_level="WARNING",
    )
    activity = _install(settings, lms)
    process = start_tool(settings, folder / "tool.log")
    try:
        wait_for(f"{settings.public_url}/readyz", process, folder / "tool.log")
        rows = launches.measure(lms, settings.public_url, activity, SECONDS)
    finally:
        stop_process(process)
        lms.close()
    return [f"| {row.in_flight} | {row.rate:.0f} | {row.median:.1f} | {row.p95:.1f} | {row.launches} |" for row in rows]


def _install(settings: Settings, lms: BenchLms) -> str:
    """Migrate, register the measuring LMS, place one activity; return its id."""
    app = create_app(settings)
    migrate.upgrade(app)
    with app.app_context():
        path = resource_dir("examples") / "cc-workforce-job-hazard-analysis.yaml"
        version = library.import_file(path, publish=True).version
        platform_row = platforms.add_platform(
            name="Bench", issuer=lms.issuer, client_id=CLIENT, deployments=(DEPLOYMENT,), profile="moodle",
            auth_url=f"{lms.issuer}/auth", token_url=f"{lms.issuer}/token", jwks_url=lms.jwks_url,
        )  # fmt: skip
        activity = Activity(
            version_id=version.id, platform_id=platform_row.id, deployment_id=platform_row.deployments[0].id
        )
        db.session.add(activity)
        db.session.commit()
        found: str = activity.id
        db.session.remove()
        db.engine.dispose()
    return found


if __name__ == "__main__":
    main()
