"""What the learner shows, handed over to the application."""

from pathlib import Path

from lti_mcred.evidence import files, upload_views, views
from lti_mcred.evidence.counting import tally
from lti_mcred.evidence.decision import Judging
from lti_mcred.evidence.keeping import forget_unnamed
from lti_mcred.evidence.kept import Looks, look_again
from lti_mcred.evidence.storage import LocalStorage
from lti_mcred.evidence.words import day_words
from lti_mcred.room import Room
from lti_mcred.settings import Settings


def room(settings: Settings, judging: Judging) -> Room:
    """Return this room. `judging`: what the judging room answers about an attempt."""
    return Room(
        "evidence",
        keeps=(LocalStorage(Path(settings.data_dir) / "evidence"), Looks(), judging),
        needs=(Settings,),
        blueprints=(views.bp, upload_views.bp, files.bp),
        filters={"day": day_words, "tally": tally},
        sends=("attempt.submitted", "placement.added"),
        housekeeping=(look_again, forget_unnamed),
    )
