"""One plain sentence for each check of a launch, for the page that refuses it."""

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
    "issued at": _l("The time at which the message was made cannot be right."),
    "nonce": _l("The sign-in that the message answers is not the one that began here."),
    "deployment": _l("The message does not say which installation of the tool is meant (deployment ID)."),
    "deployment of the login": _l("The sign-in was begun for another installation of the tool."),
    "message type": _l("The message does not ask for anything that this tool offers."),
    "version": _l("The message does not say that it is LTI 1.3."),
    "target link": _l("The message asks for an address that does not belong to this tool."),
    "target link of the login": _l("The sign-in was begun for another address of this tool."),
    "roles": _l("The message does not list the roles of the person, not even an empty list."),
    "resource link": _l("The message does not say which link in the course was opened."),
    "signed in": _l("The message does not name a person."),
    "subject": _l("The id of the person does not have the form that LTI asks for."),
    "context": _l("The course has no id, or one of another form than LTI asks for."),
    "platform guid": _l("The LMS describes itself without its id."),
    "deep linking settings": _l("The message does not say where and how the choice is taken back."),
    "for user": _l("The message does not say whose work is to be shown."),
}
