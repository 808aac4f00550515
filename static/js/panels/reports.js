/** Reports of abuse in a room: reporting a message, and the leaders' list. */

import { removeMember } from "../conversation/room/members.js";
import { reportedContent } from "../conversation/room/reported-content.js";
import { fetchReports, noteHandled, reportable, sendReport } from "../conversation/room/reports.js";
import { leads } from "../crypto/room-state.js";
import { ask } from "../ui/dialog.js";
import { announce } from "../ui/dom.js";
import { ReportForm } from "../ui/reports/report-form.js";
import { reportsPanel } from "../ui/reports/reports.js";
import { reportStrings as words } from "../ui/strings/reports.js";

/** @typedef {import("../conversation/messages/timeline-items.js").TimelineItem} TimelineItem */
/** @typedef {import("../conversation/room/reports.js").RoomReport} RoomReport */
/** @typedef {import("../ui/reports/reports.js").Outcome} Outcome */
/** @typedef {import("../ui/reports/reports.js").ReportLine} ReportLine */

export class ReportsPanel {
  #me;
  #session;
  #panel;
  #outbox;
  #jump = (/** @type {number} */ _seq) => {};

  /**
   * @param {import("../conversation/account/account.js").Account} me
   * @param {import("../conversation/room/room-session.js").RoomSession} session
   * @param {import("../ui/panel.js").Panel} panel
   * @param {import("../conversation/messages/outbox.js").Outbox} outbox
   */
  constructor(me, session, panel, outbox) {
    this.#me = me;
    this.#session = session;
    this.#panel = panel;
    this.#outbox = outbox;
  }

  /** Tells how a message is shown in the conversation. @param {(seq: number) => void} jump */
  start(jump) {
    this.#jump = jump;
  }

  /** Tells whether this member may see the reports to the room. */
  get mayRead() {
    const { mine, state } = this.#session;
    return Boolean(mine && leads(mine)) && state.kind === "group" && !state.ended;
  }

  /** Asks what a report should say, and sends it. @param {TimelineItem} line */
  async report(line) {
    const edited = line.edits?.at(-1);
    const ref = edited ?? /** @type {const} */ ([Number(line.seq), line.id]);
    const message = await reportable(this.#me, this.#session, ref).catch((error) => {
      throw error.name === "NotReportableError" ? new Error(words.gone) : error;
    });
    const answer = await new ReportForm({
      author: line.author.name,
      text: line.text,
      edited: edited !== undefined,
      files: message.files,
      leaders: message.names,
      noRoom: this.#noRoom(message),
      site: message.site,
    }).show();
    if (!answer) return;
    await sendReport(this.#me, this.#session, message, answer);
    announce(words.sent);
  }

  /** @param {import("../conversation/room/reports.js").Reportable} message */
  #noRoom({ leaders, unapproved }) {
    if (this.#session.state.kind === "direct") return words.noRoomDirect;
    if (unapproved.length > 0) return words.newKey(unapproved);
    return leaders.length === 0 ? words.noRoom : "";
  }

  /** Shows the list, on top of what the panel shows. */
  async show() {
    this.#panel.push("reports", words.listTitle, await this.#nodes());
  }

  /** @returns {Promise<Node[]>} */
  async #nodes() {
    const { reports, refused } = await fetchReports(this.#me, this.#session);
    return reportsPanel({
      reports: reports.map((one) => this.#line(one)),
      refused,
      onShow: (seq) => this.#jump(seq),
      onHandle: async (line, outcome) => {
        const done = await this.#handle(line, outcome, reports);
        if (!done) return;
        const nodes = await this.#nodes();
        this.#panel.refresh("reports", () => nodes);
      },
    });
  }

  /** @param {RoomReport} given @returns {ReportLine} */
  #line({ opened, state, handler }) {
    const { report, header, content, why, note } = opened;
    return {
      rid: report.rid,
      state,
      handler: handler && (this.#session.nameOf(handler) || handler),
      reporter: this.#session.nameOf(report.uid),
      reported: report.ts,
      author: this.#session.nameOf(header.uid),
      written: header.ts,
      ...reportedContent(content),
      why,
      note,
      seq: report.seq,
      may: state === "open" ? this.#may(header.uid) : [],
    };
  }

  /** @param {string} author @returns {Outcome[]} */
  #may(author) {
    const { mine, state } = this.#session;
    const member = state.members.get(author);
    const over = mine?.role === "owner" || member?.role === "member";
    const out = member && over && author !== this.#me.uid;
    return ["erased", ...(out ? /** @type {const} */ (["removed", "banned"]) : []), "dismissed"];
  }

  /** Deletes a message; of a reported edit also the message that it changed.
   * @param {import("../crypto/report.js").OpenedReport} opened */
  #erase({ report, content }) {
    const { t, of } = /** @type {{t: string, of?: import("../crypto/content.js").Ref}} */ (content);
    const whole = t === "edit" && of ? [of] : [];
    return this.#outbox.add({ t: "delete", of: [...whole, [report.seq, report.id]] });
  }

  /** @param {ReportLine} line @param {Outcome} outcome @param {RoomReport[]} reports
   * @returns {Promise<boolean>} whether it was done */
  async #handle(line, outcome, reports) {
    const found = reports.find(({ opened }) => opened.report.rid === line.rid);
    if (!found) return false;
    const { header } = found.opened;
    const questions = {
      erased: words.eraseAsk,
      removed: words.removeAsk(line.author),
      banned: words.banAsk(line.author),
      dismissed: null,
    };
    const question = questions[outcome];
    if (question && !(await ask({ ...question, danger: true }))) return false;
    if (outcome === "erased") await this.#erase(found.opened);
    else if (outcome !== "dismissed") {
      const whom = { uid: header.uid, ban: outcome === "banned" };
      await removeMember(this.#me, this.#session, whom, () => {});
    }
    await noteHandled(this.#me, this.#session, line.rid, outcome);
    return true;
  }
}
