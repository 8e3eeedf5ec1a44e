// The hidden frame beside the tool: storage messages come here when the target is post_message_forwarding.
"use strict";
const origins = (document.body.dataset.origins || "").split(" ").filter(Boolean);
window.addEventListener("message", (event) => {
  PracticeStorage.answer(event, origins, document.body.dataset.storageAnswers);
});
