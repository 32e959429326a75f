import { api } from "../../scripts/api.js";

/** Reads what a node's inputs hold before a run. Nothing is written. */

const VALUE_NODES = /^Primitive/; // their one value is known before a run
const LOADERS = new Set(["LoadImage"]);
const MUTED = new Set([2, 4]); // never, bypass

export const links = (graph) => [...(graph.links?.values?.() ?? Object.values(graph.links ?? {}))];

export function slotOf(node, name) {
  return (node.inputs ?? []).findIndex((input) => input.name === name);
}

export function isLinked(node, name) {
  const slot = slotOf(node, name);
  return slot >= 0 && node.isInputConnected(slot);
}

/** What the page calls an input, in its own language or as the person has renamed it. */
export function labelOf(node, name) {
  const input = node.inputs?.[slotOf(node, name)];
  return String(input?.label || input?.localized_name || name.split(".").pop());
}

/** Where a connected input comes from, as {node, slot}; nothing where it comes from outside of this graph. */
export function source(node, name) {
  const slot = slotOf(node, name);
  const link = slot >= 0 ? node.getInputLink(slot) : null;
  const origin = link && node.graph?.getNodeById(link.origin_id);
  return origin ? { node: origin, slot: link.origin_slot } : undefined;
}

/** The value of a widget, also where a value node is linked to it; undefined where only a run can tell. */
export function valueOf(node, name) {
  if (!isLinked(node, name)) return node.widgets?.find((widget) => widget.name === name)?.value;
  const origin = source(node, name)?.node;
  return origin && VALUE_NODES.test(origin.type) && !MUTED.has(origin.mode) ? origin.widgets?.[0]?.value : undefined;
}

/** [width, height] of every picture of the growing list; undefined where only a run can tell. */
export async function pictureSizes(node) {
  const names = (node.inputs ?? []).map((input) => input.name).filter((name) => name.startsWith("images."));
  const sizes = [];
  for (const name of names.filter((name) => isLinked(node, name))) {
    const from = source(node, name);
    const loads = from && from.slot === 0 && LOADERS.has(from.node.type) && !MUTED.has(from.node.mode);
    const size = loads ? await fileSize(String(valueOf(from.node, "image") ?? "")) : undefined;
    if (!size) return undefined;
    sizes.push(size);
  }
  return sizes;
}

const sizes = new Map(); // file -> promise of its size
const MOST_SIZES = 64;

/** `name` as LoadImage has it: "folder/cat.png", "cat.png [output]". */
function fileSize(name) {
  if (!sizes.has(name)) {
    if (sizes.size >= MOST_SIZES) sizes.clear();
    sizes.set(name, measure(name));
  }
  return sizes.get(name);
}

async function measure(name) {
  const [, path, type = "input"] = /^(.*?)(?: \[(input|output|temp)\])?$/.exec(name);
  const cut = path.lastIndexOf("/") + 1;
  const file = { filename: path.slice(cut), subfolder: path.slice(0, Math.max(0, cut - 1)), type };
  if (!file.filename) return undefined;
  const picture = new Image();
  picture.src = api.apiURL(`/view?${new URLSearchParams(file)}`);
  try {
    await picture.decode();
    return [picture.naturalWidth, picture.naturalHeight];
  } catch {
    sizes.delete(name); // it may be there later
    return undefined;
  }
}
