"""What a learner is told when her work cannot be opened, changed, added to or handed in."""

from lti_mcred.errors import N_, Row, Table, Who

_KEPT = N_("What you added before is kept.")
_NOT_CLEANED = N_("We could not take place and camera details out of %(name)s")
_SAVE_AGAIN = N_("Open it on your device, take a screenshot or save it as a new JPEG picture, then add that one.")
_SAVE_SMALLER = N_("Save it smaller on your device (4,000 points wide is plenty), then add that one.")
_ROOM_USED = N_(
    "Your files use %(used)s of the %(most)s that one person has here, with all that you have handed in and "
    "with uploads under way. What you added before is kept."
)

PROBLEMS = {
    "text-too-long": Row(
        N_("That text is too long to save"),
        N_("There is room for %(most)s characters. What you typed is still in the box."),
        N_("Shorten it, or put the rest into a file."),
        status=422,
    ),
    "already-handed-in": Row(
        N_("This has just been handed in"),
        N_("What is handed in stays as it is. What you typed now was not added."),
        N_("Copy what you typed if you want to keep it, then go to the overview."),
        status=403,
        page="evidence.home",
    ),
    "no-such-choice": Row(
        N_("One of the choices is not there any more"),
        N_("What you typed is still in the box."),
        N_("Open the part again from the list and choose once more."),
        status=422,
    ),
    "file-address-ended": Row(
        N_("The address of this file has run out"),
        N_("It works on the page that it stands on, for as long as you may read there: it is of no use to others."),
        N_("Go back to the page and load it again; the file opens from there."),
        status=403,
    ),
    "file-lost": Row(
        N_("This file cannot be read at the moment"),
        N_("It is listed here, but the place where files are kept does not give it."),
        N_("Tell your administrator the reference below."),
        Who.TOOL_ADMIN,
        status=500,
    ),
    "no-draft": Row(
        N_("There is nothing to change at the moment"),
        N_("Your work has been handed in, and what is handed in stays as it is."),
        N_("Go back to the overview to see where it stands."),
        status=403,
        page="evidence.home",
    ),
    "nothing-here": Row(
        N_("This link does not open a micro-credential yet"),
        N_("It was made without choosing one, or the one that it opened is gone."),
        N_("Ask your teacher to open the link and choose a micro-credential."),
        Who.TEACHER,
        status=404,
    ),
    "no-such-part": Row(
        N_("There is no such part here"),
        "",
        N_("Go back to the list of parts."),
        status=404,
        page="evidence.home",
    ),
    "part-met": Row(
        N_("This part is met already"),
        N_("What it shows was accepted, so there is nothing to change here."),
        N_("Go back to the list; the parts that are still open can be changed."),
        status=403,
        page="evidence.home",
    ),
    "no-new-try": Row(
        N_("There is no new try to open at the moment"),
        N_("Either your work is still being read, or the tries of this micro-credential are used up."),
        N_("Go back to the overview; ask the person who runs the course what can be done."),
        Who.TEACHER,
        status=403,
        page="evidence.home",
    ),
    "disk-full": Row(
        N_("There is no room for files here at the moment"),
        N_("The disk of this tool is nearly full. What you added before is kept, and text can still be saved."),
        N_("Tell the administrator, and add the file later. Until then, write, or add a link where links are taken."),
        Who.TOOL_ADMIN,
        status=507,
    ),
    "file-empty": Row(
        N_("%(name)s is empty"),
        N_("There is nothing in the file: 0 bytes arrived."),
        N_("Open it on your device to see whether it is whole, then add it again."),
        status=422,
    ),
    "pictures-busy": Row(
        N_("Many pictures are being added at this moment"),
        N_("%(name)s was not kept. What you added before is."),
        N_("Add it again in a minute."),
        status=503,
        retry_after=60,
    ),
    "enough-files": Row(
        N_("This part has all the files that it takes"),
        N_("It takes at most %(most)s. What you added before is kept."),
        N_("Remove one that you do not need, then add this one."),
        status=422,
    ),
    "too-many-unfinished": Row(
        N_("Too many uploads are under way"),
        N_("At most %(most)s files can be on their way at once. What you added before is kept."),
        N_("Wait for them, choose a file that broke off again to finish it, or come back in an hour."),
        status=422,
    ),
    "file-too-large": Row(
        N_("%(name)s is larger than %(limit)s MB"),
        N_("This part takes files of up to %(limit)s MB each. What you added before is kept."),
        N_("Save it smaller (a shorter clip, a lower resolution) or split it, then add it again."),
        status=413,
    ),
    "link-not-whole": Row(
        N_("That is not a whole web address"),
        N_("It should begin with https:// and have no spaces."),
        N_("Copy the address from your browser's address bar and paste it here."),
        status=422,
    ),
    "upload-unclear": Row(
        N_("The upload could not be understood"),
        N_("Its size or place is missing."),
        N_("Load the page again and choose the file once more. What you added before is kept."),
        status=422,
    ),
    "no-such-attempt": Row(
        N_("There is no such attempt"),
        "",
        N_("Go back to the overview."),
        status=404,
        page="evidence.home",
    ),
    "no-such-attempt/of-course": Row(
        N_("There is no such submission in this course"),
        N_("It belongs to another course, or it is gone."),
        N_("Open the activity itself from the course."),
        status=404,
    ),
    "no-room": Row(
        N_("There is no room left for this file"),
        _ROOM_USED,
        N_("Remove files that you do not need, then add this one. The largest that you can remove: %(names)s."),
        Who.YOURSELF_OR_MORE_ROOM,
        status=413,
    ),
    "no-room/nothing-to-remove": Row(
        N_("There is no room left for this file"),
        _ROOM_USED,
        N_("What you have handed in stays, so there is nothing to remove. Add a smaller file, or a link to it."),
        Who.YOURSELF_OR_MORE_ROOM,
        status=413,
    ),
    "wrong-kind": Row(
        N_("%(name)s is not a kind of file that fits here"),
        ("%(what)s", N_("This part takes: %(kinds)s. We look into the file, not at its name.")),
        N_("%(cure)s What you added before is kept."),
        status=422,
    ),
    "picture-not-cleaned": Row(
        _NOT_CLEANED, (N_("The picture is damaged, so it was not kept."), _KEPT), _SAVE_AGAIN, status=422
    ),
    "picture-not-cleaned/died": Row(
        _NOT_CLEANED,
        (N_("The picture asked for more work than any photograph does, so it was not kept."), _KEPT),
        _SAVE_AGAIN,
        status=422,
    ),
    "picture-not-cleaned/bytes": Row(
        _NOT_CLEANED,
        (N_("The picture is larger than 64 MB, so it was not kept."), _KEPT),
        _SAVE_SMALLER,
        status=422,
    ),
    "picture-not-cleaned/pixels": Row(
        _NOT_CLEANED,
        (
            N_(
                "The picture has more points than we take (%(most)s million, %(drawn)s million when it is damaged), "
                "so it was not kept."
            ),
            _KEPT,
        ),
        _SAVE_SMALLER,
        status=422,
    ),
    "nothing-to-add/files": Row(
        N_("This part takes no files"),
        N_("It is answered in the text box."),
        N_("Go back to the part and write your answer there."),
        status=422,
    ),
    "nothing-to-add/links": Row(
        N_("This part takes no links"),
        N_("It is answered in the text box."),
        N_("Go back to the part and write your answer there."),
        status=422,
    ),
}
problem = Table(PROBLEMS).problem
