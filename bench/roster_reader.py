"""Reads class lists in a process of its own and prints seconds and growth as JSON: python -m bench.roster_reader."""

import json
import resource
import sys
import tempfile
import time
from typing import Any

from lti_mcred.app import create_app
from lti_mcred.engine import migrate
from lti_mcred.engine.db import close_connections, db
from lti_mcred.people.models import Course
from lti_mcred.settings import Settings
from lti_mcred.tool.known import platforms
from lti_mcred.tool.roster import reading


def main(address: str, size: int) -> dict[str, Any]:
    """Read ten people, then `size` people twice. Raises RuntimeError when one is missing."""
    with tempfile.TemporaryDirectory(prefix="lti-mcred-bench-") as folder:
        settings = Settings.load(
            {}, environment="demo", secret_key="b" * 40, database_url=f"sqlite:///{folder}/tool.sqlite3",
            data_dir=folder, allowed_private_hosts=(address,), log_level="WARNING",
        )  # fmt: skip
        app = create_app(settings)
        migrate.upgrade(app)
        with app.app_context():
            base = f"http://{address}"
            platform = platforms.add_platform(
                name="Bench", issuer=base, client_id="bench", deployments=("1",), profile="generic",
                auth_url=f"{base}/auth", token_url=f"{base}/token", jwks_url=f"{base}/jwks",
            )  # fmt: skip
            here = {"platform_id": platform.id, "deployment_id": platform.deployments[0].id}
            few = Course(context_id="few", memberships_url=f"{base}/ten", **here)
            many = Course(context_id="many", memberships_url=f"{base}/many", **here)
            db.session.add_all([few, many])
            db.session.commit()
            _read(few, 10)
            before = _peak_mb()
            first, following = _read(many, size), _read(many, size)
            grown = _peak_mb() - before
            db.session.remove()
            close_connections()
    return {"first_seconds": first, "next_seconds": following, "growth_mb": grown}


def _read(course: Course, wanted: int) -> float:
    started = time.perf_counter()
    found = reading.read_now(course)
    if (found.state, found.people) != ("read", wanted):
        message = f"{found.state}: {found.people} of {wanted} people. {found.reason}"
        raise RuntimeError(message)
    return time.perf_counter() - started


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts KiB


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
