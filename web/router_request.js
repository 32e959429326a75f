import { isLinked, pictureSizes, valueOf } from "./node_values.js";

const WIDGETS = ["prompt", "task", "tier", "family", "place", "width", "height", "batch", "max_price", "negative"];
const LONGEST = 20_000; // characters of a prompt that is previewed

/** What a Prompt Router would ask, as entries for /switchyard/route; `{later: why}` where only a run can tell. */
export async function routerRequest(node) {
  const entries = {};
  for (const name of WIDGETS) {
    const value = valueOf(node, name);
    if (value === undefined && isLinked(node, name)) return { later: `its ${name} comes from another node` };
    if (value !== undefined) entries[name] = value;
  }
  for (const name of ["mask", "latent"]) {
    if (isLinked(node, name)) return { later: `a ${name} comes from another node` };
  }
  if (`${entries.prompt ?? ""}${entries.negative ?? ""}`.length > LONGEST) {
    return { later: `its prompt is longer than the ${LONGEST.toLocaleString("en")} characters that are previewed` };
  }
  const references = await pictureSizes(node);
  return references ? { ...entries, references } : { later: "a picture comes from another node" };
}
