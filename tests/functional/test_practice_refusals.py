"""Refusals that stay until they are switched back: on the switches page, in launches, and gone when all is calm."""

import pytest

from lti_mcred.practice.campus import faults
from lti_mcred.practice.ground import vocabulary as v
from tests.practice_helpers import Campus, local

CHOICES = [(name, value) for name, values in faults.REFUSALS.items() for value in values if value]


@pytest.mark.parametrize(("name", "value"), CHOICES)
def test_each_refusal_is_chosen_on_the_page_and_taken_back(campus: Campus, name: str, value: str) -> None:
    campus.sign_in("teacher")
    campus.client.post(f"/{campus.slug}/switches", data={name: value})
    assert campus.control("GET", "faults")[name] == value
    assert f'<option value="{value}" selected>' in campus.client.get(f"/{campus.slug}/switches").text

    campus.client.post(f"/{campus.slug}/switches/calm")
    assert campus.control("GET", "faults")[name] == ""


def test_a_refusal_that_does_not_exist_is_said(campus: Campus) -> None:
    answer = campus.client.put(f"/{campus.slug}/control/faults", json={"refuse_roster": "418"})
    assert answer.status_code == 400
    assert "no fault refuse_roster" in answer.get_json()["error"]


@pytest.mark.parametrize(
    ("withheld", "claims"),
    [("", {v.AGS_CLAIM, v.NRPS_CLAIM}), ("grades", {v.NRPS_CLAIM}), ("roster", {v.AGS_CLAIM}), ("all", set())],
    ids=["nothing", "grades", "roster", "all"],
)
def test_rights_that_are_withheld_are_missing_from_launches_too(
    campus: Campus, withheld: str, claims: set[str]
) -> None:
    campus.add_activity()
    campus.control("PUT", "faults", {"withhold": withheld})
    campus.sign_in("learner-1")

    said = campus.launch(campus.course()["activities"][-1]["launch_url"])

    assert {v.AGS_CLAIM, v.NRPS_CLAIM} & said.keys() == claims


def test_keys_can_be_gone_or_empty(campus: Campus) -> None:
    address = local(campus.tool["jwks_uri"])
    campus.control("PUT", "faults", {"refuse_keys": "gone"})
    assert campus.client.get(address).status_code == 404
    campus.control("PUT", "faults", {"refuse_keys": "empty"})
    assert campus.client.get(address).get_json() == {"keys": []}
