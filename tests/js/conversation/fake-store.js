/** The interface of every part of the Store. What is kept is cloned, as IndexedDB does. */

class Memory {
  saved = new Map();
  #account;

  #get(kind, room) {
    return structuredClone(this.saved.get(`${kind}:${room}`));
  }

  #set(kind, room, value) {
    this.saved.set(`${kind}:${room}`, structuredClone(value));
  }

  async current() {
    return this.#account;
  }

  #pending = new Map();

  /** The rule of `AccountStore.install`. */
  async install(account) {
    const { kid, past = [] } = account;
    const before = this.#account;
    if (before && before.kid !== kid && !past.includes(before.kid)) throw new Error("other keys");
    if (before?.kid !== kid) this.#account = account;
    for (const one of [...this.#pending.values()])
      if (one.kid === kid || one.past.length < past.length) this.#pending.delete(one.kid);
    return before?.kid !== kid;
  }

  async pendingKeys() {
    return [...this.#pending.values()];
  }

  async savePendingKeys(made, file) {
    const pending = { ...made, kit: file };
    this.#pending.set(made.kid, pending);
    return pending;
  }

  async kitOf({ kit }) {
    return kit;
  }

  async eraseAccount() {
    this.#account = undefined;
    this.#pending.clear();
    this.saved.clear();
  }

  async pin(uid) {
    const kept = this.#get("pin", uid);
    return kept && { past: [], verified: "", ...kept };
  }

  async savePin(pin) {
    this.#set("pin", pin.uid, pin);
  }

  #all(kind) {
    const found = [...this.saved].filter(([key]) => key.startsWith(`${kind}:`));
    return structuredClone(found.map(([, value]) => value));
  }

  async pins() {
    return new Map(this.#all("pin").map((pin) => [pin.uid, { past: [], verified: "", ...pin }]));
  }

  async names() {
    return new Map(this.#all("name").map((record) => [record.name, record]));
  }

  async saveName(record) {
    this.#set("name", record.name, record);
  }

  async pinPeople(self, found) {
    for (const pin of [self, ...found]) {
      if (pin !== self && !this.#get("pin", pin.uid)) this.#set("pin", pin.uid, pin);
      const known = this.#get("name", pin.name);
      if (!known) await this.saveName({ name: pin.name, first: pin.uid, others: {} });
      else if (known.first !== pin.uid && !known.others[pin.uid])
        await this.saveName({ ...known, others: { ...known.others, [pin.uid]: "new" } });
    }
  }

  async verifiedHeads() {
    return Object.fromEntries(this.#all("log").map(({ state }) => [state.room, state.seq]));
  }

  async keptRooms() {
    return this.#all("log").map(({ state }) => state.room);
  }

  async log(room) {
    return this.#get("log", room);
  }

  async saveLog(room, state, identities) {
    this.#set("log", room, { state, identities });
  }

  async dropRoom(room) {
    for (const key of this.saved.keys()) if (key.endsWith(`:${room}`)) this.saved.delete(key);
  }

  async keys(room) {
    return this.#get("keys", room) ?? new Map();
  }

  async saveKey(room, e, key) {
    this.#set("keys", room, (this.#get("keys", room) ?? new Map()).set(e, key));
  }

  #rows(room) {
    return this.#get("rows", room) ?? [];
  }

  async resetRoom(room, dev) {
    for (const kind of ["log", "rows", "opened"]) this.saved.delete(`${kind}:${room}`);
    this.#set("chain", room, { dev, n: 0, pm: "", lh: 0, sh: [0, ""] });
    const entries = this.#entries(room).map(({ sealed: _old, seq: _gone, ...entry }) => ({
      ...entry,
      state: entry.state === "acked" ? "failed" : entry.state,
    }));
    this.#set("outbox", room, entries);
  }

  async dropKey(room, e) {
    const keys = this.#get("keys", room) ?? new Map();
    keys.delete(e);
    this.#set("keys", room, keys);
  }

  /** What was opened stands beside its row and goes with it. */
  #dropOpened(room, goes) {
    const kept = this.#get("opened", room) ?? new Map();
    this.#set("opened", room, new Map([...kept].filter(([seq]) => !goes(seq))));
  }

  async saveOpened(room, opened) {
    const kept = this.#get("opened", room) ?? new Map();
    for (const { row, value } of opened) {
      const now = this.#rows(room).find(({ seq }) => seq === row.seq);
      if (now?.ct === row.ct && now.sig === row.sig) kept.set(row.seq, value);
    }
    this.#set("opened", room, kept);
  }

  async opened(room, from, to) {
    const kept = this.#get("opened", room) ?? new Map();
    return new Map([...kept].filter(([seq]) => seq >= from && seq <= to));
  }

  async saveRows(room, rows) {
    this.#dropOpened(room, (seq) => rows.some((row) => row.seq === seq));
    const all = new Map([...this.#rows(room), ...rows].map((row) => [row.seq, row]));
    this.#set(
      "rows",
      room,
      [...all.values()].sort((a, b) => a.seq - b.seq),
    );
  }

  async addRows(room, rows, newest) {
    const here = new Set(this.#rows(room).map(({ seq }) => seq));
    await this.saveRows(
      room,
      rows.filter(({ seq }) => seq <= newest && !here.has(seq)),
    );
  }

  /** Without a gap, as the store gives them. */
  async lastRows(room, limit) {
    const rows = this.#rows(room).slice(-limit);
    const gap = rows.findLastIndex(({ seq }, at) => at > 0 && rows[at - 1].seq !== seq - 1);
    return rows.slice(Math.max(0, gap));
  }

  async rowsBefore(room, before, limit) {
    return this.#rows(room)
      .filter(({ seq }) => seq < before)
      .slice(-limit);
  }

  async trimRows() {}

  async rowsBetween(room, from, to) {
    return this.#rows(room).filter(({ seq }) => seq >= from && seq <= to);
  }

  async dropRows(room, seqs) {
    this.#dropOpened(room, (seq) => seqs.includes(seq));
    this.#set(
      "rows",
      room,
      this.#rows(room).filter(({ seq }) => !seqs.includes(seq)),
    );
  }

  async dropRowsAfter(room, last) {
    this.#dropOpened(room, (seq) => seq > last);
    this.#set(
      "rows",
      room,
      this.#rows(room).filter(({ seq }) => seq <= last),
    );
  }

  async chain(room) {
    return this.#get("chain", room);
  }

  #entries(room) {
    return this.#get("outbox", room) ?? [];
  }

  async entries(room) {
    return this.#entries(room).sort((a, b) => a.at - b.at);
  }

  async unsentRooms() {
    const waiting = [...this.saved].filter(
      ([key, entries]) =>
        key.startsWith("outbox:") && entries.some(({ state }) => state === "queued"),
    );
    return waiting.map(([key]) => key.slice("outbox:".length));
  }

  async unsentTexts() {
    const queues = [...this.saved].filter(([key]) => key.startsWith("outbox:"));
    const unsent = queues
      .flatMap(([, entries]) => entries)
      .filter(({ state }) => state !== "acked");
    return unsent
      .sort((a, b) => a.at - b.at)
      .flatMap(({ room, content: { body } }) => (body ? [{ room, text: body }] : []));
  }

  async all() {
    const drafts = [...this.saved].filter(([key]) => key.startsWith("draft:"));
    return drafts.map(([key, { text }]) => ({ room: key.slice("draft:".length), text }));
  }

  async addEntry(entry) {
    this.#set("outbox", entry.room, [...this.#entries(entry.room), entry]);
  }

  async updateEntry(entry, chain) {
    const entries = this.#entries(entry.room);
    const at = entries.findIndex(({ cid }) => cid === entry.cid);
    if (at < 0) return false;
    entries[at] = entry;
    this.#set("outbox", entry.room, entries);
    if (chain) this.#set("chain", entry.room, chain);
    return true;
  }

  async ackEntry(room, cid, seq) {
    const entry = this.#entries(room).find((item) => item.cid === cid);
    if (entry) await this.updateEntry({ ...entry, state: "acked", seq });
  }

  async dropEntry(room, cid) {
    const entries = this.#entries(room);
    this.#set(
      "outbox",
      room,
      entries.filter((item) => item.cid !== cid),
    );
  }

  async summaryRequests(room) {
    return Object.values(this.#get("asks", room) ?? {}).map((ask) => ({ ...ask, room }));
  }

  async saveSummaryRequest(room, ask) {
    this.#set("asks", room, { ...this.#get("asks", room), [ask.rid]: ask });
  }

  async dropSummaryRequest(room, rid) {
    const { [rid]: _gone, ...rest } = this.#get("asks", room) ?? {};
    this.#set("asks", room, rest);
  }

  async setting(name) {
    return this.#get("setting", name);
  }

  async sealedSetting(name) {
    return this.#get("sealed", name);
  }

  async saveSealedSetting(name, value) {
    this.#set("sealed", name, value);
  }

  async saveSetting(name, value) {
    this.#set("setting", name, value);
  }

  async progress(room, what) {
    return this.#get(`mark-${what}`, room);
  }

  async saveProgress(room, what, value) {
    this.#set(`mark-${what}`, room, value);
  }

  async sealedProgress(room, what) {
    return this.#get(`sealed-mark-${what}`, room);
  }

  async saveSealedProgress(room, what, value) {
    this.#set(`sealed-mark-${what}`, room, value);
  }

  async archive(room) {
    return [...(this.#get("archive", room) ?? new Map()).values()];
  }

  async saveArchive(room, segments, mark) {
    const all = this.#get("archive", room) ?? new Map();
    for (const [segment, value] of segments) {
      if (value) all.set(segment, value);
      else all.delete(segment);
    }
    this.#set("archive", room, all);
    this.#set("mark-archive", room, mark);
  }

  async dropArchive(room) {
    for (const kind of ["archive", "mark-archive"]) this.saved.delete(`${kind}:${room}`);
  }
}

/** A Store whose parts are one object in memory. */
export class FakeStore {
  #memory = new Memory();
  accounts = this.#memory;
  people = this.#memory;
  rooms = this.#memory;
  messages = this.#memory;
  outbox = this.#memory;
  drafts = this.#memory;
  settings = this.#memory;
  saved = this.#memory.saved;

  part() {
    return this.#memory;
  }

  eraseAccount() {
    return this.#memory.eraseAccount();
  }
}
