// Word counters: <p data-counter="textarea id" data-max="250">. Beyond the most, the aim gives way to how much is too much.
import { tally } from "./counting.js";
import { say } from "./words.js";

export function wireCounters() {
  for (const counter of document.querySelectorAll("[data-counter]")) {
    const box = document.getElementById(counter.dataset.counter);
    if (!box) continue;
    const show = () => {
      const { words: count, signs, letters } = tally(box.value);
      const most = Number(counter.dataset.max || 0);
      counter.querySelector("[data-count]").textContent = count === 1 ? say("countOne") : say("countMany", { count });
      const over = most > 0 ? count - most : 0;
      const aim = counter.querySelector("[data-aim]");
      const told = over > 0 ? say(over === 1 ? "overOne" : "overMany", { count: over, most }) : aim.dataset.aim;
      if (aim.textContent !== told) aim.textContent = told;
      counter.dataset.over = String(over > 0);
      counter.querySelector("[data-signs]").hidden = !signs;
      counter.querySelector("[data-letters]").hidden = !letters;
    };
    box.addEventListener("input", show);
    show();
  }
}
