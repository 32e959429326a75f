import { api } from "../../scripts/api.js";
import { element, write } from "./element.js";
import { addRow, follow, removeRow, settleRow } from "./node_row.js";
import { isLinked, labelOf, valueOf } from "./node_values.js";
import { Question } from "./question.js";
import { connectedRoute, onRouterChange } from "./router_request.js";
import { setting } from "./settings.js";
import { say } from "./words.js";

const HEIGHT = 100;
const LOADERS = {
  SwitchyardLoadQwen: { family: "qwen", roles: ["transformer", "text_encoder", "vae"] },
  SwitchyardLoadFlux: { family: "flux", roles: ["transformer", "text_encoder", "text_encoder_2", "vae"] },
};
const AUTO = /^auto\b/;
const OVER = ["execution_success", "execution_error"]; // a run may have fetched what was missing

export const LOCAL = Object.keys(LOADERS);

/** What a loader shows before it runs: which file is missing and where to put it, and its memory against that of the machine. */
export class LocalNeeds {
  #node;
  #row;
  #parts = parts(() => this.#question.anew());
  #question;
  #undo = []; // what takes the listeners away; empty while the node is on no canvas
  #answer = {};

  constructor(node) {
    this.#node = node;
    this.#question = new Question("/switchyard/local", () => this.#gather(), (answer) => {
      this.#answer = answer;
      this.#show();
    });
    if (setting("Local")) this.#row = addRow(node, "switchyard_local", this.#parts.root, () => HEIGHT);
    for (const widget of node.widgets ?? []) if (widget !== this.#row) follow(widget, "callback", () => this.soon());
    for (const method of ["onConfigure", "onConnectionsChange"]) follow(node, method, () => this.soon());
  }

  /** The node is on a canvas now. */
  begin() {
    this.end();
    this.#listen("graphChanged", () => this.soon());
    this.#undo.push(onRouterChange(() => this.soon()));
    for (const name of OVER) this.#listen(name, () => this.#answer.ready === false && this.#question.anew());
    this.soon();
  }

  soon() {
    if (!this.#undo.length) return;
    this.#question.soon();
    if (this.#answer.chosen) this.#show(); // `download` is not in the question
  }

  /** A setting has changed, or the page's words. */
  renew() {
    this.#parts.label();
    if (setting("Local") && !this.#row) this.#row = addRow(this.#node, "switchyard_local", this.#parts.root, () => HEIGHT);
    else if (!setting("Local") && this.#row) this.#row = void removeRow(this.#node, this.#row);
    if (this.#undo.length) this.#question.anew();
  }

  end() {
    this.#question.end();
    for (const undo of this.#undo.splice(0)) undo();
  }

  #gather() {
    if (!this.#node.graph || !setting("Local")) return undefined;
    settleRow(this.#node, this.#row);
    return loaderRequest(this.#node);
  }

  #listen(name, heard) {
    api.addEventListener(name, heard);
    this.#undo.push(() => api.removeEventListener(name, heard));
  }

  #show() {
    const { root, name, word, note, memory, again, status } = this.#parts;
    const { state, head, model, line, needs } = lines(this.#answer, valueOf(this.#node, "download") === true);
    root.dataset.state = state;
    write(word, head);
    write(name, model);
    write(note, line);
    note.title = line;
    write(memory, needs);
    again.hidden = state !== "refused";
    write(status, [head, model, line, needs].filter(Boolean).join(": "));
  }
}

function lines(answer, download) {
  const { chosen, name, ready, fits, said } = answer;
  const why = answer.refused ?? answer.trouble ?? answer.later;
  if (answer.refused !== undefined) return { state: "refused", head: say("Cannot load"), model: "", line: why, needs: "" };
  if (answer.trouble !== undefined) return { state: "trouble", head: say("Not looked up"), model: "", line: why, needs: "" };
  if (answer.later !== undefined) return { state: "later", head: say("Decided at run time"), model: "", line: why, needs: "" };
  if (chosen === false) return { state: "later", head: say("Not chosen"), model: "", line: say("the route goes to {track}", answer), needs: "" };
  if (!chosen) return { state: "waiting", head: "…", model: "", line: "", needs: "" };
  const room = fits ? say("Memory: needs {needs}, {memory} here", answer) : say("Memory: needs {needs}, only {memory} here", answer);
  if (!ready && download) return { state: "later", head: say("Will be downloaded:"), model: name, line: said, needs: room };
  if (!ready) return { state: "refused", head: say("Not all here:"), model: name, line: said, needs: room };
  return { state: fits ? "ready" : "refused", head: fits ? say("Ready:") : say("Too large:"), model: name, line: said, needs: room };
}

/** The loader's entries for /switchyard/local; `{later: why}` where only a run can tell. */
async function loaderRequest(node) {
  const { family, roles } = LOADERS[node.comfyClass];
  const values = {};
  for (const name of ["model", ...roles]) {
    const value = valueOf(node, name);
    if (value === undefined && isLinked(node, name)) return { later: say("its {name} comes from another node", { name: labelOf(node, name).replaceAll("_", " ") }) };
    values[name] = String(value ?? "auto");
  }
  const { model, ...files } = values;
  const way = AUTO.test(model) ? await connectedRoute(node) : {};
  return way.later === undefined ? { family, model, files, ...way } : way;
}

function parts(look) {
  const word = element("span", { class: "switchyard-track", dir: "auto" });
  const name = element("span", { class: "switchyard-model", dir: "auto" });
  const again = element("button", { type: "button", class: "switchyard-why switchyard-end", onclick: look, dir: "auto" });
  const note = element("p", { class: "switchyard-reason switchyard-long", dir: "auto" });
  const memory = element("span", { class: "switchyard-note", dir: "auto" });
  const status = element("span", { class: "switchyard-unseen", role: "status" });
  const head = element("div", { class: "switchyard-head" }, word, name, again);
  const root = element("div", { class: "switchyard-row", role: "group" }, element("div", { class: "switchyard-box switchyard-stack" }, head, note, memory, status));
  root.dataset.state = "waiting";
  again.hidden = true;
  const label = () => {
    root.setAttribute("aria-label", say("Files and memory"));
    again.setAttribute("aria-label", say("Look for the files again"));
    write(again, say("Look again"));
  };
  label();
  return { root, name, word, note, memory, again, status, label };
}
