// Keys for scoring: 1-4 level, N next criterion, C comment, E next evidence, S save, ? help, Esc leaves a text box.
// Everything is also there by mouse and touch; keys rest while one types.

export function wireScoring() {
  const form = document.querySelector("form[data-scoring]");
  if (!form) return;
  const criteria = [...form.querySelectorAll("[data-criterion]:not([disabled])")];
  let here = 0;
  let evidence = -1;

  const go = (index) => {
    if (!criteria.length) return;
    here = (index + criteria.length) % criteria.length;
    for (const one of criteria) one.dataset.current = String(one === criteria[here]);
    const input = criteria[here].querySelector("input:checked") ?? criteria[here].querySelector("input");
    input.focus({ preventScroll: true });
    criteria[here].scrollIntoView({ block: "nearest" });
    showEvidence(criteria[here]);
  };

  form.addEventListener("focusin", (event) => {
    const index = criteria.indexOf(event.target.closest("[data-criterion]"));
    if (index >= 0) here = index;
  });

  // The evidence scrolls by itself beside the rubric; where both share a column, moving it would move the rubric away.
  const pane = document.getElementById("evidence");
  const showEvidence = (criterion) => {
    const ids = (criterion.dataset.shownBy ?? "").split(" ").filter(Boolean);
    const parts = ids.map((id) => document.getElementById(id)).filter(Boolean);
    for (const one of document.querySelectorAll("[data-evidence]")) one.dataset.current = String(parts.includes(one));
    if (!parts.length || getComputedStyle(pane).overflowY !== "auto") return;
    pane.scrollTop += parts[0].getBoundingClientRect().top - pane.getBoundingClientRect().top - 8;
  };

  const acts = {
    n: () => go(here + 1),
    c: () => criteria[here]?.querySelector("[data-comment]").focus(),
    e: () => {
      const items = [...document.querySelectorAll("[data-evidence]")];
      if (!items.length) return;
      evidence = (evidence + 1) % items.length;
      items[evidence].tabIndex = -1;
      items[evidence].focus();
      items[evidence].scrollIntoView({ block: "start" });
    },
    s: () => (form.dataset.autosave ? document.dispatchEvent(new Event("save-now")) : form.requestSubmit()),
    "?": () => document.getElementById("keys-help")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = event.target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
    if (typing) {
      if (event.key === "Escape") go(here);
      return;
    }
    const level = criteria[here]?.querySelector(`[data-level="${CSS.escape(event.key)}"]`);
    if (/^[1-9]$/.test(event.key) && level) {
      level.checked = true;
      level.focus();
      level.dispatchEvent(new Event("change", { bubbles: true }));
      event.preventDefault();
    } else if (Object.hasOwn(acts, event.key.toLowerCase())) {
      event.preventDefault();
      acts[event.key.toLowerCase()]();
    }
  });
}
