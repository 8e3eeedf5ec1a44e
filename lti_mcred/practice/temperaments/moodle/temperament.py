"""The Moodle temperament put together: people, ids, launches, activities; the wire is in its sister modules."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint
from flask_babel import lazy_gettext as _l

from lti_mcred.practice.campus.activities import NewActivity, create_activity
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.temperament import Temperament
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.models import Activity, Course, Grade, Launch, LineItem, Person, Selection, Tool
from lti_mcred.practice.ground.people import CourseSeed, PersonSeed, made_up_name
from lti_mcred.practice.ground.refusal import Refusal
from lti_mcred.practice.ground.shapes import Cell, LaunchPlan, NewTool, Paths, PickerPlacement
from lti_mcred.practice.temperaments.moodle import (
    answers,
    authorisation,
    deep_linking,
    gradebook,
    registration,
    roster,
    services,
    token,
)
from lti_mcred.practice.temperaments.storage import storage_switches

Json = dict[str, Any]
MAIL = "harbor.example"
CONTENT_AREA = "ContentArea"


class MoodleTemperament(Temperament[Desk]):
    """Harbor University: a Moodle 4.5, whose numbers are ids and whose grades follow every post."""

    slug = "moodle"
    college = "Harbor University"
    platform = "Moodle"
    privacy_default = "public"
    first_tool = 2
    first_activity = 7
    first_line_item = 9
    paths = Paths(
        authorization="/mod/lti/auth.php",
        token="/mod/lti/token.php",  # noqa: S106 - an address
        jwks="/mod/lti/certs.php",
        configuration="/mod/lti/openid-configuration.php",
        registration="/mod/lti/openid-registration.php",
    )
    # Moodle itself offers none; Sakai and Brightspace, which are alike in the rest, do.
    switches = storage_switches("")

    # --- the campus and its people -----------------------------------------------------------------------------

    def people(self) -> tuple[PersonSeed, ...]:
        """Six people, the admin first; Moodle has no test student."""
        return (
            PersonSeed("admin", "admin", "Leila", "Haddad", 2, "admin", f"admin@{MAIL}", None),
            PersonSeed("teacher", "teacher", "Oskar", "Lindqvist", 3, "olindqvist", f"o.lindqvist@{MAIL}", "EMP-001"),
            PersonSeed("assessor", "assistant", "Mateo", "Rossi", 4, "mrossi", f"m.rossi@{MAIL}", "EMP-002"),
            PersonSeed("learner-1", "learner", "Chloé", "Tremblay", 5, "ctremblay", f"c.tremblay@{MAIL}", "STU-001"),
            PersonSeed("learner-2", "learner", "Arjun", "O'Raghunathan", 6, "araghu", f"a.raghu@{MAIL}", "STU-002"),
            PersonSeed(
                "learner-3",
                "learner",
                "Wilhelmina Annelies",
                "van den Heuvel-Oosterhuis",
                7,
                "wvandenheuvel",
                f"w.vandenheuvel@{MAIL}",
                "STU-003",
            ),
        )  # fmt: skip

    def extra_person(self, index: int) -> PersonSeed:
        """A learner numbered from 100."""
        given, family = made_up_name(index)
        number = 100 + index
        mail, sourced = f"student{number}@{MAIL}", f"STU-{number}"
        return PersonSeed(f"extra-{index}", "learner", given, family, number, f"student{number}", mail, sourced)

    def course(self) -> CourseSeed:
        """Course 2, from 23 October 2026."""
        starts = datetime(2026, 10, 23, 1, 51, 3, tzinfo=UTC)
        return CourseSeed(2, "MC101", "Micro-credentials in Practice", "SIS-MC101", starts)

    def person_ids(self, root: str, seed: PersonSeed) -> tuple[str, str]:
        """The user's number, as a string, for both (observed: the same for every tool)."""
        return str(seed.number), str(seed.number)

    def context_id(self, root: str, seed: CourseSeed) -> str:
        """The course's number, as a string."""
        return str(seed.number)

    def link_ids(self, root: str, number: int) -> tuple[str, str]:
        """The number of the activity, as a string, for both."""
        return str(number), str(number)

    def key_id(self, now: datetime, unique: uuid.UUID) -> str:
        """20 hex digits."""
        return unique.hex[:20]

    def on_purpose(self, fault: str, value: str) -> Refusal:
        """As the answers' module words them: a reason in the status line, or OAuth's ``invalid_client``."""
        return answers.on_purpose(fault, value)

    # --- tools -------------------------------------------------------------------------------------------------

    def client_ids(self, root: str, number: int) -> tuple[str, str]:
        """15 characters that nobody can guess, and the number of the tool type as the deployment id."""
        seed = hashlib.sha256(f"{root}/{number}/{uuid.uuid4()}".encode()).hexdigest()
        return seed[:15], str(number)

    def placements_by_hand(self, name: str, target_link_uri: str) -> list[Json]:
        """The one placement that Moodle has, the picker of the activity form."""
        return [{"placement": CONTENT_AREA, "type": v.DEEP_LINKING, "url": target_link_uri}]

    def registration_link(self, desk: Desk, updates: Tool | None = None) -> tuple[str, str]:
        """The token is beside the configuration URL, never in it; it names the coming client id."""
        return registration.new_link(desk, updates)

    def read_key(self, document: bytes, redirect_uris: list[str]) -> NewTool | None:
        """None: Moodle installs no tool from a configuration document."""
        return None

    def activated(self, desk: Desk, tool: Tool) -> None:
        """Moodle has no course menu for tools: a link of the tool, without a grade, stands in each course."""
        for course in desk.courses():
            create_activity(
                desk,
                NewActivity(course, tool, tool.name, url=tool.target_link_uri, in_menu=True),
            )

    # --- launches ----------------------------------------------------------------------------------------------

    def login_fields(self, desk: Desk, launch: Launch) -> dict[str, str]:
        """``login_hint`` is the user's number, ``lti_message_hint`` JSON with a ``launchid``.

        The ``cmid`` is in the hint for an activity only; a picker has none.
        """
        hint: Json = {"launchid": f"ltilaunch_ContentItemSelectionRequest~{launch.token}"}
        if launch.activity is not None:
            number = launch.activity.number
            hint = {"cmid": number, "launchid": f"ltilaunch{number}~{launch.token}"}
        fields = {
            "iss": desk.campus.issuer,
            "target_link_uri": launch.target_link_uri,
            "login_hint": launch.person.sub,
            "lti_message_hint": json.dumps(hint, separators=(",", ":")),
            "client_id": launch.tool.client_id,
            "lti_deployment_id": launch.tool.deployment_id,
        }
        target = self.storage_target(desk)
        return fields | ({"lti_storage_target": target} if target else {})

    def plan_menu(self, desk: Desk, course: Course, tool: Tool) -> LaunchPlan | None:
        """The link without a grade that stands for the tool's menu entry; None before the tool is switched on."""
        found = desk.db.query(Activity).filter_by(course_id=course.id, tool_id=tool.id, in_menu=True).first()
        if found is None:
            return None
        return LaunchPlan(tool, v.RESOURCE_LINK, tool.target_link_uri, course=course, activity=found)

    def plan_account(self, desk: Desk, tool: Tool) -> LaunchPlan | None:
        """None: every launch of Moodle is in a course."""
        return None

    def plan_review(self, desk: Desk, activity: Activity, learner: Person) -> LaunchPlan | None:
        """From the gradebook: works for links that never declared submissionReview, too."""
        item = activity.main_item
        if item is None or not item.coupled:
            return None
        url = (item.submission_review or {}).get("url") or "DEFAULT"
        target = activity.url or activity.tool.target_link_uri
        return LaunchPlan(
            activity.tool,
            v.SUBMISSION_REVIEW,
            target if url == "DEFAULT" else str(url),
            course=activity.course,
            activity=activity,
            for_user=learner,
        )

    # --- adding activities -------------------------------------------------------------------------------------

    def picker_placements(self, tool: Tool) -> tuple[PickerPlacement, ...]:
        """One way at most, whatever the registration names."""
        label = _l("Several activities at once (select content)")
        return tuple(PickerPlacement(CONTENT_AREA, label) for _entry in tool.placements[:1])

    def picker_target(self, tool: Tool, placement: str) -> str:
        """The picker's own address. LookupError for a tool that was registered without deep linking."""
        for entry in tool.placements:
            if entry["placement"] == placement:
                return str(entry["url"])
        raise LookupError(placement)

    def save_selection(self, desk: Desk, selection: Selection) -> list[Activity]:
        """Make the items real, when the teacher presses Save; before that nothing stands in the course."""
        return deep_linking.save(desk, selection)

    # --- grades ------------------------------------------------------------------------------------------------

    def type_grade(self, desk: Desk, item: LineItem, learner: Person, score: float | None) -> Grade:
        """The grade is overridden from then on: scores are taken with a 200 and change nothing."""
        return gradebook.type_grade(desk, item, learner, score)

    def cell(self, desk: Desk, item: LineItem, learner: Person) -> Cell:
        """The grade; Moodle counts no attempts and keeps no result row beside it."""
        return gradebook.cell(desk, item, learner)

    def line_item_url(self, desk: Desk, item: LineItem) -> str:
        """``…/services.php/N/lineitems/N/lineitem?type_id=N``."""
        return services.url_of(desk, item)

    # --- the wire ----------------------------------------------------------------------------------------------

    def routes(self, blueprint: Blueprint) -> None:
        """The protocol at Moodle's own paths, answered by the sister modules."""
        both = ["GET", "POST"]
        blueprint.add_url_rule(self.paths.authorization, "authorize", authorisation.authorize, methods=both)
        blueprint.add_url_rule(
            "/mod/lti/contentitem_return.php", "contentitem_return", deep_linking.returned, methods=["POST"]
        )
        blueprint.add_url_rule(self.paths.token, "token", token.issue, methods=["POST"])
        registration.routes(blueprint, self.paths)
        services.routes(blueprint)
        roster.routes(blueprint)
