// Wires the page by data attributes. Every piece works alone and does nothing where its attribute is absent.
import "./address.js";
import { wireAutosave } from "./autosave.js";
import { wireComeBack, wireCopy, wireDialogs, wireDoor, wireFocus, wireNewWindow, wirePrint } from "./small.js";
import { wireCounters } from "./counter.js";
import { wireFrame } from "./frame.js";
import { wirePicker } from "./picker.js";
import { wireScoring } from "./scoring.js";
import { wireUploads } from "./upload.js";
import { wireWaiting } from "./underway.js";

const pieces = [
  wireFrame, wireFocus, wireCopy, wireDialogs, wireDoor, wirePrint, wireComeBack, wireNewWindow,
  wireWaiting, wireAutosave, wireCounters, wireUploads, wireScoring, wirePicker,
];
for (const wire of pieces) {
  try {
    wire();
  } catch (problem) {
    console.error(problem); // what one piece misses in this browser takes nothing from the others
  }
}
