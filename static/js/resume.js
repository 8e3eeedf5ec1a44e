// The path without cookies: fetch this very page with the visit's bearer and put it in the place of the shell.
// The address, "back" and "reload" keep working, because the address never changes.
import { keep, turnInto } from "./words.js";

const holder = document.querySelector("[data-visit]");

function fail(why) {
  document.body.classList.toggle("own-window", window.top === window);
  turnInto(document.querySelector(`[data-resume-failed="${why}"]`));
}

async function resume() {
  const bearer = keep.get(`visit:${holder.dataset.visit}`);
  if (!bearer) {
    fail("gone");
    return;
  }
  let answer;
  try {
    answer = await fetch(location.href, {
      headers: { Authorization: `Visit ${bearer}`, Accept: "text/html" },
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch {
    fail("offline");
    return;
  }
  if (answer.status === 401) {
    fail("gone");
    return;
  }
  if (!(answer.headers.get("Content-Type") ?? "").startsWith("text/html")) {
    await save(answer);
    return;
  }
  const page = await answer.text();
  // A redirect inside the visit was followed by fetch: say so in the address bar.
  if (answer.redirected) history.replaceState(null, "", answer.url);
  document.open();
  document.write(page);
  document.close();
}

/** A file instead of a page (an export): hand it over as a download and go back to where one was. */
async function save(answer) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  const name = /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") ?? "");
  link.download = name ? name[1] : "file";
  link.click();
  history.back();
}

document.querySelector("[data-resume-again]").addEventListener("click", () => location.reload());
resume();
