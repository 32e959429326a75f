import { app } from "../../scripts/app.js";

/**
 * What our scripts say, in the page's language. ComfyUI translates nodes and settings (locales/), not what a script says.
 * The words of a language are in words/, made by tools/locales.py from locales/<language>.json.
 */

const LANGUAGES = ["ar", "de", "es", "fr", "ja", "ko", "ru", "zh"]; // any other page speaks English
const FROM_RIGHT = new Set(["ar"]);

let words = {};
let spoken = "en"; // the language of `words`
let turn = 0;
const hearers = new Set();

/** Calls `hear` whenever a language's words have come; what it returns ends that. */
export function onWords(hear) {
  hearers.add(hear);
  return () => hearers.delete(hear);
}

/** Fetches the words of the page's language. Without them, and until then, all is said as before, in English at first. */
export async function loadWords(language = app.extensionManager?.setting?.get("Comfy.Locale")) {
  const known = LANGUAGES.includes(language) ? language : "en";
  const mine = (turn += 1);
  if (known === spoken) return;
  const found = known === "en" ? {} : await fetched(known);
  if (!found || mine !== turn) return;
  [words, spoken] = [found, known];
  for (const hear of hearers) hear();
}

/** `text` is the English, literally, so that tools/locales.py finds it; "{name}" stands for a value. */
export function say(text, values = {}) {
  const said = Object.hasOwn(words, text) ? words[text] : text;
  return said.replace(/\{(\w+)\}/g, (hole, name) => (Object.hasOwn(values, name) ? apart(values[name]) : hole));
}

/** Marks a text that is said later: `say(STATES[state])`. */
export const phrase = (text) => text;

/** What is no word of ours, within a sentence of ours: where that runs from the right, the text keeps its own direction (Unicode's FSI and PDI). */
export const apart = (text) => (FROM_RIGHT.has(spoken) && text !== "" ? `\u2068${text}\u2069` : String(text));

async function fetched(language) {
  try {
    const answer = await fetch(new URL(`./words/${language}.json`, import.meta.url), { cache: "no-cache" });
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined; // English will do
  }
}
