// Pages that hand the browser back to the LMS: a form that sends itself, and the end of a registration.

for (const form of document.querySelectorAll("form[data-autosubmit]")) form.requestSubmit();

const finished = document.querySelector("[data-registration-done]");
if (finished) {
  // LTI Dynamic Registration 1.0: Canvas and Moodle hold us in a frame, Brightspace opened a tab. The word is no secret.
  const homes = [window.opener, window.parent].filter((home) => home && home !== window);
  const button = finished.querySelector("[data-close]");
  button.hidden = homes.length === 0;
  button.addEventListener("click", () => {
    for (const home of homes) home.postMessage({ subject: "org.imsglobal.lti.close" }, "*");
  });
}
