"""The checks of a launch in plain words: a sentence for the page that refuses it, and a name for administrators.

The records, the log and the command line keep the name that stands in the code: support reads the same everywhere.
"""

from typing import Any

from flask_babel import lazy_gettext as _l

REASONS: dict[str, Any] = {
    "shape": _l("The message could not be read as a signed token."),
    "algorithm": _l("The message is signed in a way that LTI does not allow."),
    "key id": _l("The message does not say which key signed it."),
    "key": _l("The LMS does not publish the key that signed it."),
    "signature": _l("The signature of the message does not fit the key that the LMS publishes."),
    "issuer": _l("The message names another LMS as its sender."),
    "audience": _l("The message is meant for another registration or another tool."),
    "authorised party": _l("The message was made out to another registration."),
    "expiry": _l("The message was out of date when it arrived."),
    "not before": _l("The message says that it is not good yet."),
    "issued at": _l("The time at which the message was made cannot be right."),
    "nonce": _l("The sign-in that the message answers is not the one that began here."),
    "deployment": _l("The message does not say which installation of the tool is meant (deployment ID)."),
    "deployment of the login": _l("The sign-in was begun for another installation of the tool."),
    "message type": _l("The message does not ask for anything that this tool offers."),
    "version": _l("The message does not say that it is LTI 1.3."),
    "target link": _l("The message asks for an address that does not belong to this tool."),
    "target link of the login": _l("The sign-in was begun for another address of this tool."),
    "roles": _l("The message does not list the roles of the person, not even an empty list."),
    "resource link": _l(
        "The message does not say which link in the course was opened, or not in the form that LTI asks for."
    ),
    "signed in": _l("The message does not name a person."),
    "subject": _l("The id of the person does not have the form that LTI asks for."),
    "context": _l("The course has no id, or one of another form than LTI asks for."),
    "platform guid": _l("The LMS describes itself with an id of another form than LTI asks for."),
    "deep linking settings": _l("The message does not say where and how the choice is taken back."),
    "for user": _l("The message does not say whose work is to be shown."),
}

NAMES: dict[str, Any] = {
    "shape": _l("shape"),
    "algorithm": _l("algorithm"),
    "key id": _l("key id"),
    "key": _l("key"),
    "signature": _l("signature"),
    "issuer": _l("issuer"),
    "audience": _l("audience"),
    "authorised party": _l("authorised party"),
    "expiry": _l("expiry"),
    "not before": _l("not before"),
    "issued at": _l("issued at"),
    "nonce": _l("nonce"),
    "deployment": _l("deployment"),
    "deployment of the login": _l("deployment of the login"),
    "message type": _l("message type"),
    "version": _l("version"),
    "target link": _l("target link"),
    "target link of the login": _l("target link of the login"),
    "roles": _l("roles"),
    "resource link": _l("resource link"),
    "signed in": _l("signed in"),
    "subject": _l("subject"),
    "context": _l("context"),
    "platform guid": _l("platform guid"),
    "deep linking settings": _l("deep linking settings"),
    "for user": _l("for user"),
    "deployment approval": _l("deployment approval"),
    "answer of the LMS": _l("answer of the LMS"),
}


def name_of(check: str) -> str:
    """Return a check's name in the reader's language; one of an earlier version of this tool as it was kept."""
    return str(NAMES.get(check, check))
