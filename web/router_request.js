import { isLinked, labelOf, pictureSizes, source, valueOf } from "./node_values.js";
import { say } from "./words.js";

export const ROUTER = "SwitchyardPromptRouter";

const WIDGETS = ["prompt", "task", "tier", "family", "place", "width", "height", "batch", "max_price", "negative"];
const LONGEST = 20_000; // characters of a prompt that is previewed

const heard = new Set();

/** Calls `hear` whenever a person changes a Prompt Router; what it returns ends that. */
export function onRouterChange(hear) {
  heard.add(hear);
  return () => heard.delete(hear);
}

export function routerChanged() {
  for (const hear of heard) hear();
}

/** What a Prompt Router would ask, as entries for /switchyard/route; `{later: why}` where only a run can tell. */
export async function routerRequest(node) {
  const entries = {};
  for (const name of WIDGETS) {
    const value = valueOf(node, name);
    if (value === undefined && isLinked(node, name)) return { later: say("its {name} comes from another node", { name: labelOf(node, name) }) };
    if (value !== undefined) entries[name] = value;
  }
  for (const name of ["mask", "latent"]) {
    if (isLinked(node, name)) return { later: say("a {name} comes from another node", { name: labelOf(node, name) }) };
  }
  if (`${entries.prompt ?? ""}${entries.negative ?? ""}`.length > LONGEST) {
    return { later: say("its prompt is longer than the {most} characters that are previewed", { most: LONGEST.toLocaleString("en") }) };
  }
  const references = await pictureSizes(node);
  return references ? { ...entries, references } : { later: say("a picture comes from another node") };
}

/** The request of the Prompt Router that a node's `route` comes from, as {route}; {} where nothing is connected. */
export async function connectedRoute(node) {
  if (!isLinked(node, "route")) return {};
  const from = source(node, "route")?.node;
  if (from?.comfyClass !== ROUTER) return { later: say("its route comes from elsewhere") };
  const route = await routerRequest(from);
  return route.later === undefined ? { route } : route;
}
