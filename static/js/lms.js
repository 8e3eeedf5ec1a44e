// Pages that hand the browser back to the LMS: a form that sends itself, and the end of a registration.

for (const form of document.querySelectorAll("form[data-autosubmit]")) form.requestSubmit();

const finished = document.querySelector("[data-registration-done]");
if (finished) {
  // LTI Dynamic Registration 1.0: Canvas and Moodle hold us in a frame, Brightspace opened a tab. The word is no secret.
  const home = window.opener ?? window.parent;
  const close = () => home.postMessage({ subject: "org.imsglobal.lti.close" }, "*");
  const button = finished.querySelector("[data-close]");
  button.hidden = home === window;
  button.addEventListener("click", close);
}
