/** The second factor in a form: a code, or a passkey in place of it. */

import { byId } from "../ui/dom.js";
import { canUsePasskeys, usePasskey } from "./passkeys.js";

/** @typedef {{code?: string, passkey?: import("../net/types.js").SignedPasskey}} Factor */
/** @typedef {{state: string, options: import("../net/types.js").PasskeyOptions}} Asked */

/** Returned in place of an answer while the person has still to give the factor. */
export const WAITS = Symbol("waits");

export class SecondStep {
  #form;
  #field;
  #button;
  /** The server's challenge, which counts once. @type {Asked | null} */
  #asked = null;
  #byPasskey = false;
  #stop = new AbortController();
  #onAsked;

  /**
   * @param {string} id of the form; `id-code-field` has its input `id-code`, and `id-passkey` is the
   *   button in place of it
   * @param {() => void} [onAsked] called when the server has asked for the factor
   */
  constructor(id, onAsked = () => {}) {
    this.#onAsked = onAsked;
    this.#form = byId(id, HTMLFormElement);
    this.#field = byId(`${id}-code-field`);
    this.#button = byId(`${id}-passkey`);
    this.#button.addEventListener("click", () => {
      this.#byPasskey = true;
      this.#form.requestSubmit();
      this.#byPasskey = false; // where a field was empty, nothing was sent
    });
  }

  /** Begins anew, for another form: nothing is asked for yet, and a browser that asks stops. */
  reset() {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#asked = null;
    this.#field.hidden = this.#button.hidden = true;
    byId(`${this.#form.id}-code`, HTMLInputElement).value = "";
  }

  /** Shows what the account can answer with. @param {(factor: Factor) => Promise<unknown>} post */
  async look(post) {
    await this.#sendAlone(post);
    byId(`${this.#form.id}-code`).focus();
  }

  /**
   * Sends a form, with the second factor where the account has one.
   * @template Answer
   * @param {(factor: Factor) => Promise<Answer>} post
   * @param {string} code as typed
   * @returns {Promise<Answer | typeof WAITS>}
   */
  async send(post, code) {
    if (code.trim() && !this.#byPasskey) return post({ code: code.trim() });
    const chosen = this.#byPasskey;
    if (!chosen || !this.#asked) {
      const { answer, refusal } = await this.#sendAlone(post);
      if (!refusal) return /** @type {Answer} */ (answer);
      if (this.#button.hidden || (refusal.app && !chosen)) {
        byId(`${this.#form.id}-code`).focus();
        return WAITS;
      }
    }
    const { state, options } = /** @type {Asked} */ (this.#asked);
    this.#asked = null;
    const { signal } = this.#stop;
    return post({ passkey: { state, credential: await usePasskey(options, signal) } });
  }

  /**
   * Sends without a factor; shows what may answer, if one is asked for.
   * @template Answer
   * @param {(factor: Factor) => Promise<Answer>} post
   * @returns {Promise<{answer?: Answer, refusal?: {app: boolean}}>}
   */
  async #sendAlone(post) {
    try {
      return { answer: await post({}) };
    } catch (error) {
      if (error.code !== "second_factor") throw error;
      this.#onAsked();
      this.#asked = error.extra.passkey;
      this.#field.hidden = false;
      this.#button.hidden = !(this.#asked && canUsePasskeys());
      return { refusal: error.extra };
    }
  }
}

/** A factor as the fields of a form. @param {Factor} factor @returns {Record<string, string>} */
export const asFields = ({ code = "", passkey }) => ({
  code,
  ...(passkey && { passkey: JSON.stringify(passkey) }),
});
