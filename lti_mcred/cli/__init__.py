"""`lti-mcred …`: what an operator does by hand. One module for each kind of work."""

import click

from lti_mcred.cli.badge import badge_group
from lti_mcred.cli.catalog import catalog_group
from lti_mcred.cli.deliveries import deliveries_group
from lti_mcred.cli.issuers import issuers_group
from lti_mcred.cli.keeping import admin_group, db_group, keys_group
from lti_mcred.cli.people import people_group, roster_group
from lti_mcred.cli.platforms import platforms_group
from lti_mcred.cli.running import demo, serve, settings, story_command, worker


@click.group()
@click.version_option(package_name="lti-mcred")
def main() -> None:
    """Micro-credentials inside the LMS you already have."""


for _one in (
    serve, worker, demo, story_command, settings, db_group, admin_group, platforms_group, deliveries_group,
    people_group, roster_group, keys_group, catalog_group, badge_group,
    issuers_group,
):  # fmt: skip
    main.add_command(_one)
