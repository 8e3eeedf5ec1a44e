"""`python -m lti_mcred` is `lti-mcred`."""

from lti_mcred.cli import main

main(prog_name="lti-mcred")
