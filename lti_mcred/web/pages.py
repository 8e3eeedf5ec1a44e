"""Problem pages and languages: the frame around every page."""

import logging
from datetime import UTC, datetime
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError
from babel.dates import get_timezone_name
from flask import (
    Blueprint,
    Flask,
    Response,
    g,
    has_request_context,
    jsonify,
    render_template,
    request,
)
from flask_babel import Babel, format_date, format_time, get_locale, get_timezone
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.local import LocalProxy

from lti_mcred.engine.db import db
from lti_mcred.errors import Problem
from lti_mcred.services import service, site
from lti_mcred.settings import Settings
from lti_mcred.web.around import logged_address
from lti_mcred.web.guards import public
from lti_mcred.web.problems import problem
from lti_mcred.web.typed import looks_like_id

log = logging.getLogger(__name__)
# Fields that a page of ours sends along, in which nobody typed.
_OF_THE_PAGE = frozenset({"visit_bearer", "unheard", "save_id"})
_TEXTS = "application/x-www-form-urlencoded"
bp = Blueprint("home", __name__)


def init_pages(app: Flask, settings: Settings) -> None:
    """Wire languages and error pages into `app`."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _crash)
    app.jinja_env.globals.update(
        request_id=lambda: g.get("request_id", ""),
        settings=LocalProxy(site),
        zone_name=zone_name,
        shown_at=lambda: g.get("address", ""),
        page_frame=_frame,
        icon_sheet=f"{app.static_url_path}/icons.svg",
    )
    Babel(app, locale_selector=_locale, timezone_selector=lambda: site().timezone)
    # Nearly every page uses these two; a page that imports a macro pays for the import each time.
    for name, template in (("icon", "_components/icon.html"), ("notice", "_components/ui.html")):
        app.jinja_env.globals[name] = getattr(app.jinja_env.get_template(template).module, name)
    if settings.environment == "development":
        app.add_url_rule("/styleguide", "styleguide", _styleguide)


def moment(value: datetime) -> str:
    """Return a time as people read it, in the organisation's zone and the reader's way: 3 November 2026, 10:42 AM."""
    return f"{format_date(value, 'd MMMM y')}, {format_time(value, 'short')}"


def zone_name() -> str:
    """Return the organisation's time zone as the reader's language names it: Eastern Time."""
    zone = site().timezone
    # No language has a name for these, and Babel would say "Unknown Region".
    return "UTC" if zone.endswith("UTC") else str(get_timezone_name(get_timezone(), locale=get_locale()))


@public
def _styleguide() -> str:
    return render_template("styleguide.html", sample_moment=datetime(2026, 11, 3, 15, 42, tzinfo=UTC))


@bp.get("/")
@public
def home() -> str:
    """Tell whoever comes without a launch where the work is, and where badges are checked."""
    return render_template("home.html")


class _Frame(dict[str, Markup]):
    """The parts of the frame around every page in one language, each rendered at its first use; and `language`."""

    def __missing__(self, name: str) -> Markup:
        self[name] = shown = Markup(render_template(f"_components/{name}.html"))  # noqa: S704 - rendered with escaping
        return shown


class Frames(dict[Locale | None, _Frame]):
    """The frames that this process has rendered, by language."""


def _frame() -> _Frame:
    locale, kept = get_locale(), service(Frames)
    if (frame := kept.get(locale)) is None:
        kept[locale] = frame = _Frame(language=escape(str(locale or "en").replace("_", "-")))
    return frame


def _locale() -> Locale:
    return _known_locale(_language())


@lru_cache(maxsize=64)
def _known_locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


def _language() -> str:
    settings = site()
    if not has_request_context():  # workers and the command line
        return settings.languages[0]
    visit = g.get("visit")
    wanted = str((visit.launch if visit else {}).get("locale") or "").replace("_", "-")
    for candidate in (wanted, wanted.split("-")[0]):
        if candidate in settings.languages:
            return candidate
    try:
        return request.accept_languages.best_match(settings.languages, settings.languages[0]) or settings.languages[0]
    except UnknownLocaleError:
        return settings.languages[0]


def _problem(met: Problem) -> tuple[Response, int]:
    level = logging.ERROR if met.status >= 500 else logging.INFO
    log.log(level, "%s %s %s", request.method, logged_address(), met)
    db.session.rollback()
    best = request.accept_mimetypes.best_match(
        ["text/html", "application/json", "application/problem+json"], "text/html"
    )
    if best != "text/html":
        answer = jsonify(met.as_json(g.get("request_id", "")))
        answer.mimetype = "application/problem+json"
    else:
        answer = Response(render_template("problem.html", problem=met, typed=_texts_not_taken()), mimetype="text/html")
    if met.retry_after:
        answer.headers["Retry-After"] = str(met.retry_after)
    return answer, met.status


def _texts_not_taken() -> list[str]:
    """Return the texts of a form of ours that was not taken, so that nobody has to write them again.

    No other site's (Fetch Metadata, Sec-Fetch-Site): a page of ours says nothing in a stranger's words.
    """
    if request.headers.get("Sec-Fetch-Site") != "same-origin" or request.mimetype != _TEXTS:
        return []
    try:
        pairs = list(request.form.items(multi=True))
    except HTTPException:  # longer than any form of ours
        return []
    return [value for name, value in pairs if name not in _OF_THE_PAGE and _says_something(value.strip())]


def _says_something(text: str) -> bool:
    """Whether a value was typed (words, in a writing with or without spaces; a web address), and is no choice or id."""
    return bool(text) and (not looks_like_id(text) or "://" in text)


def _http_problem(error: HTTPException) -> tuple[Response, int]:
    status = error.code or 500
    if status < 400:  # a redirect raised as an exception, such as the one for a missing slash
        return Response(status=status, headers=error.get_headers()), status
    answer, _status = _problem(_of_http(error, status))
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            answer.headers[name] = value
    return answer, status


def _of_http(error: HTTPException, status: int) -> Problem:
    if isinstance(error, RequestEntityTooLarge):
        small_enough_for_files = (request.content_length or 0) <= (request.max_content_length or 0)
        return problem("http-413/text" if small_enough_for_files else "http-413")
    if status == 404:
        return problem("http-404")
    if status == 405:
        return problem("http-405")
    return problem("http-…", status=status)


def _crash(error: Exception) -> tuple[Response, int]:
    log.exception("%s %s crashed", request.method, logged_address())
    db.session.rollback()  # first of all: even the language of the page is read from the visit
    return _problem(problem("fault", log=type(error).__name__))
