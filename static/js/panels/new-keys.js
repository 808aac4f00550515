/** The notice that a member has new keys and asks to be let in with them. */

import { safetyNumber } from "../crypto/identity.js";
import { ask, attempt, troublePlace } from "../ui/dialog.js";
import { byId, h } from "../ui/dom.js";
import { groups } from "../ui/people/safety.js";
import { lateStrings as strings } from "../ui/strings/late.js";

/** @typedef {import("../conversation/room/knocks.js").Knock} Knock */

export class NewKeysNotice {
  #kid;
  #onAccept;
  #place = byId("new-keys");
  /** @type {Set<string>} kids that the person has put off in this visit */
  #later = new Set();

  /** @param {string} kid of the account @param {(uid: string) => Promise<unknown>} onAccept */
  constructor(kid, onAccept) {
    this.#kid = kid;
    this.#onAccept = onAccept;
  }

  /** Shows those who wait; nobody hides the notice. @param {Knock[]} knocks */
  draw(knocks) {
    const asking = knocks.filter(({ kind, kid }) => kind === "reset" && !this.#later.has(kid));
    this.#place.hidden = asking.length === 0;
    this.#place.replaceChildren(...asking.map((knock) => this.#line(knock, knocks)));
  }

  /** @param {Knock} knock @param {Knock[]} knocks */
  #line({ uid, kid, name }, knocks) {
    const words = strings.newKeys;
    const trouble = troublePlace();
    /** @param {string} text @param {string} look @param {(button: HTMLButtonElement) => unknown} act */
    const button = (text, look, act) => {
      const made = h("button", { class: `button small ${look}`, type: "button" }, text);
      made.addEventListener("click", () => act(made));
      return made;
    };
    /** @param {import("../ui/dialog.js").Question} question @returns {(made: HTMLButtonElement) => Promise<void>} */
    const after = (question) => async (made) => {
      if (await ask({ ...question, danger: true }))
        await attempt(made, () => this.#onAccept(uid), trouble);
    };
    const { member } = strings;
    const blind = { title: member.resetTitle(name), text: member.resetText(name) };
    return h(
      "div",
      {},
      h("p", {}, words.text(name)),
      h(
        "div",
        { class: "row" },
        button(words.compare, "", async (made) => after(await this.#comparing(name, kid))(made)),
        button(words.letIn, "quiet", after({ ...blind, confirm: member.resetYes })),
        button(words.later, "quiet", () => {
          this.#later.add(kid);
          this.draw(knocks);
        }),
      ),
      trouble,
    );
  }

  /** @param {string} name @param {string} kid @returns {Promise<import("../ui/dialog.js").Question>} */
  async #comparing(name, kid) {
    const { safety, newKeys } = strings;
    const digits = groups(await safetyNumber(this.#kid, kid)).join(" ");
    return {
      title: safety.title(name),
      text: [safety.intro(name), digits, safety.how],
      confirm: newKeys.same,
    };
  }
}
