/** The summaries of a room at the fake server, and a worker whose key is that of rsa.json. */

import { open, pad, seal } from "../../../../static/js/crypto/box.js";
import { fromUtf8, unb64, utf8 } from "../../../../static/js/crypto/bytes.js";
import { pae } from "../../../../static/js/crypto/hash.js";
import { oaepOpen } from "../../../../static/js/crypto/roomkeys.js";
import { workerId } from "../../../../static/js/crypto/summary.js";
import { ada, NOW, rsa } from "../../crypto/cast.js";
import { refuse } from "../world.js";

export class FakeSummaries {
  worker = {
    spki: rsa.spki,
    engine: "extractive",
    models: ["extractive"],
    embedded: true,
    most_messages: 500,
    most_bytes: 100_000,
  };
  requests = new Map();
  shared = [];
  /** What the worker has read, in order. */
  opened = [];

  constructor(room) {
    this.room = room;
  }

  async answer(person, method, what, body) {
    if (method === "get" && !what) return this.all(person);
    if (what === "cache") return void this.shared.unshift({ ...body, at: NOW });
    if (method === "post") return this.take(person, body);
    const request = this.requests.get(what);
    if (!request) throw refuse(404, "not_found");
    if (method === "delete") return void this.requests.delete(what);
    return request;
  }

  all({ uid }) {
    const requests = [...this.requests.values()].filter((one) => one.uid === uid);
    return { worker: this.worker, summaries: this.shared, requests };
  }

  async take({ uid }, { rid, wk, ek, box, dis }) {
    if (!this.worker) throw refuse(503, "no_worker");
    if (wk !== (await workerId(this.worker.spki))) throw refuse(409, "wrong_worker");
    const request = { rid, uid, state: "queued", done: 0, total: 1, sealed: { ek, box }, dis };
    this.requests.set(rid, request);
    return request;
  }

  /** The worker does what waits. @param {string} text what it answers */
  async work(text = "In short.") {
    for (const request of this.requests.values()) {
      if (request.state !== "queued") continue;
      const { reply, ...question } = await this.#open(request);
      this.opened.push(question);
      const plain = pad(utf8(JSON.stringify({ text, model: question.model })));
      const answer = await seal(unb64(reply), "answer", { v: 1, rid: request.rid }, plain);
      Object.assign(request, { state: "done", done: 1, answer });
    }
  }

  async #open({ rid, uid, sealed }) {
    const context = { v: 1, rid, room: this.room, uid };
    const label = pae("ask", JSON.stringify(context));
    const key = await oaepOpen(ada.keys.rsa.privateKey, label, unb64(sealed.ek));
    return JSON.parse(fromUtf8(await open(key, "ask", context, sealed.box)));
  }
}
