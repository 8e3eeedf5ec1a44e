// Sends the form of a handover page at once. Without JavaScript its button does the same.
"use strict";
const form = document.querySelector("form.autosubmit");
if (form) {
  form.submit();
}
