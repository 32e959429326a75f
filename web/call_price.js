import { api } from "../../scripts/api.js";
import { element, write } from "./element.js";
import { addRow, follow, hasNode, lastOutputs, removeRow, settleRow } from "./node_row.js";
import { isLinked, labelOf, pictureSizes, source, valueOf } from "./node_values.js";
import { Question } from "./question.js";
import { connectedRoute, onRouterChange, ROUTER } from "./router_request.js";
import { setting } from "./settings.js";
import { say } from "./words.js";

const KEY = "switchyard_call"; // of the node's output
const HEIGHT = 40;
const KINDS = {
  SwitchyardFluxRemote: { family: "flux", layered: false },
  SwitchyardQwenRemote: { family: "qwen", layered: false },
  SwitchyardQwenLayeredRemote: { family: "qwen", layered: true },
};
const IDLE = new Set([2, 4]); // never, bypass
const OWN = new Set(["prompt", "model", "seed", "rehearse", "allow_unknown_price"]); // the other widgets are the model's settings

export const REMOTE = Object.keys(KINDS);

/** What a remote node shows of money: what it would cost, and after a run what it was. */
export class CallPrice {
  #node;
  #row;
  #parts = parts();
  #question;
  #undo = []; // what takes the listeners away; empty while the node is on no canvas
  #asked = ""; // the entries of what is shown, as text
  #ran = null; // {facts, asked} of the last run
  #answer = {};

  constructor(node) {
    this.#node = node;
    this.#question = new Question("/switchyard/price", () => this.#gather(), (answer, asked) => {
      this.#answer = answer;
      this.#asked = asked;
      this.#show();
    });
    if (setting("Price")) this.#row = addRow(node, "switchyard_price", this.#parts.root, () => HEIGHT);
    for (const method of ["onWidgetChanged", "onConfigure", "onConnectionsChange"]) follow(node, method, () => this.soon());
    follow(node, "onExecuted", (output) => this.#hasRun(output?.[KEY]?.[0]));
  }

  /** The node is on a canvas now. */
  begin() {
    this.end();
    this.#listen("graphChanged", () => this.soon());
    this.#undo.push(onRouterChange(() => this.soon()));
    this.#listen("execution_cached", (event) => hasNode(event.detail?.nodes, this.#node) && this.#cached());
    this.soon();
  }

  soon() {
    if (!this.#undo.length) return;
    for (const widget of this.#node.widgets ?? []) this.#hear(widget); // a dynamic combo brings new ones
    this.#question.soon();
    if (this.#asked) this.#show(); // rehearse and seed are not in the question
  }

  /** A setting has changed, or the page's words. */
  renew() {
    this.#parts.label();
    if (setting("Price") && !this.#row) this.#row = addRow(this.#node, "switchyard_price", this.#parts.root, () => HEIGHT);
    else if (!setting("Price") && this.#row) this.#row = void removeRow(this.#node, this.#row);
    if (this.#undo.length) this.#question.anew();
  }

  end() {
    this.#question.end();
    for (const undo of this.#undo.splice(0)) undo();
  }

  /** What the node would spend when it is queued now: {usd, text}; usd null where nobody knows. Nothing where it spends nothing. */
  async due() {
    if (IDLE.has(this.#node.mode) || valueOf(this.#node, "rehearse") === true) return undefined;
    await this.#question.now();
    const { chosen, usd, price, name } = this.#answer;
    return chosen ? { usd, text: `${name}: ${price}` } : undefined;
  }

  #gather() {
    if (!this.#node.graph) return undefined;
    settleRow(this.#node, this.#row);
    return (setting("Price") || setting("AskAbove", 0) > 0) && callRequest(this.#node);
  }

  /** All that decides what a run does, as text. */
  get #wanted() {
    return JSON.stringify([this.#asked, valueOf(this.#node, "seed"), valueOf(this.#node, "rehearse")]);
  }

  #heard = new WeakSet();

  #hear(widget) {
    if (widget === this.#row || this.#heard.has(widget)) return;
    this.#heard.add(widget);
    follow(widget, "callback", () => this.soon());
  }

  #listen(name, heard) {
    api.addEventListener(name, heard);
    this.#undo.push(() => api.removeEventListener(name, heard));
  }

  #hasRun(facts) {
    if (!facts?.model) return;
    this.#ran = { facts, asked: this.#wanted, cached: false };
    this.#show();
  }

  /** ComfyUI itself had the pictures: nobody was asked, nothing was paid. */
  #cached() {
    const facts = this.#ran?.facts ?? lastOutputs(this.#node, KEY)[0];
    this.#ran = { facts: facts ?? {}, asked: this.#wanted, cached: true };
    this.#show();
  }

  #show() {
    const { root, text, note, status } = this.#parts;
    const [state, line, more] = this.#ran?.asked === this.#wanted ? ranLines(this.#ran) : previewLines(this.#answer, this.#node);
    root.dataset.state = state;
    write(text, line);
    write(note, more);
    root.title = [line, more].filter(Boolean).join(" · ");
    write(status, root.title);
  }
}

function ranLines({ facts, cached }) {
  if (cached) return ["ran", say("Ran: cached, $0"), say("ComfyUI still had the pictures")];
  if (facts.rehearsal) return ["ran", say("Ran: rehearsal, $0"), say("nothing was sent; {model} would be {price}", facts)];
  return ["ran", say("Ran: {price}", { price: facts.cost ?? facts.price }), [facts.model, ...(facts.requests ?? [])].join(" · ")];
}

function previewLines(answer, node) {
  if (answer.later !== undefined) return ["later", say("Price known at run time"), answer.later];
  if (answer.refused !== undefined) return ["refused", say("Nothing would be sent"), answer.refused];
  if (answer.trouble !== undefined) return ["trouble", say("No price"), answer.trouble];
  if (answer.chosen === false) return ["later", say("Not chosen: $0"), say("the route goes to {track}", answer)];
  if (!answer.chosen) return ["waiting", "…", ""];
  const line = valueOf(node, "rehearse") === true ? say("Rehearsal, $0; bought: {price}", answer) : say("Would cost: {price}", answer);
  return ["preview", line, [answer.name, answer.size, ...(answer.notes ?? [])].join(" · ")];
}

/** The node's entries for /switchyard/price; `{later: why}` where only a run can tell. */
async function callRequest(node) {
  const { model, settings, later } = ownWidgets(node);
  if (later) return { later };
  const way = await routeOf(node);
  if (way.later) return way;
  const prompt = isLinked(node, "prompt") ? valueOf(node, "prompt") : String(valueOf(node, "prompt") ?? "");
  if (prompt === undefined && !way.track && !way.route && model.startsWith("auto")) return { later: say("its {name} comes from another node", { name: labelOf(node, "prompt") }) };
  const references = await pictureSizes(node);
  if (!references) return { later: say("a picture comes from another node") };
  // No price hangs on the words: a computed prompt, or a very long one, is stood in for.
  const words = prompt === undefined ? (way.track ? "" : "a picture") : prompt.slice(0, 2000);
  return { ...KINDS[node.comfyClass], model, settings, references, prompt: words, ...way };
}

/** The model and its settings, under the node's own names: a dynamic combo calls them "model.steps". */
function ownWidgets(node) {
  const settings = {};
  for (const { name, options, type } of node.widgets ?? []) {
    const [group, own] = name.includes(".") ? name.split(/\.(.*)/s) : ["", name];
    if (group !== "model" || OWN.has(own) || options?.serialize === false || type === "button") continue;
    const value = valueOf(node, name);
    if (value === undefined && isLinked(node, name)) return { later: say("its {name} comes from another node", { name: labelOf(node, name) }) };
    if (["string", "number", "boolean"].includes(typeof value)) settings[own] = own === "loras" || own === "negative" ? value.slice(0, 2000) : value;
  }
  return { model: String(valueOf(node, "model") ?? ""), settings };
}

/** The connected router's own request, and the track that the prompt comes from. */
async function routeOf(node) {
  const prompt = source(node, "prompt");
  const fromRouter = prompt?.node.comfyClass === ROUTER;
  const track = fromRouter ? (prompt.node.outputs[prompt.slot]?.name ?? "") : "";
  if (!isLinked(node, "route")) return fromRouter ? { later: say("its prompt comes from the router, its route does not") } : {};
  const route = await connectedRoute(node);
  return route.later === undefined ? { ...route, track } : route;
}

function parts() {
  const text = element("span", { class: "switchyard-cost", dir: "auto" });
  const note = element("span", { class: "switchyard-note", dir: "auto" });
  const status = element("span", { class: "switchyard-unseen", role: "status" });
  const root = element("div", { class: "switchyard-row", role: "group" }, element("div", { class: "switchyard-box switchyard-slim" }, text, note, status));
  root.dataset.state = "waiting";
  const label = () => root.setAttribute("aria-label", say("Price"));
  label();
  return { root, text, note, status, label };
}
