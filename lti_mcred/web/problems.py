"""What any page may say: who may not open it, what is over, too much, or not there."""

from lti_mcred.errors import N_, Row, Table, Who

_FROM_YOUR_COURSE = N_("Open the activity again from your course.")

PROBLEMS = {
    "acting-as-another": Row(
        N_("Only the person herself can do this"),
        N_("You are acting as another user in your LMS. What was saved is kept; nothing was sent."),
        N_("Stop acting as this user. She can do it when she opens the activity herself."),
        Who.ACTED_AS,
        status=403,
    ),
    "fault": Row(
        N_("Something went wrong on our side"),
        N_("What you had saved is kept. The people who run this tool can find the cause by the reference below."),
        N_("Try again in a minute. If it stays, tell your administrator the reference."),
        Who.TOOL_ADMIN,
        status=500,
    ),
    "not-your-page": Row(
        N_("This page is not open to you"),
        N_("Your role in this course does not include it."),
        N_("Go back, or ask the person who runs the course."),
        Who.COURSE,
        status=403,
    ),
    "visit-ended": Row(
        N_("This page has been open for too long, or was opened elsewhere"),
        N_("What you saved is kept."),
        _FROM_YOUR_COURSE,
        status=401,
    ),
    "names-are-kept-from-assessors": Row(
        N_("This page shows names, and you assess without them"),
        N_("Work is judged fairly when nobody knows whose it is."),
        N_("Go to your desk. If you teach this course, you can say so there."),
        status=403,
    ),
    "too-often": Row(
        N_("Too many requests came from your network"),
        N_("To keep the tool working for everybody, we take a short break. What you had saved is kept."),
        "%(try_again_in_some_seconds)s",
        status=429,
    ),
    "http-404": Row(
        N_("There is no such page"),
        N_("The address may be cut short, or the page is gone."),
        _FROM_YOUR_COURSE,
        status=404,
    ),
    "http-405": Row(N_("This address is not meant to be opened this way"), "", _FROM_YOUR_COURSE, status=405),
    "http-413": Row(
        N_("That is larger than we can take"),
        N_("What you had saved before is kept."),
        N_("Send a smaller file, or ask how to hand in large files."),
        status=413,
    ),
    "http-413/text": Row(
        N_("That text is too long to save"),
        N_("What you typed is still in the box."),
        N_("Go back to it and shorten it, or put the rest into a file."),
        status=413,
    ),
    "http-…": Row(N_("We could not read that request"), "", N_("Go back and try again."), status=0),
}
problem = Table(PROBLEMS).problem
