"""What can be earned, handed over to the application."""

from lti_mcred.catalog import copy_views, views
from lti_mcred.catalog.library import Publishing
from lti_mcred.catalog.place import Placed
from lti_mcred.catalog.shown import Descriptions
from lti_mcred.catalog.words import pass_rule_words
from lti_mcred.room import Room


def room(publishing: Publishing) -> Room:
    """Return this room. `publishing`: what rooms above say to a definition."""
    return Room(
        "catalog",
        keeps=(publishing, Placed(), Descriptions()),
        blueprints=(views.bp, copy_views.bp),
        words={"pass_rule_words": pass_rule_words, "copies_offered": copy_views.copies_offered},
    )
