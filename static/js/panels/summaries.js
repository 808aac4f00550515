/** The summaries panel: requests a summary, follows it, lists shared ones. */

import { factsOf, roomEnd } from "../conversation/room/room-end.js";
import { BrowserModel } from "../conversation/summaries/browser-model.js";
import { BrowserSummary } from "../conversation/summaries/browser-summary.js";
import { SummaryDraft } from "../conversation/summaries/draft.js";
import { OfferPolicy } from "../conversation/summaries/offer-policy.js";
import { Summaries } from "../conversation/summaries/summaries.js";
import { announce, byId } from "../ui/dom.js";
import { summaryStrings as strings } from "../ui/strings/summary.js";
import { stateText, summaryPanel, troubleText } from "../ui/summary/summary.js";
import { full } from "../ui/time.js";
import { SummaryOffers } from "./summary-offers.js";

export class SummaryPanel {
  #session;
  /** Returns the reason why nothing can be written in the room, if there is one. */
  #endOf;
  #blocks;
  #panel;
  #opener = byId("open-summary");
  #summaries;
  #offering;
  #offers;
  /** @type {(seq: number) => void} */
  #jump = () => {};
  #onRules;
  #onSummaries;
  #draft;
  #browser = new BrowserSummary(new BrowserModel(navigator.language), () => this.#draw());
  #loadProblem = "";
  #begun = false;
  #toAsk = false;
  #fresh = 0;
  #announced = "";

  /**
   * @param {import("../conversation/account/account.js").Account} me
   * @param {import("../conversation/chat.js").Chat} chat
   * @param {import("../conversation/room/room-session.js").RoomSession} session
   * @param {import("../ui/panel.js").Panel} panel
   * @param {{unreadAfter: number, onRules: () => void, onSummaries: (requests: Set<number>) => void}} visit
   *   `unreadAfter`: seq that was read when the room was opened; `onRules` shows the room's rules;
   *   `onSummaries` is told of requests whose result is there, by their seqs in the log
   * @param {AbortSignal} signal aborted when the room is left
   */
  constructor(me, chat, session, panel, { unreadAfter, onRules, onSummaries }, signal) {
    this.#session = session;
    this.#panel = panel;
    this.#blocks = chat.blocks;
    this.#endOf = () => {
      const about = {
        listed: chat.serverRoom(session.id),
        signedOut: chat.status === "signed-out",
      };
      return roomEnd(factsOf(me, session, about))?.kind;
    };
    this.#onRules = onRules;
    this.#onSummaries = onSummaries;
    this.#summaries = new Summaries(me, session, {
      isHidden: chat.blocks.isHidden,
    });
    this.#draft = new SummaryDraft(this.#summaries, unreadAfter, navigator.language);
    this.#offering = new OfferPolicy(me, session, this.#summaries);
    this.#summaries.addEventListener("changed", () => this.#onSummariesChanged());
    this.#summaries.addEventListener("done", (event) =>
      this.#onDone(/** @type {CustomEvent} */ (event).detail.dis),
    );
    this.#offers = new SummaryOffers(this.#offering, {
      onOpen: (toAsk) => this.open(this.#opener, null, toAsk),
      onDue: () => this.#summariseAutomatically(),
    });
    const changed = () => {
      this.start(this.#jump); // the rules may have changed
      this.#offers.onRoomChanged();
      this.#update();
    };
    session.addEventListener("changed", changed, { signal });
    const drawn = () => this.#draw(); // another end may have come, or be over
    session.addEventListener("frozen", drawn, { signal });
    chat.addEventListener("status", drawn, { signal });
    chat.blocks.addEventListener("changed", drawn, { signal });
    const progressed = (/** @type {Event} */ event) => {
      const { detail } = /** @type {CustomEvent} */ (event);
      if (detail.room === session.id) this.#summaries.onFrame(detail).catch(() => {}); // looked for again
    };
    chat.addEventListener("summary", progressed, { signal });
  }

  /** @param {(seq: number) => void} jump shows a message in the conversation */
  start(jump) {
    this.#jump = jump;
    this.#begin().catch(() => {}); // said when the panel is opened
  }

  /** Begins, unless summaries are off and none is waited for: nothing is fetched then. */
  async #begin() {
    const off = this.#session.state.policy.ai === "off";
    if (this.#begun || (off && !(await this.#summaries.awaitsAnswer()))) return;
    this.#begun = true;
    await this.#summaries.load();
    await this.#offers.load();
  }

  close() {
    this.#summaries.close();
    this.#draft.stop();
    this.#browser.stop();
    this.#offers.close();
  }

  // --- the panel -----------------------------------------------------------------------------------

  /** @param {HTMLElement} from @param {{seq: number, ts: number} | null} [start] the message from
   *   which on a summary is wanted
   * @param {boolean} [toAsk] whether the person wants to ask for one, and not to read */
  async open(from, start = null, toAsk = start !== null || from !== this.#opener) {
    const again = this.#panel.isShowing("summary");
    this.#toAsk = toAsk;
    this.#draft.selection.reset(start);
    this.#draft.drop();
    if (start && again) this.#draw();
    else this.#panel.open(from, strings.summary.title, this.#nodes(), "summary");
    if (!this.#panel.isShowing("summary")) return;
    await this.#load();
  }

  async #load() {
    this.#loadProblem = "";
    this.#draft.problem = "";
    this.#browser.look();
    try {
      await this.#summaries.load();
    } catch (error) {
      this.#loadProblem = error.message;
      return this.#draw();
    }
    this.#update();
  }

  /** Renders the panel, and collects the messages to preview if that was not done: the policy may
   * have changed, or a request failed. */
  #update() {
    if (this.#draft.isEmpty && this.#summaries.loaded && this.#panel.holds("summary"))
      this.#collect();
    else this.#draw();
  }

  /** Shows the answer to a request, and summaries that others shared. */
  #onSummariesChanged() {
    const { running, error: trouble } = this.#summaries;
    const now = running ? stateText(running) : trouble ? troubleText(trouble) : "";
    if (now !== this.#announced && now !== "") announce(now);
    this.#announced = now;
    const proven = this.#summaries.shared.filter(({ why }) => why !== "bad");
    this.#onSummaries(new Set(proven.map(({ dis }) => dis)));
    if (running) this.#offers.hide();
    this.#update();
  }

  /** @param {number} dis */
  #onDone(dis) {
    this.#fresh = dis;
    this.#draft.drop();
    announce(strings.summary.ready);
    if (!this.#panel.isShowing("summary")) return this.#offers.showReady();
    this.#draw();
    this.#panel.focusOn(`.summary[data-dis="${dis}"]`);
    this.#collect();
  }

  #draw() {
    this.#panel.refresh("summary", () => this.#nodes());
  }

  /** @returns {Node[]} */
  #nodes() {
    const { loaded, shared } = this.#summaries;
    const over = overText(this.#endOf()); // what was asked for does not come any more
    const running = over || this.#waits ? null : this.#summaries.running;
    const trouble = over ? null : this.#summaries.error;
    const stopped = this.#stopped();
    return summaryPanel({
      loading: !loaded && !this.#loadProblem && !over,
      stopped: running ? null : stopped,
      running,
      trouble,
      asking: running || stopped ? null : this.#asking(),
      shared,
      isHidden: this.#blocks.isHiddenName,
      toAsk: this.#toAsk,
      fresh: this.#fresh,
      habit:
        this.#session.state.policy.ai === "auto" && !stopped
          ? { allowed: this.#offering.allowed, onAllow: (on) => this.#offers.allow(on) }
          : null,
      onCancel: () => this.#cancel(),
      onJump: (seq) => this.#show(seq),
      onCopy: async (text) => {
        await navigator.clipboard.writeText(text);
        announce(strings.copied);
      },
    });
  }

  /** Tells whether a summary that was asked for cannot be shared before something is decided or done. */
  get #waits() {
    const held = !this.#session.writable || this.#endOf() === "signed-out";
    return this.#summaries.running !== null && held;
  }

  /** Returns the reason why no summary can be requested, and what to do about it. */
  #stopped() {
    const { state, mine, writable } = this.#session;
    const words = strings.summary;
    const over = overText(this.#endOf());
    if (over) return { text: over };
    if (this.#waits) return { text: words.waits };
    if (this.#loadProblem) return { text: this.#loadProblem, onRetry: () => this.#load() };
    if (!writable) return { text: words.readOnly };
    if (state.policy.ai === "off") {
      if (mine?.role === "owner") return { text: words.offMine, onRules: this.#onRules };
      const owner = [...state.members.values()].find(({ role }) => role === "owner");
      return { text: words.off(owner?.name ?? ""), onRules: this.#onRules };
    }
    return null;
  }

  /** @returns {import("../ui/summary/ask.js").Asking | null} */
  #asking() {
    const { worker, previousKey: formerly } = this.#summaries;
    const allowed = this.#session.state.policy.ai !== "device";
    const { range, masked, anew, here: wanted } = this.#draft.selection;
    const mayChoose = allowed && worker !== null;
    const here = wanted || !mayChoose;
    const preview = here ? null : this.#draft.preview();
    const picked = here ? this.#draft.picked : "";
    return {
      ranges: this.#ranges(),
      range,
      model: this.#draft.model,
      masked,
      anew,
      base: here ? null : (this.#draft.preview(false)?.earlier ?? null),
      here,
      mayChoose,
      allowed,
      picked,
      writing: picked ? this.#browser.of(this.#draft.collected) : null,
      gathered: this.#draft.collected,
      state: preview || picked ? "ready" : this.#draft.missingReason(),
      problem: this.#draft.problem,
      preview,
      worker,
      formerly,
      onChange: (change) => this.#change(change),
      onBelieve: () => this.#summaries.trustWorker(),
      onRetry: () => this.#collect(),
      onSend: () => preview && this.#send(preview),
      onJump: (seq) => this.#show(seq),
      onWrite: () => this.#browser.write(),
      onStop: () => this.#stopWriting(),
    };
  }

  #stopWriting() {
    this.#browser.stop();
    this.#draw();
  }

  /** @returns {[string, string][]} */
  #ranges() {
    const { ranges, fromMessage } = strings.summary;
    /** @type {[string, string][]} */
    const usual = Object.entries(ranges);
    const { start } = this.#draft.selection;
    return start ? [["from", fromMessage(full(start.ts))], ...usual] : usual;
  }

  /** @param {import("../conversation/summaries/selection.js").Change} change */
  #change(change) {
    this.#draft.selection.change(change);
    if (change.range) this.#collect();
    else this.#draw();
  }

  /** Reads the messages of the chosen range. */
  async #collect() {
    this.#draft.stop();
    this.#draft.selection.chooseUsual(this.#offers.newest);
    if (this.#stopped() || this.#summaries.running) return this.#draw();
    await this.#draft.collect(() => this.#draw());
  }

  /** @param {import("../conversation/summaries/compose-request.js").SummaryPreview} preview */
  async #send(preview) {
    this.#fresh = 0;
    this.#draft.drop();
    const asked = this.#summaries.ask(preview);
    this.#panel.focusOn('[data-key="cancel"]');
    await asked;
    if (this.#summaries.error) await this.#askAgain();
  }

  async #askAgain() {
    await this.#collect();
    this.#panel.focusOn("#summary-range");
  }

  async #cancel() {
    await this.#summaries.cancel();
    announce(strings.summary.cancelled);
    await this.#askAgain();
  }

  /** @param {number} seq */
  #show(seq) {
    if (matchMedia("(max-width: 640px)").matches) this.#panel.close();
    this.#jump(seq);
  }

  /** The newest message. @param {number} newest seq */
  setNewest(newest) {
    this.#offers.setNewest(newest);
  }

  /** Requests a summary of everything since the last one, if the user has allowed that for good. */
  async #summariseAutomatically() {
    await this.#summaries.load();
    const preview = await this.#draft.previewSinceLast();
    if (preview) await this.#summaries.ask(preview);
  }
}

/** Returns a sentence on summaries where the room has ended or was stopped; "" where it goes on.
 * @param {string} [kind] of the end */
function overText(kind = "") {
  const { over } = strings.summary;
  return Object.hasOwn(over, kind) ? over[kind] : "";
}
