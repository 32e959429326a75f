/**
 * What a person chose in the layer viewer, as the node's `picks` holds it: "" for nothing, else JSON with one object for each
 * layer, the lowest first (engine/layerfile/picks.py). Pure functions.
 */

const KEYS = new Set(["show", "opacity", "order"]);
const MOST_TEXT = 200_000; // characters that Python takes

/** A choice for each of `count` layers, as {show, opacity, order}; opacity null is the layer's own. Nothing for a text that was made for other layers. */
export function readPicks(text, count) {
  const plain = Array.from({ length: count }, (_, order) => ({ show: true, opacity: null, order }));
  if (!text.trim()) return plain;
  const found = parsed(text);
  if (!Array.isArray(found) || found.length !== count) return undefined;
  const chosen = found.map((entry, index) => choice(entry, index));
  return chosen.includes(undefined) ? undefined : chosen;
}

/** The shortest text that says the same. */
export function writePicks(choices) {
  const order = stack(choices);
  const changed = order.some((index, place) => index !== place);
  const entries = choices.map(({ show, opacity }, index) => ({
    ...(show ? {} : { show }),
    ...(opacity === null ? {} : { opacity }),
    ...(changed ? { order: order.indexOf(index) } : {}),
  }));
  return entries.some((entry) => Object.keys(entry).length) ? JSON.stringify(entries) : "";
}

/** The layers' numbers from the lowest to the highest, those that are not shown in their place. */
export function stack(choices) {
  return choices.map((_, index) => index).sort((one, other) => choices[one].order - choices[other].order || one - other);
}

/** The choices with one layer a step higher or lower. */
export function moved(choices, index, step) {
  const order = stack(choices);
  const from = order.indexOf(index);
  const to = from + step;
  if (to < 0 || to >= order.length) return choices;
  order.splice(to, 0, ...order.splice(from, 1));
  return choices.map((chosen, layer) => ({ ...chosen, order: order.indexOf(layer) }));
}

function parsed(text) {
  try {
    return text.length > MOST_TEXT ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function choice(entry, index) {
  if (typeof (entry ?? {}) !== "object" || Object.keys(entry ?? {}).some((name) => !KEYS.has(name))) return undefined;
  const { show = true, opacity = null, order = index } = entry ?? {};
  const share = opacity === null || (typeof opacity === "number" && opacity >= 0 && opacity <= 1);
  const fits = typeof show === "boolean" && share && Number.isInteger(order) && Math.abs(order) <= 10_000;
  return fits ? { show, opacity, order } : undefined;
}
