// Word counters: <p data-counter="textarea id" data-max="250">.
import { say } from "./words.js";

export function wireCounters() {
  for (const counter of document.querySelectorAll("[data-counter]")) {
    const box = document.getElementById(counter.dataset.counter);
    if (!box) continue;
    const show = () => {
      const count = box.value.trim() ? box.value.trim().split(/\s+/).length : 0;
      const most = Number(counter.dataset.max || 0);
      counter.querySelector("[data-count]").textContent = count === 1 ? say("countOne") : say("countMany", { count });
      counter.dataset.over = String(most > 0 && count > most);
    };
    box.addEventListener("input", show);
    show();
  }
}
