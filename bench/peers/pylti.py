"""The thinnest honest tool on PyLTI1p3's Flask adapter, after the pattern of its example: one page that shows who came.

BENCH_PEER holds, as JSON: dsn (PostgreSQL; null for the example's own cache in memory), client, deployment, platforms
[{url, jwks}], cached_keys (the adapter's key cache, which the example leaves off).
"""

import json
import os
import threading
from typing import Any

import psycopg
from flask import Flask, Response
from flask_caching import Cache
from psycopg.types.json import Json
from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.tool_config import ToolConfDict

GIVEN = json.loads(os.environ["BENCH_PEER"])
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tool</title></head>
<body><h1>Welcome {{ name }}</h1><p>{{ course }}</p></body></html>"""
CONTEXT = "https://purl.imsglobal.org/spec/lti/claim/context"


class PostgresCache:
    """What the adapter asks of a cache, kept in PostgreSQL: one connection a thread, prepared by psycopg."""

    def __init__(self, dsn: str) -> None:
        self.dsn, self.local = dsn, threading.local()
        self._run(
            "CREATE TABLE IF NOT EXISTS launch"
            " (key text PRIMARY KEY, value jsonb NOT NULL, ends_at timestamptz NOT NULL)"
        )

    def get(self, key: str) -> Any:
        """Return the value of a key, None when it is unknown or over."""
        row = self._run("SELECT value FROM launch WHERE key = %s AND ends_at > now()", key).fetchone()
        return row[0] if row else None

    def set(self, key: str, value: Any, seconds: int | None) -> None:
        """Store a value."""
        self._run(
            "INSERT INTO launch VALUES (%s, %s, now() + make_interval(secs => %s))"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends_at = excluded.ends_at",
            key, Json(value), seconds or 3600,
        )  # fmt: skip

    def _run(self, query: str, *values: Any) -> psycopg.Cursor[Any]:
        if not hasattr(self.local, "connection"):
            self.local.connection = psycopg.connect(self.dsn, autocommit=True)
        return self.local.connection.execute(query, values)


app = Flask("peer")
page = app.jinja_env.from_string(_PAGE)
app.config.update(CACHE_TYPE="SimpleCache", CACHE_DEFAULT_TIMEOUT=600, SECRET_KEY="a-key-of-the-benchmark")
cache = PostgresCache(GIVEN["dsn"]) if GIVEN["dsn"] else Cache(app)
tool = ToolConfDict(
    {
        platform["url"]: [
            {
                "default": True, "client_id": GIVEN["client"], "auth_login_url": f"{platform['url']}/auth",
                "auth_token_url": f"{platform['url']}/token", "key_set_url": platform["jwks"], "key_set": None,
                "deployment_ids": [GIVEN["deployment"]],
            }
        ]
        for platform in GIVEN["platforms"]
    }
)  # fmt: skip


@app.get("/readyz")
def ready() -> str:
    """Answer that it runs."""
    return "ready"


@app.route("/login", methods=["GET", "POST"])
def login() -> Response:
    """Begin a login; the adapter's page that tries out cookies is left out, which makes it faster."""
    asked = FlaskRequest()
    storage = FlaskCacheDataStorage(cache)
    return FlaskOIDCLogin(asked, tool, launch_data_storage=storage).redirect(asked.get_param("target_link_uri"))


@app.post("/launch")
def launch() -> str:
    """Check the launch, keep its data, show the page."""
    launched = FlaskMessageLaunch(FlaskRequest(), tool, launch_data_storage=FlaskCacheDataStorage(cache))
    if GIVEN.get("cached_keys"):
        launched.set_public_key_caching(FlaskCacheDataStorage(cache), 7200)
    data = launched.get_launch_data()
    return page.render(name=data["name"], course=data[CONTEXT]["title"])
