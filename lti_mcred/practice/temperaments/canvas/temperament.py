"""The Canvas temperament put together: people, ids, launches, activities; the wire is in its sister modules."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint
from flask_babel import lazy_gettext as _l

from lti_mcred.practice.campus.cells import grade_of
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.temperament import Temperament
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.jose import seconds, sign_hs256
from lti_mcred.practice.ground.models import Activity, Course, Grade, Launch, LineItem, Person, Selection, Tool
from lti_mcred.practice.ground.people import CourseSeed, PersonSeed, made_up_name
from lti_mcred.practice.ground.refusal import Refusal
from lti_mcred.practice.ground.shapes import (
    Cell,
    CourseSwitch,
    LaunchPlan,
    NewTool,
    Notice,
    Paths,
    PickerPlacement,
    Switch,
)
from lti_mcred.practice.temperaments.canvas import (
    answers,
    authorisation,
    deep_linking,
    developer_key,
    gradebook,
    line_items,
    notices,
    registration,
    results,
    roster,
    scores,
    token,
)
from lti_mcred.practice.temperaments.canvas.claims import hex_id
from lti_mcred.practice.temperaments.storage import storage_switches

Json = dict[str, Any]
YES_NO = ((True, _l("Yes")), (False, _l("No")))
PICKERS = {
    "course_assignments_menu": _l("Several activities at once (assignments menu)"),
    "assignment_selection": _l("One graded assignment (assignment page)"),
    "link_selection": _l("Links in a module"),
    "module_index_menu_modal": _l("A whole module"),
}
MAIL = "larkspur.example"


class CanvasTemperament(Temperament[Desk]):
    """Larkspur College: Canvas in the cloud, whose AGS hands in as well as grades."""

    slug = "canvas"
    college = "Larkspur College"
    platform = "Canvas"
    privacy_default = "anonymous"
    first_tool = 170000000000421
    first_activity = 88041
    first_line_item = 7001
    takes_key_by_url = True
    paths = Paths(
        authorization="/api/lti/authorize_redirect",
        token="/login/oauth2/token",  # noqa: S106 - an address
        jwks="/api/lti/security/jwks",
        configuration="/api/lti/security/openid-configuration",
        registration="/api/lti/registrations",
    )
    switches = (
        Switch(
            "new_unpublished",
            _l("New assignments start unpublished"),
            _l("As in Canvas. Scores for an unpublished assignment are refused."),
            False,
            YES_NO,
        ),
        Switch(
            "deployment_parameter",
            _l("Name of the deployment at login"),
            _l("Current Canvas says lti_deployment_id, older versions say deployment_id."),
            "current",
            (
                ("current", "lti_deployment_id"),
                ("older", "deployment_id"),
                ("both", _l("both")),
                ("none", _l("neither")),
            ),
        ),
        *storage_switches("post_message_forwarding"),
        Switch(
            "every_post_is_an_attempt",
            _l("Every score makes a new attempt"),
            _l("Older versions did that unless the tool said otherwise."),
            False,
            YES_NO,
        ),
        Switch(
            "concluded_is_404",
            _l("A concluded course answers 404"),
            _l("Older versions; current ones answer 422 with a reason."),
            False,
            YES_NO,
        ),
    )

    course_switches = (
        CourseSwitch("tool_removed", _l("The tool was removed from %(course)s")),
        CourseSwitch("course_deleted", _l("%(course)s was deleted")),
    )

    # --- the campus and its people -----------------------------------------------------------------------------

    def people(self) -> tuple[PersonSeed, ...]:
        """Seven people; the third learner has no SIS id, the test student neither that nor an e-mail address."""
        return (
            PersonSeed("teacher", "teacher", "Marisol", "Quintero", 30018, "mquint", f"m.quintero@{MAIL}", "F-00318"),
            PersonSeed("admin", "admin", "Tunde", "Bakare", 30009, "tbakare", f"t.bakare@{MAIL}", "A-00009"),
            PersonSeed("assessor", "assistant", "Hana", "Yoshida", 30087, "hyoshida", f"h.yoshida@{MAIL}", "F-00877"),
            PersonSeed("learner-1", "learner", "Amara", "Okonkwo", 30417, "aokonkwo", f"a.okonkwo@{MAIL}", "S-20417"),
            PersonSeed("learner-2", "learner", "Linh", "Nguyễn", 30418, "lnguyen", f"l.nguyen@{MAIL}", "S-20418"),
            PersonSeed(
                "learner-3",
                "learner",
                "Maximiliano Alejandro",
                "de la Fuente y Villanueva-Castellanos",
                30419,
                "mdelafuente",
                f"m.delafuente@{MAIL}",
                None,
            ),
            PersonSeed("test-student", "test", "Test", "Student", 30999, "test-student", None, None),
        )  # fmt: skip

    def extra_person(self, index: int) -> PersonSeed:
        """A learner numbered from 41000; every fourth has no SIS id."""
        given, family = made_up_name(index)
        number, mail = 41000 + index, f"learner{index}@{MAIL}"
        sourced = None if index % 4 == 2 else f"S-{21000 + index}"  # some people have no SIS id
        return PersonSeed(f"extra-{index}", "learner", given, family, number, f"learner{index}", mail, sourced)

    def course(self) -> CourseSeed:
        """Course 5120, from 24 August 2026."""
        starts = datetime(2026, 8, 24, tzinfo=UTC)
        return CourseSeed(5120, "MC101", "Micro-credentials in Practice", "LKS-MC101-26F", starts)

    def person_ids(self, root: str, seed: PersonSeed) -> tuple[str, str]:
        """A UUID as ``sub``, and 40 hex digits as LTI 1.1 had."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{root}/people/{seed.number}")), hex_id(root, seed.key)

    def context_id(self, root: str, seed: CourseSeed) -> str:
        """40 hex digits: Canvas kept the context ids of LTI 1.1."""
        return hex_id(root, f"course/{seed.number}")

    def link_ids(self, root: str, number: int) -> tuple[str, str]:
        """A UUID, and 40 hex digits for LTI 1.1."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{root}/links/{number}")), hex_id(root, f"links/{number}")

    def key_id(self, now: datetime, unique: uuid.UUID) -> str:
        """The moment of its making and a UUID, joined by an underscore, as Canvas names its keys."""
        return f"{now.strftime('%Y-%m-%dT%H:%M:%SZ')}_{unique}"

    def on_purpose(self, fault: str, value: str) -> Refusal:
        """As the answers' module words them: an object with ``errors``, or OAuth's ``invalid_client``."""
        return answers.on_purpose(fault, value)

    # --- tools -------------------------------------------------------------------------------------------------

    def client_ids(self, root: str, number: int) -> tuple[str, str]:
        """A number of 15 digits as Canvas's global ids have, and a deployment id of number, colon and hex digits."""
        return str(number), f"{number % 1000 + 491}:{hex_id(root, 'account')}"

    def placements_by_hand(self, name: str, target_link_uri: str) -> list[Json]:
        """Two navigation entries, and every picker."""
        pages = [
            {"placement": placement, "type": v.RESOURCE_LINK, "url": target_link_uri, "label": name}
            for placement in ("course_navigation", "account_navigation")
        ]
        pickers = [
            {"placement": placement, "type": v.DEEP_LINKING, "url": target_link_uri, "label": name}
            for placement in PICKERS
        ]
        return pages + pickers

    def registration_link(self, desk: Desk, updates: Tool | None = None) -> tuple[str, str]:
        """A token that only Canvas reads, given twice: by itself and in the query of the configuration URL."""
        return registration.new_link(desk, updates)

    def read_key(self, document: bytes, redirect_uris: list[str]) -> NewTool | None:
        """The tool of a developer key's JSON ("Enter URL"); None for a document that is none."""
        try:
            return developer_key.read_key(document, redirect_uris)
        except (developer_key.NoKey, AttributeError, KeyError, TypeError):
            return None

    def activated(self, desk: Desk, tool: Tool) -> None:
        """Nothing to make: Canvas draws its menus from the tool's placements."""

    # --- launches ----------------------------------------------------------------------------------------------

    def login_fields(self, desk: Desk, launch: Launch) -> dict[str, str]:
        """``login_hint`` is the LTI 1.1 user id, ``lti_message_hint`` a signed token that Canvas demands back.

        What the deployment is called, and whether platform storage is offered, are switches.
        """
        exp = seconds(desk.now() + timedelta(minutes=5))
        hint: Json = {"verifier": launch.token, "canvas_domain": urlsplit(desk.campus.root).netloc, "exp": exp}
        hint |= {"context_type": "Course" if launch.course else "Account", "canvas_locale": "en"}
        fields = {
            "iss": desk.campus.issuer,
            "login_hint": launch.person.legacy_id,
            "client_id": launch.tool.client_id,
            "target_link_uri": launch.target_link_uri,
            "lti_message_hint": sign_hs256(hint, desk.state.secret),
            "canvas_environment": "prod",
            "canvas_region": "not_configured",
        }
        parameter = desk.switch("deployment_parameter")
        if parameter in {"current", "both"}:
            fields["lti_deployment_id"] = launch.tool.deployment_id
        if parameter in {"older", "both"}:
            fields["deployment_id"] = launch.tool.deployment_id
        target = self.storage_target(desk)
        return fields | ({"lti_storage_target": target} if target else {})

    def plan_menu(self, desk: Desk, course: Course, tool: Tool) -> LaunchPlan | None:
        """The course navigation placement, if the tool has one: a launch without a link of its own."""
        return self._plan_navigation(tool, "course_navigation", course)

    def plan_account(self, desk: Desk, tool: Tool) -> LaunchPlan | None:
        """The account navigation placement, if the tool has one: a launch without a course."""
        return self._plan_navigation(tool, "account_navigation", None)

    def _plan_navigation(self, tool: Tool, placement: str, course: Course | None) -> LaunchPlan | None:
        for entry in tool.placements:
            if entry["placement"] == placement and entry["type"] == v.RESOURCE_LINK:
                return LaunchPlan(tool, v.RESOURCE_LINK, entry["url"], course=course, placement=placement)
        return None

    def plan_review(self, desk: Desk, activity: Activity, learner: Person) -> LaunchPlan | None:
        """SpeedGrader: an ordinary launch of the URL that the tool handed in; nothing names the learner."""
        item = activity.main_item
        grade = grade_of(desk, item, learner) if item else None
        if grade is None or grade.submission_type != "basic_lti_launch" or not grade.submission_data:
            return None
        return LaunchPlan(
            activity.tool,
            v.RESOURCE_LINK,
            grade.submission_data,
            course=activity.course,
            review_of=activity,
            for_user=learner,
        )

    # --- adding activities -------------------------------------------------------------------------------------

    def picker_placements(self, tool: Tool) -> tuple[PickerPlacement, ...]:
        """The deep linking placements of the tool's registration that have a page here, in its menus' order."""
        offered = {entry["placement"] for entry in tool.placements if entry["type"] == v.DEEP_LINKING}
        return tuple(PickerPlacement(name, label) for name, label in PICKERS.items() if name in offered)

    def picker_target(self, tool: Tool, placement: str) -> str:
        """The placement's own address. LookupError for one that the tool did not register."""
        for entry in tool.placements:
            if entry["placement"] == placement and entry["type"] == v.DEEP_LINKING:
                return str(entry["url"])
        raise LookupError(placement)

    def save_selection(self, desk: Desk, selection: Selection) -> list[Activity]:
        """Make the items real; for a single assignment Canvas waits for the teacher's Save first."""
        return deep_linking.save(desk, selection)

    # --- copying a course --------------------------------------------------------------------------------------

    def copy_notices(self, desk: Desk, copy: Course) -> list[Notice]:
        """A signed LtiContextCopyNotice for each tool that is on and has a handler for it."""
        return notices.of_copy(desk, copy)

    # --- grades ------------------------------------------------------------------------------------------------

    def type_grade(self, desk: Desk, item: LineItem, learner: Person, score: float | None) -> Grade:
        """The submission is graded, and the AGS result row follows."""
        return gradebook.type_grade(desk, item, learner, score)

    def cell(self, desk: Desk, item: LineItem, learner: Person) -> Cell:
        """The submission for the first line item of an assignment; for a further one its result row alone."""
        return gradebook.cell(desk, item, learner)

    def line_item_url(self, desk: Desk, item: LineItem) -> str:
        """``…/api/lti/courses/N/line_items/N``."""
        return line_items.url_of(desk, item)

    # --- the wire ----------------------------------------------------------------------------------------------

    def routes(self, blueprint: Blueprint) -> None:
        """The protocol at Canvas's own paths, answered by the sister modules."""
        both = ["GET", "POST"]
        blueprint.add_url_rule(self.paths.authorization, "authorize", authorisation.authorize, methods=both)
        blueprint.add_url_rule(
            "/courses/<int:course_number>/deep_linking_response",
            "deep_linking_response",
            deep_linking.returned,
            methods=["POST"],
        )
        blueprint.add_url_rule("/deep_linking_cancel", "deep_linking_cancel", deep_linking.cancelled)
        blueprint.add_url_rule(self.paths.token, "token", token.issue, methods=["POST"])
        registration.routes(blueprint, self.paths)
        line_items.routes(blueprint)
        scores.routes(blueprint)
        results.routes(blueprint)
        roster.routes(blueprint)
        notices.routes(blueprint)
