/** A room's messages in order, a window of them: it moves anywhere, and shows its gaps. */

import { loadCode } from "../load-code.js";
import { TaskQueue } from "../queue.js";
import { MessageDecoder } from "./decode-message.js";
import { IncomingMessages } from "./incoming-messages.js";
import { KeptResults } from "./kept-results.js";
import { MessageWindow } from "./message-window.js";
import { RoomHistory } from "./room-history.js";

/** @typedef {import("./decode-message.js").StoredMessage} StoredMessage */
/** @typedef {import("./decode-message.js").DecodedMessage} DecodedMessage */
/** @typedef {import("./decode-message.js").Message} Message */
/** @typedef {import("./message-window.js").Span} Span */
/** @typedef {import("./missing-messages.js").MissingMessages} MissingMessages */
/**
 * @typedef {object} OutboxWatch the outbox, which knows what the server has acknowledged
 * @property {(read: DecodedMessage) => Promise<void>} stored told of every row that is placed
 * @property {() => number[]} expected seqs of messages that were acknowledged and not yet seen
 * @property {(seq: number) => number} sealedAt when one of these was sealed, ms
 */

const LOST = "lost"; // the mark of a room of which messages are kept that the server lost

/**
 * Events: `items` (added or changed; detail is a list), `dropped` (detail: seqs that are not held any
 * more), `received` (new messages, whether or not they are shown; detail is a list), `reset` (all
 * that was shown is void), `lost` (`lost` has changed).
 */
export class TimelineModel extends EventTarget {
  #decoder;
  #outbox;
  #history;
  #window;
  /** @type {MissingMessages | null} loaded with the first answer that is compared with what was kept */
  #missing = null;
  #loadMissing;
  #dropEnded;
  #hasLost;
  #joined;
  #incoming;
  /** @type {import("./window-moves.js").WindowMoves | null} loaded with the first move */
  #moves = null;
  #makeMoves;
  #queue = new TaskQueue();
  /** @type {ReturnType<IncomingMessages["readKept"]> | null} */
  #ahead = null;
  /** Tells whether the reader stands at the newest message, and goes on with what comes. */
  isFollowing = () => true;

  /**
   * @param {import("../account/account.js").Account} me @param {import("../room/room-session.js").RoomSession} session
   * @param {OutboxWatch} watch
   */
  constructor(me, session, watch) {
    super();
    this.#window = new MessageWindow(session.seen, session.hasEnded);
    this.#decoder = new MessageDecoder(me, session);
    this.#outbox = watch;
    this.#history = new RoomHistory(me, session);
    const parts = {
      decoder: this.#decoder,
      history: this.#history,
      window: this.#window,
      outbox: watch,
    };
    const results = new KeptResults(me, session);
    const later = (/** @type {() => Promise<void>} */ task) =>
      this.#queue.add(task).catch(() => {});
    const onLost = () => this.dispatchEvent(new Event("lost"));
    this.#loadMissing = async () => {
      const { MissingMessages } = await loadCode(() => import("./missing-messages.js"));
      this.#missing ??= new MissingMessages(me, session, { ...parts, onLost });
      return this.#missing;
    };
    this.#dropEnded = async () => {
      if (session.state.policy.ttl === 0) return;
      const { dropEnded } = await loadCode(() => import("./drop-ended.js"));
      await dropEnded(me, session);
    };
    this.#hasLost = () => me.store.settings.progress(session.id, LOST);
    // The number of the event since which the account is in the room.
    this.#joined = () => {
      const spans = session.state.spans.get(me.uid) ?? [];
      const whole = spans.findLast(({ from }, at) => spans[at - 1]?.to !== from);
      return whole?.from ?? 0;
    };
    const shows = {
      onAnew: (/** @type {Span} */ span) => this.#startAnew(span),
      onItems: (/** @type {Message[]} */ items) => this.#emitItems(items),
    };
    const moved = {
      ...parts,
      ...shows,
      results,
      later,
      loadMissing: this.#loadMissing,
      onShow: (/** @type {Span} */ span) => this.#show(...span),
      onRewound: () => this.#incoming.rewound(),
    };
    this.#makeMoves = async () => {
      const [{ WindowMoves }] = await Promise.all([
        loadCode(() => import("./window-moves.js")),
        this.#loadMissing(),
      ]);
      return new WindowMoves(me, session, moved);
    };
    this.#incoming = new IncomingMessages(me, session, {
      ...parts,
      results,
      loadMissing: this.#loadMissing,
      follows: () => this.isFollowing(),
      ...shows,
      onDropped: (gone) => this.#emit("dropped", gone),
      onReceived: (items) => this.#emit("received", items),
      later,
    });
  }

  /** Messages of others that the server no longer has, in batches. */
  get lost() {
    return this.#missing?.batches ?? [];
  }

  /** The last number up to which nothing is missing. */
  get newest() {
    return this.#window.newest;
  }

  /** The newest message held, for the next header. */
  get highest() {
    return this.#window.highest;
  }

  /** Tells whether a number is among those that are shown. @param {number} seq */
  shows(seq) {
    return this.#window.shows(seq);
  }

  /** Tells whether there are earlier messages than those that are shown. */
  get hasOlder() {
    return this.#window.hasOlder;
  }

  /** Tells whether there are later messages than those that are shown. */
  get hasNewer() {
    return this.#window.hasNewer;
  }

  /** Tells whether the first message here is not the room's first: earlier ones have expired. */
  get startsLate() {
    return this.#window.startsLate;
  }

  // --- the window ------------------------------------------------------------------------------

  /** Begins to read what this browser has kept, before it is loaded. */
  readAhead() {
    this.#ahead = this.#incoming.readKept();
    this.#ahead.catch(() => {}); // `load` says why
  }

  /**
   * Loads what this browser has kept, else the newest page; then, if there is something unread, shows
   * the messages around the first of it. A room of which nothing was ever read, and of which the newest
   * page holds older messages than the account's membership, opens at its end.
   * @param {number} [unread] seq of the first unread message, 0 for none
   * @returns {Promise<boolean>} false if there is no answer for those around the first unread one
   */
  load(unread = 0) {
    return this.#queue.add(async () => {
      const kept = this.#ahead ?? this.#incoming.readKept();
      this.#ahead = null;
      if (await this.#hasLost()) await (await this.#loadMissing()).load();
      await this.#incoming.load(await kept);
      // Without an answer what was kept is shown, and what was missed follows it later.
      const wanted = unread > 1 || (unread === 1 && this.#beganLater());
      const went = !wanted || (await this.#tryMove((moves) => moves.goTo(unread)));
      await this.#checkAcknowledged(this.#outbox.expected());
      this.#queue.add(this.#dropEnded).catch(() => {}); // it is not shown, and goes at the next visit
      return went;
    });
  }

  /**
   * Lets go of messages that the room's rules have ended meanwhile, here and in what this browser keeps.
   * @returns {Promise<boolean>} whether some were shown
   */
  end() {
    return this.#queue.add(async () => {
      const lost = () => this.lost.reduce((sum, { items }) => sum + items.length, 0);
      const [gone, before] = [this.#window.end(), lost()];
      await this.#missing?.end();
      if (gone.length === 0 && lost() === before) return false;
      this.#emit("dropped", gone);
      await this.#dropEnded();
      return true;
    });
  }

  /** Tells whether all that is shown was written since the account is in the room. */
  #beganLater() {
    const known = this.#window.items().filter(({ author }) => author.uid !== "");
    return this.hasOlder && known.every(({ lh }) => lh >= this.#joined());
  }

  /** @param {(moves: import("./window-moves.js").WindowMoves) => Promise<void>} go
   * @returns {Promise<boolean>} whether it could */
  async #tryMove(go) {
    return this.#move(go).then(
      () => true,
      () => false,
    );
  }

  /** Starts again from the newest page, because too much was missed. What an older window shows
   * stays. */
  reload() {
    return this.#queue.add(() => this.#incoming.loadNewest());
  }

  /**
   * Shows the messages around one, wherever it is.
   * @param {number} seq
   * @returns {Promise<boolean>} whether it is there
   */
  goTo(seq) {
    return this.#queue.add(async () => {
      await this.#move((moves) => moves.goTo(seq));
      return this.#window.get(seq) !== undefined && this.shows(seq);
    });
  }

  /**
   * Shows the messages around the first one of a time. The server names it; where the times that the
   * senders signed contradict it, it is found by halving.
   * @param {number} at ms
   * @returns {Promise<number>} its seq; that of the newest one if none is so late, 0 in an empty room
   */
  goToTime(at) {
    return this.#queue.add(() => this.#move((moves) => moves.goToTime(at)));
  }

  /**
   * Reads a message wherever it is, with all later changes that the server names, and judges them
   * by all that was seen. What is shown stays.
   * @param {number} seq
   * @returns {Promise<Message[]>} in order of seq; none if it is not there
   */
  read(seq) {
    return this.#queue.add(() => this.#move((moves) => moves.read(seq)));
  }

  /** Shows the newest messages. */
  goToNewest() {
    return this.#queue.add(() => this.#move((moves) => moves.goToNewest()));
  }

  /** Adds a page of older messages. @param {boolean} [few] only as many as a view lacks */
  older(few = false) {
    return this.#queue.add(() => this.#move((moves) => moves.older(few)));
  }

  /** Adds a page of later messages. */
  newer() {
    return this.#queue.add(() => this.#move((moves) => moves.newer()));
  }

  /** @template Result
   * @param {(moves: import("./window-moves.js").WindowMoves) => Promise<Result>} go */
  async #move(go) {
    this.#decoder.prepare();
    this.#moves ??= await this.#makeMoves();
    return go(this.#moves);
  }

  /** @param {Span} span */
  #startAnew([low, high]) {
    this.#window.show(low, high);
    this.dispatchEvent(new Event("reset"));
    this.#emitItems(this.#window.items());
  }

  /** @param {number} low @param {number} high */
  #show(low, high) {
    this.#emit("dropped", this.#window.show(low, high));
  }

  /** @param {Message[]} items */
  #emitItems(items) {
    const detail = items.filter(({ seq }) => this.#window.get(Number(seq)));
    if (detail.length > 0) this.#emit("items", detail);
  }

  /** @param {string} name @param {Message[] | number[]} detail */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  // --- what comes ------------------------------------------------------------------------------

  /** Takes new rows in order. Idempotent. @param {StoredMessage[]} rows */
  receive(rows) {
    return this.#queue.add(() => this.#incoming.receive(rows));
  }

  /** Shows in another light what others have read of the room contradicts, such as its list.
   * @param {number[]} seqs of messages with a new verdict */
  judge(seqs) {
    this.#emitItems(this.#window.judgedByOthers(seqs));
  }

  /** Decrypts locked messages again, with keys that came. */
  retryLocked() {
    return this.#queue.add(() => this.#incoming.retryLocked());
  }

  // --- acknowledged and missing --------------------------------------------------------------------

  /** Checks that acknowledged messages are at their numbers, within what is loaded. */
  checkAcknowledged() {
    return this.#queue.add(() =>
      this.#checkAcknowledged(this.#outbox.expected().filter((seq) => seq <= this.newest)),
    );
  }

  /** @param {number[]} seqs of messages that the server has acknowledged */
  async #checkAcknowledged(seqs) {
    if (seqs.length > 0) await (await this.#loadMissing()).checkAcknowledged(seqs);
  }

  /**
   * Handles a server that seems to have fewer messages than were seen here. If one of the user's
   * own is gone, it cheats or restored an old copy; messages of others stay readable and are marked
   * as lost. A closed room's messages stay as they are.
   */
  rewound() {
    return this.#queue.add(() => this.#incoming.rewound());
  }
}
