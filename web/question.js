import { ask } from "./service.js";

const PAUSE = 250; // milliseconds without a keystroke

/**
 * Asks one route again and again, as a person types: once typing pauses, never twice for the same entries, and only the
 * latest question is answered. `gather` gives the entries, `{later: why}` where only a run can tell, or nothing; it may be
 * a promise. `tell` gets the answer and the question's text, `{later}`, or `{trouble}`.
 */
export class Question {
  #path;
  #gather;
  #tell;
  #timer = 0;
  #turn = 0;
  #asked = "";
  #way = null; // of a question that is under way
  #under; // the promise of the latest

  constructor(path, gather, tell) {
    this.#path = path;
    this.#gather = gather;
    this.#tell = tell;
  }

  soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), PAUSE);
  }

  /** Asks without a pause, unless it has the answer; resolves when `tell` has been called, or need not be. */
  now() {
    clearTimeout(this.#timer);
    return (this.#under = this.#ask(this.#under));
  }

  /** Forgets what was asked: the next question is asked even if it is the same. */
  anew() {
    this.#asked = "";
    this.soon();
  }

  end() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#asked = "";
    this.#way?.abort();
  }

  async #ask(before) {
    const turn = ++this.#turn;
    const entries = await this.#gather();
    if (turn !== this.#turn || !entries) return;
    const text = JSON.stringify(entries);
    if (text === this.#asked) return before; // told, or under way
    this.#asked = text;
    this.#way?.abort();
    if (entries.later !== undefined) return this.#tell(entries, text);
    this.#way = new AbortController();
    try {
      const answer = await ask(this.#path, entries, this.#way.signal);
      if (text === this.#asked) this.#tell(answer, text);
    } catch (trouble) {
      if (trouble.name === "AbortError" || text !== this.#asked) return;
      this.#asked = "";
      this.#tell({ trouble: trouble.message }, text);
    }
  }
}
