"""What the story shows of a page is a line that a person sees, whole."""

from email.message import Message

import pytest

from lti_mcred.trial.reading import StepFailedError, line_with
from lti_mcred.trial.robot import Page

PAGE = b"""<nav>Learn <span>3</span> Submit</nav><main><h1>Not handed in yet:
<strong>8 things</strong> are missing</h1><p>Nothing is here.</p></main><script>8 things are hidden</script>"""


def page() -> Page:
    return Page(200, "http://localhost/", Message(), PAGE)


def test_a_line_ends_with_its_block_and_not_at_an_emphasised_word() -> None:
    assert page().lines == ["Learn 3 Submit", "Not handed in yet: 8 things are missing", "Nothing is here."]
    assert line_with(page(), "sought first", "things are") == "Not handed in yet: 8 things are missing"


def test_a_line_that_is_not_there_is_said_with_what_is() -> None:
    with pytest.raises(StepFailedError, match=r"hidden.*saw Learn 3 Submit"):
        line_with(page(), "hidden")
