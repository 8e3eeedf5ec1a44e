// How many words a text has: the same as lti_mcred/evidence/counting.py, where the rules are told. One pass.
import { TABLE } from "./word-table.js";

const SIGNS_TO_A_WORD = 2;
const LETTERS_TO_A_WORD = 4;
const starts = [];
const ends = [];
const kinds = [];

let at = 0;
for (const entry of TABLE.trim().split(" ")) {
  const [first, length] = entry.slice(1).split(".");
  at += parseInt(first, 36);
  starts.push(at);
  at += parseInt(length ?? "0", 36);
  ends.push(at);
  kinds.push(entry[0]);
}

const known = new Map();

/** The class of a code point; "" for spaces, punctuation, symbols and pictures. */
function kindOf(point) {
  let kind = known.get(point);
  if (kind !== undefined) return kind;
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= point) low = middle;
    else high = middle - 1;
  }
  kind = starts[low] <= point && point <= ends[low] ? kinds[low] : "";
  known.set(point, kind);
  return kind;
}

const within = (kind, classes) => kind !== "" && classes.includes(kind);

function goesOn(last, between, kind) {
  if (between === "D") return kind === "B";
  return (within(last, "AB") && within(kind, "AB")) || (last === "N" && kind === "N");
}

function mayJoin(last, kind) {
  return (within(last, "AB") && within(kind, "LPQ")) || (last === "B" && kind === "D") || (last === "N" && within(kind, "MPQ"));
}

/** {words, signs, letters}: how many words, and whether signs of Han and kana, or letters of Thai and its kin, are in. */
export function tally(text) {
  let [words, signs, letters] = [0, 0, 0];
  let [last, between, counted] = ["", "", false];
  for (const sign of text) {
    const kind = kindOf(sign.codePointAt(0));
    if (kind === "X") continue;
    if (within(kind, "LMPQD")) {
      const joins = !between && mayJoin(last, kind);
      [last, between] = joins ? [last, kind] : ["", ""];
      continue;
    }
    if (between && !goesOn(last, between, kind)) last = "";
    between = "";
    if (!kind || kind === "H" || kind === "S") {
      if (kind === "H") signs += 1;
      if (kind === "S") letters += 1;
      last = "";
      continue;
    }
    if (last === "") counted = false;
    if (kind !== "E" && !counted) {
      words += 1;
      counted = true;
    }
    last = kind;
  }
  words += Math.ceil(signs / SIGNS_TO_A_WORD) + Math.ceil(letters / LETTERS_TO_A_WORD);
  return { words, signs: signs > 0, letters: letters > 0 };
}
