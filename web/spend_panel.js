import { api } from "../../scripts/api.js";
import { app } from "../../scripts/app.js";
import { element, write } from "./element.js";
import { keyForm } from "./key_dialog.js";
import { ask } from "./service.js";
import { addStyle } from "./style.js";
import { say } from "./words.js";

const OVER = ["execution_success", "execution_error", "execution_interrupted"]; // a run may have paid

/** The sidebar's panel: what was spent, what is left of the limits, open jobs, and the key. It works only while it is open. */
export class SpendPanel {
  #place; // while it is open
  #sums = element("div");
  #jobs = element("div");
  #said = element("p", { role: "status", dir: "auto" });
  #again = () => this.refresh();

  get tab() {
    return {
      id: "switchyard-spend",
      icon: "pi pi-wallet",
      ...this.#names,
      type: "custom",
      render: (place) => this.#open(place),
      destroy: () => this.#close(),
    };
  }

  /** The page's words are others now. */
  renew() {
    const tab = app.extensionManager.getSidebarTabs?.().find(({ id }) => id === this.tab.id);
    if (tab) Object.assign(tab, this.#names);
    if (this.#place) this.#open(this.#place);
  }

  async refresh() {
    await Promise.all([this.#refreshSums(), this.#refreshJobs()]);
  }

  get #names() {
    return { title: say("Spend"), tooltip: say("Switchyard: what was spent, open jobs, your fal key") };
  }

  #open(place) {
    addStyle();
    this.#close();
    this.#place = place;
    const key = keyForm();
    const renew = element("button", { type: "button", onclick: this.#again }, say("Refresh"));
    place.replaceChildren(
      element(
        "section",
        { class: "switchyard-side", dir: "auto", "aria-label": say("Switchyard spend") },
        element("h2", {}, say("Spend")), this.#sums, renew,
        element("h2", {}, say("Open jobs")), this.#said, this.#jobs,
        element("h2", {}, say("fal key")), key.part,
      ),
    );
    for (const name of OVER) api.addEventListener(name, this.#again);
    key.refresh();
    this.refresh();
  }

  #close() {
    this.#place = undefined;
    for (const name of OVER) api.removeEventListener(name, this.#again);
  }

  async #refreshSums() {
    try {
      const { today, month, trouble } = await ask("/switchyard/spend");
      const rows = [[say("Today"), today], [say("This month"), month]].map(([when, period]) => sumRow(when, period));
      const sums = table(["", say("spent"), say("limit"), say("left")], rows);
      const models = month.models.map(({ name, spent, requests }) => [name, spent, String(requests)]);
      const outcomes = month.outcomes.map(({ name, spent, requests }) => [name, spent, String(requests)]);
      const parts = [sums, element("p", {}, notes(month))];
      const by = (heading) => [heading, say("spent"), say("requests")];
      if (models.length) parts.push(table(by(say("this month by model")), models), table(by(say("how they ended")), outcomes));
      if (trouble) parts.push(element("p", { role: "alert", dir: "auto" }, trouble));
      this.#sums.replaceChildren(...parts);
    } catch (trouble) {
      this.#sums.replaceChildren(element("p", { role: "alert", dir: "auto" }, trouble.message));
    }
  }

  async #refreshJobs() {
    try {
      const { jobs } = await ask("/switchyard/jobs");
      const list = element("ul", {}, ...jobs.map((job) => this.#job(job)));
      this.#jobs.replaceChildren(jobs.length ? list : element("p", {}, say("None.")));
    } catch (trouble) {
      this.#jobs.replaceChildren(element("p", { role: "alert", dir: "auto" }, trouble.message));
    }
  }

  #job(job) {
    const when = new Date(job.since * 1000).toLocaleString();
    const collect = element("button", { type: "button", onclick: () => this.#collect(job, collect) }, say("Collect"));
    const forget = element("button", { type: "button", onclick: () => this.#forget(job) }, say("Forget…"));
    const cancel = element("button", { type: "button", onclick: () => this.#cancel(job, cancel) }, say("Cancel"));
    collect.hidden = !job.collectable;
    cancel.hidden = !job.cancellable;
    forget.hidden = job.state === "sending";
    const title = element("strong", { dir: "auto" }, job.name);
    const more = element("div", { class: "switchyard-hint", dir: "auto" }, [job.meaning, when, job.request].filter(Boolean).join(" · "));
    return element("li", {}, title, ` ${job.price} `, collect, " ", cancel, " ", forget, more);
  }

  async #collect(job, button) {
    button.disabled = true;
    write(this.#said, say("Waiting for {name} …", job));
    try {
      const { collected, said } = await ask("/switchyard/jobs/collect", { key: job.key });
      const line = collected ? `${say("{count} collected: queue the same workflow, and it has them for nothing.", { count: collected })} ` : "";
      write(this.#said, `${line}${said}`);
    } catch (trouble) {
      write(this.#said, trouble.message);
    }
    button.disabled = false;
    await this.refresh();
  }

  /** Only the service's own word makes a job cancelled; one that a run is waiting for is stopped with that run. */
  async #cancel(job, button) {
    button.disabled = true;
    write(this.#said, say("Asking the service to cancel {name} …", job));
    try {
      const { busy, said } = await ask("/switchyard/jobs/cancel", { key: job.key });
      const stopped = busy && (await this.#stopRun());
      write(this.#said, stopped ? say("The run is being stopped, and what it has with the service is cancelled.") : said);
    } catch (trouble) {
      write(this.#said, trouble.message);
    }
    button.disabled = false;
    await this.refresh();
  }

  async #stopRun() {
    const sure = await app.extensionManager.dialog.confirm({
      title: say("Stop the run?"),
      message: say("A run is waiting for this picture. Stopping it cancels everything that it has with the service; what has begun there may be billed all the same."),
    });
    if (sure) await api.interrupt(null);
    return sure === true;
  }

  async #forget(job) {
    const sure = await app.extensionManager.dialog.confirm({
      title: say("Forget this request?"),
      message: say("{name}, {price}: {meaning}. Once it is forgotten, the same workflow sends it, and pays for it, again.", job),
    });
    if (!sure) return;
    try {
      const { forgotten } = await ask("/switchyard/jobs/forget", { key: job.key });
      write(this.#said, forgotten ? say("Forgotten.") : say("It was not there any more."));
    } catch (trouble) {
      write(this.#said, trouble.message);
    }
    await this.refresh();
  }
}

const sumRow = (when, period) => [when, period.spent, period.limit || say("none"), period.left || "–"];

function notes(month) {
  const said = [month.requests === 1 ? say("1 request this month") : say("{count} requests this month", { count: month.requests })];
  if (month.under_way) said.push(say("{count} of it under way", { count: month.under_way }));
  if (month.unknown) said.push(say("{count} without a known price", { count: month.unknown }));
  return `${said.join(", ")}.`;
}

function table(heads, rows) {
  // A cell stands on the panel's side; its text, which may be a person's or the service's, runs as it likes within.
  const cell = (tag, scope, text) => element(tag, { scope }, element("bdi", {}, text));
  const cells = (tag, row) => row.map((text, at) => (at && tag === "td" ? cell("td", false, text) : cell("th", tag === "th" ? "col" : "row", text)));
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...cells("th", heads))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cells("td", row)))),
  );
}
