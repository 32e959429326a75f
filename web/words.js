import { app } from "../../scripts/app.js";

/**
 * What our scripts say, in the page's language. ComfyUI translates nodes and settings (locales/), not what a script says.
 * The words of a language are in words/, made by tools/locales.py from locales/<language>.json.
 */

const LANGUAGES = ["ar", "de", "es", "fr", "ja", "ko", "ru", "zh"]; // any other page speaks English

let words = {};

/** Fetches the words of the page's language. Without them, and until then, everything is said in English. */
export async function loadWords() {
  const language = app.extensionManager?.setting?.get("Comfy.Locale");
  words = {};
  if (!LANGUAGES.includes(language)) return;
  try {
    const answer = await fetch(new URL(`./words/${language}.json`, import.meta.url), { cache: "no-cache" });
    if (answer.ok) words = await answer.json();
  } catch {
    // English will do.
  }
}

/** `text` is the English, literally, so that tools/locales.py finds it; "{name}" stands for a value. */
export function say(text, values = {}) {
  const said = Object.hasOwn(words, text) ? words[text] : text;
  return said.replace(/\{(\w+)\}/g, (hole, name) => (Object.hasOwn(values, name) ? String(values[name]) : hole));
}

/** Marks a text that is said later: `say(STATES[state])`. */
export const phrase = (text) => text;
