"""The switches page: everything that can be made to go wrong, or to behave like another version, in plain words."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as WerkzeugResponse

from lti_mcred.practice.campus import faults, seed
from lti_mcred.practice.campus.web import desk, same_origin_only, signed_in

pages = Blueprint("switches", __name__, url_prefix="/<any(canvas, moodle):slug>/switches")
pages.before_request(same_origin_only)


@pages.get("")
def show(slug: str) -> str:
    """Everything that can be made to go wrong, as it stands; whoever is signed in may flip it."""
    signed_in()
    here = desk()
    return render_template(
        "switches.html",
        now=faults.current(here),
        switches=here.temperament.switches,
        course_switches=here.temperament.course_switches,
        courses=here.courses(),
    )


@pages.post("")
def change(slug: str) -> WerkzeugResponse:
    """One form for all of it; only what the form holds is changed."""
    signed_in()
    here = desk()
    try:
        faults.set_faults(here, _typed())
    except faults.BadFault:
        abort(400, _("One of the values is out of range. Go back and check the numbers."))
    return redirect(f"/{slug}/switches", 303)


def _typed() -> dict[str, Any]:
    wanted: dict[str, Any] = {
        name: request.form.get(name, type=int) or 0
        for name in (*faults.NUMBERS, "clock_offset_s")
        if name in request.form
    }
    for name in ("rate_limit_kind", "match", *faults.REFUSALS):
        if name in request.form:
            wanted[name] = request.form[name]
    wanted["concluded"] = request.form.get("concluded") == "yes"
    for name in faults.course_switch_names(desk()):
        wanted[name] = request.form.getlist(name, type=int)
    chosen: dict[str, Any] = {}
    for switch in desk().temperament.switches:
        for value, _words in switch.choices:
            if request.form.get(f"switch-{switch.name}") == str(value):
                chosen[switch.name] = value
    return {**wanted, "switches": chosen}


@pages.post("/calm")
def calm(slug: str) -> WerkzeugResponse:
    """Let nothing go wrong any more; grades and tools stay."""
    signed_in()
    faults.clear_faults(desk())
    return redirect(f"/{slug}/switches", 303)


@pages.post("/rotate")
def rotate(slug: str) -> WerkzeugResponse:
    """Sign with a brand-new key from now on."""
    signed_in()
    faults.rotate_key(desk())
    return redirect(f"/{slug}/switches", 303)


@pages.post("/lose-sessions")
def lose_sessions(slug: str) -> WerkzeugResponse:
    """Make everybody's cookies worthless, one's own too."""
    signed_in()
    faults.lose_sessions(desk())
    return redirect(f"/{slug}/", 303)


@pages.post("/enrol")
def enrol(slug: str) -> WerkzeugResponse:
    """Enrol up to 2,000 more made-up learners."""
    signed_in()
    seed.enrol_extra(desk(), min(max(request.form.get("count", 0, type=int), 0), 2000))
    return redirect(f"/{slug}/courses/{desk().courses()[0].number}/roster", 303)
