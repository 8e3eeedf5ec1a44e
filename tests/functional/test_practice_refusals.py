"""Refusals that stay until they are switched back: on the switches page, in launches, and gone when all is calm."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_mcred.practice.campus import faults
from lti_mcred.practice.ground import vocabulary as v
from tests.practice_helpers import Lms, local, opened_lms


@pytest.fixture(params=["canvas", "moodle"])
def lms(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lms]:
    with opened_lms(tmp_path, request.param) as found:
        yield found


CHOICES = [(name, value) for name, values in faults.REFUSALS.items() for value in values if value]


@pytest.mark.parametrize(("name", "value"), CHOICES)
def test_each_refusal_is_chosen_on_the_page_and_taken_back(lms: Lms, name: str, value: str) -> None:
    lms.sign_in("teacher")
    lms.client.post(f"/{lms.slug}/switches", data={name: value})
    assert lms.control("GET", "faults")[name] == value
    assert f'<option value="{value}" selected>' in lms.client.get(f"/{lms.slug}/switches").text

    lms.client.post(f"/{lms.slug}/switches/calm")
    assert lms.control("GET", "faults")[name] == ""


def test_a_refusal_that_does_not_exist_is_said(lms: Lms) -> None:
    answer = lms.client.put(f"/{lms.slug}/control/faults", json={"refuse_roster": "418"})
    assert answer.status_code == 400
    assert "no fault refuse_roster" in answer.get_json()["error"]


@pytest.mark.parametrize(
    ("withheld", "claims"),
    [("", {v.AGS_CLAIM, v.NRPS_CLAIM}), ("grades", {v.NRPS_CLAIM}), ("roster", {v.AGS_CLAIM}), ("all", set())],
    ids=["nothing", "grades", "roster", "all"],
)
def test_rights_that_are_withheld_are_missing_from_launches_too(lms: Lms, withheld: str, claims: set[str]) -> None:
    lms.add_activity()
    lms.control("PUT", "faults", {"withhold": withheld})
    lms.sign_in("learner-1")

    said = lms.launch(lms.course()["activities"][-1]["launch_url"])

    assert {v.AGS_CLAIM, v.NRPS_CLAIM} & said.keys() == claims


def test_keys_can_be_gone_or_empty(lms: Lms) -> None:
    address = local(lms.tool["jwks_uri"])
    lms.control("PUT", "faults", {"refuse_keys": "gone"})
    assert lms.client.get(address).status_code == 404
    lms.control("PUT", "faults", {"refuse_keys": "empty"})
    assert lms.client.get(address).get_json() == {"keys": []}
