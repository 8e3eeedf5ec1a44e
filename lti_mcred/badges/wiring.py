"""What is attested, handed over to the application."""

from lti_mcred.badges import award, issuer_views, key_care, record_views, verify_views, views
from lti_mcred.badges.late import badges_late
from lti_mcred.badges.panel import badge_panel, badge_withdrawn
from lti_mcred.badges.wording import check_words, state_words
from lti_mcred.outbound.http import HttpClient
from lti_mcred.room import Room
from lti_mcred.settings import Settings


def room() -> Room:
    """Return this room."""
    return Room(
        "badges",
        needs=(Settings, HttpClient),
        blueprints=(views.bp, verify_views.bp, issuer_views.bp, record_views.bp),
        words={
            "badge_panel": badge_panel,
            "badge_withdrawn": badge_withdrawn,
            "badges_late": badges_late,
            "check_words": check_words,
            "state_words": state_words,
        },
        topics={award.TOPIC: award.consider, key_care.TOPIC: key_care.perform},
        sends=(key_care.TOPIC,),
    )
