import { api } from "../../scripts/api.js";
import { say } from "./words.js";

/** A sentence of the server's for a person, in place of an answer. */
export class Refusal extends Error {}

/** What our own route on ComfyUI's server answers. Throws a Refusal with the server's sentence, or what fetch throws. */
export async function ask(path, entries = {}, signal = undefined) {
  const response = await api.fetchApi(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(entries),
    cache: "no-store",
    signal,
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(String(answer.error ?? say("ComfyUI answered {status}.", { status: response.status })));
  return answer;
}
