import { app } from "../../scripts/app.js";
import { setting } from "./settings.js";
import { say } from "./words.js";

let wrapped = false;

/**
 * Asks before a run whose previewed prices add up to more than the person's limit. Until a limit is set, queueing is not
 * touched at all. It is a courtesy of this page: budgets are enforced where the requests are sent. `prices` gives the views
 * of the fal nodes on the canvas.
 */
export function askFirst(prices) {
  if (wrapped || !(setting("AskAbove", 0) > 0)) return;
  wrapped = true;
  const queue = app.queuePrompt;
  app.queuePrompt = async function (number, times = 1, ...more) {
    if (!(await agreed(prices(), Number(times) || 1))) return false;
    return queue.call(this, number, times, ...more);
  };
}

/** Whatever goes wrong here, the run goes on. */
async function agreed(prices, times) {
  const limit = setting("AskAbove", 0);
  if (!(limit > 0)) return true;
  try {
    const due = (await Promise.all(prices.map((price) => price.due()))).filter(Boolean);
    const sum = due.reduce((all, { usd }) => all + (usd ?? 0), 0) * times;
    const unknown = due.filter(({ usd }) => usd === null);
    if (sum <= limit && !unknown.length) return true;
    const all = due.map(({ text }) => text).join("; ");
    const calls = times > 1 ? say("{times} times {calls}", { times, calls: all }) : all;
    const values = { sum: `$${sum.toFixed(2)}`, limit: `$${limit}`, calls };
    const message = unknown.length
      ? say("This run costs something that nobody knows; you asked to be told above {limit}. {calls}. Run it?", values)
      : say("This run would cost about {sum}; you asked to be told above {limit}. {calls}. Run it?", values);
    return (await app.extensionManager.dialog.confirm({ title: say("Spend this?"), message })) === true;
  } catch {
    return true;
  }
}
