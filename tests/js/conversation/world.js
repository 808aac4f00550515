/** A server and browsers in memory: the real crypto and conversation, everything else a fake. */

import { createRoom } from "../../../static/js/conversation/room/create.js";
import { RoomSession } from "../../../static/js/conversation/room/room-session.js";
import { newId } from "../../../static/js/crypto/bytes.js";
import { ApiError } from "../../../static/js/net/api.js";
import { NOW } from "../crypto/cast.js";
import { FakeStore } from "./fake-store.js";
import { emptyRoom } from "./world-room.js";

const WAIT = 10_000; // ms

export const refuse = (status, code, extra = {}) =>
  new ApiError(status, { code, detail: code, ...extra });

/** Holds rooms as the server does, without checking what clients must check for themselves. */
export class World {
  rooms = new Map();
  people = new Map();
  blocks = new Map(); // uids of blocked people, by who has blocked them
  /** @type {[string, string, string][]} who, method, path */
  calls = [];
  /** Called before each request; may throw what the server would answer. */
  before = () => {};

  /** A browser of somebody from the cast, with storage of its own. */
  browser(person, { store = new FakeStore() } = {}) {
    this.people.set(person.kid, person);
    const call = (method) => async (path, body) => {
      this.calls.push([person.name, method, path]);
      await this.before(person, method, path, body);
      return structuredClone(await this.answer(person, method, path, body));
    };
    const { uid, name, kid, keys } = person;
    const ahead = new Map();
    const api = {
      get: async (path) => {
        const begun = ahead.get(path);
        ahead.delete(path);
        return begun ?? call("get")(path);
      },
      readAhead: (paths) => {
        for (const path of paths) ahead.set(path, call("get")(path));
      },
      post: call("post"),
      put: call("put"),
      delete: call("delete"),
    };
    const clock = { now: () => NOW, set: () => {} };
    return { uid, name, kid, past: [], keys, dev: newId(), store, api, clock };
  }

  answer(person, method, path, body) {
    const [address, query = ""] = path.split("?");
    const [, first, id, ...rest] = /^(\w+)\/?(\w*)\/?(.*)$/.exec(address) ?? [];
    if (first === "identities") return this.identities(query);
    if (first === "users") return this.find(id);
    if (first === "blocks") return this.block(person, method, id);
    if (method === "post" && path === "chatrooms") return this.create(body);
    if (path === "chatrooms") return this.list(person);
    if (id === "join") return this.join(person, method, rest[0], body);
    const room = this.rooms.get(id);
    if (!room) throw refuse(404, "not_found");
    return room.answer(person, method, rest[0], new URLSearchParams(query), body);
  }

  identities(query) {
    const kids = new URLSearchParams(query).getAll("kid");
    return { identities: kids.map((kid) => this.people.get(kid).signed) };
  }

  block({ uid }, method, other) {
    const blocked = this.blocks.get(uid) ?? new Set();
    this.blocks.set(uid, blocked);
    if (method === "put") blocked.add(other);
    if (method === "delete") blocked.delete(other);
    return { blocks: [...blocked].map((one) => ({ uid: one, name: "" })) };
  }

  find(name) {
    const found = [...this.people.values()].find((person) => person.name === name);
    if (!found) throw refuse(404, "no_such_person");
    return { uid: found.uid, name, identity: found.signed };
  }

  async create({ event, sig, wraps }) {
    const room = emptyRoom(this, JSON.parse(event).room);
    await room.append({ event, sig, wraps });
    this.rooms.set(room.id, room);
    return { id: room.id, head: room.head };
  }

  list(person) {
    const rooms = [...this.rooms.values()].filter((room) => room.members.has(person.uid));
    return { now: NOW, rooms: rooms.map((room) => room.listed()) };
  }

  join(person, method, rest, body) {
    const [iid, part] = rest.split("/");
    const room = [...this.rooms.values()].find(({ links }) => links.has(iid));
    if (!room) throw refuse(404, "invite_unknown");
    return room.join(person, part ?? method, iid, body);
  }
}

/** A room of Ada's, and her session in it. */
export async function adasRoom(world, me, about = { name: "Orchard", topic: "Apples" }) {
  const id = await createRoom(me, about);
  return { id, room: world.rooms.get(id), session: await sessionOf(me, id) };
}

export async function sessionOf(me, id) {
  const session = new RoomSession(me, id);
  await session.load();
  return session;
}

/** Locks that queue, as the browser's do. */
export function fakeLocks() {
  const turns = new Map();
  return {
    request(name, work) {
      const turn = (turns.get(name) ?? Promise.resolve()).then(work, work);
      turns.set(
        name,
        turn.catch(() => {}),
      );
      return turn;
    },
  };
}

/** Channels between tabs that were made by the same function. */
export function fakeChannels() {
  const open = new Map();
  return (name) => {
    const channel = {
      onmessage: null,
      postMessage: (data) => {
        for (const other of open.get(name)) if (other !== channel) other.onmessage?.({ data });
      },
      close: () => open.get(name).delete(channel),
    };
    open.set(name, (open.get(name) ?? new Set()).add(channel));
    return channel;
  };
}

/** Resolves when `check()` is true; the event loop turns meanwhile, also under mocked timers. */
export async function until(check, what = "what was waited for") {
  const end = performance.now() + WAIT;
  while (performance.now() < end) {
    if (await check()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`${what} did not happen`);
}

/** A text as the outbox takes it. */
export const words = (body) => ({ t: "text", body });
