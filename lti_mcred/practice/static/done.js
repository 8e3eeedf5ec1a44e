// After the picker: leads the page around the frame on. A message of the tool stays until it is read.
"use strict";
const { target, message } = document.body.dataset;
if (target && !message) {
  window.parent.location.replace(target);
}
