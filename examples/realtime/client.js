// Predictions over a WebSocket, many at a time: in any browser, in Node from 22 on, and in Node 20
// with `npm install ws`.
//
//     const mayfly = await Mayfly.connect("ws://127.0.0.1:8000", { key });
//     const answer = await mayfly.predict("titanic", [{ age: 29 }]);

const AGAIN = [1001, 1006, 1012, 1013]; // after other codes the same caller would be refused
const TRIES = 10;
const LONGEST = 8000; // milliseconds

const socketClass = async () => globalThis.WebSocket ?? (await import("ws")).WebSocket;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// A question that got a problem document in place of an answer.
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

// One connection, which comes back by itself. `key` is left out on a page of Mayfly's own, which
// names the workspace that it was made for: `connect(url, { page: "main" })`.
export class Mayfly {
  #address;
  #greeting;
  #line;
  #closed = false;
  #last = 0;
  #waiting = new Map();

  static async connect(address, { key = "", workspace = "", page = "" } = {}) {
    const mayfly = new Mayfly();
    const query = page ? `?page-workspace=${encodeURIComponent(page)}` : "";
    mayfly.#address = `${address.replace(/\/$/, "")}/ws/predictions${query}`;
    mayfly.#greeting = key ? JSON.stringify({ key, workspace }) : null;
    await mayfly.#open();
    return mayfly;
  }

  // The answer is what the same call by HTTP would give. `more`: version or alias, options, replaces.
  predict(model, records, more = {}) {
    const id = String(++this.#last);
    const text = JSON.stringify({ id, model, records, ...more });
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { text, resolve, reject });
      if (this.#line.readyState === this.#line.OPEN) this.#line.send(text);
    });
  }

  close() {
    this.#closed = true;
    this.#line.close();
  }

  // Connect, say who calls, and wait until that is accepted.
  async #open() {
    const line = new (await socketClass())(this.#address);
    await new Promise((resolve, reject) => {
      line.onopen = () => this.#greeting && line.send(this.#greeting);
      line.onmessage = resolve;
      line.onerror = () => {}; // the close that follows says more
      line.onclose = reject;
    });
    line.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    line.onclose = (event) => this.#again(event);
    this.#line = line;
  }

  #hear(told) {
    const asked = this.#waiting.get(told.id);
    if (!asked) return;
    this.#waiting.delete(told.id);
    if (told.problem) asked.reject(new Refused(told.problem));
    else asked.resolve(told.answer);
  }

  // Connect and ask once more what is unanswered: a prediction may be made twice.
  async #again({ code, reason }) {
    const tries = !this.#closed && AGAIN.includes(code) ? TRIES : 0;
    for (let number = 0; number < tries; number += 1) {
      await pause(Math.random() * Math.min(LONGEST, 200 * 2 ** number));
      try {
        await this.#open();
      } catch {
        continue;
      }
      for (const { text } of this.#waiting.values()) this.#line.send(text);
      return;
    }
    for (const { reject } of this.#waiting.values()) reject(new Error(`Closed: ${code} ${reason}`));
    this.#waiting.clear();
  }
}
