import { element, write } from "./element.js";
import { ask } from "./service.js";
import { say } from "./words.js";

/**
 * A form for the person's own fal key. What is typed goes to ComfyUI's private folder and is never shown again: the server
 * only tells whether there is a key, and where it comes from.
 */
export function keyForm() {
  const state = element("p", { role: "status", dir: "auto" });
  const field = element("input", {
    type: "password", name: "switchyard-key", autocomplete: "off", spellcheck: "false", "aria-label": say("fal key, id:secret"),
    placeholder: "id:secret", "data-lpignore": "true", "data-1p-ignore": "", "data-bwignore": "",
  });
  const save = element("button", { type: "submit" }, say("Save"));
  const forget = element("button", { type: "button" }, say("Remove"));
  const hint = element("p", { class: "switchyard-hint", dir: "auto" }, say("It is kept in a private file of this ComfyUI. It is in no workflow, no picture and no log, and is not shown again."));
  const form = element("form", { class: "switchyard-key", autocomplete: "off" }, field, save, forget);

  const tell = async (entries) => {
    try {
      const found = await ask("/switchyard/key", entries);
      const more = found.shadowed ? ` ${say("A saved key is there as well; the environment goes first.")}` : "";
      write(state, found.present ? `${say("A key is there ({source}).", found)}${more}` : say("No key yet: rehearsals work, paid pictures do not."));
      forget.hidden = !(found.present && (found.shadowed || !found.source.startsWith("environment")));
      return true;
    } catch (trouble) {
      write(state, trouble.message);
      return false;
    }
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const key = field.value.trim();
    field.value = ""; // whatever comes of it, it does not stay in the page
    if (key) await tell({ key });
    else field.focus();
  });
  forget.addEventListener("click", () => tell({ key: "" }));
  return { part: element("div", {}, state, form, hint), refresh: () => tell({}) };
}
