"""What a teacher reads on the links of a course."""

from lti_mcred.catalog.models import Activity, Version
from lti_mcred.grading.course import titles_of
from lti_mcred.tool.known.models import ResourceLink


def test_a_link_that_was_added_once_more_is_told_from_the_first() -> None:
    activity = Activity(version=Version(title="Knots"))
    links = [ResourceLink(id=str(number), title=title) for number, title in enumerate(["Knots", "Sails", "", "Knots"])]
    titles = titles_of((link, activity) for link in links)
    assert titles == {"0": "Knots", "1": "Sails", "2": "Knots (2)", "3": "Knots (3)"}
