/** Help with writing, loaded when the field is first used: names, emoji by their names, marks. What
 * tells others that one writes comes with it. */

import { lateStrings as strings } from "../strings/late.js";
import { Completion } from "./completion.js";
import { emojiNames, namedEmoji } from "./emoji-names.js";
import { FormatBar } from "./formatting.js";
import { names } from "./mentions.js";
import { insertText } from "./text-input.js";

export { TypingNotifier } from "./typing-notifier.js";

export class ComposerHelp {
  #field;
  #completion;
  #formatting;

  /** @param {HTMLTextAreaElement} field @param {HTMLFormElement} form
   * @param {() => import("./mentions.js").Mentionable[]} people who can be mentioned */
  constructor(field, form, people) {
    this.#field = field;
    const sources = [names(people), emojiNames];
    this.#completion = new Completion(field, form, strings.composer.mentions, sources);
    this.#formatting = new FormatBar(field, form);
    field.addEventListener("input", this.#onInput);
  }

  /** Shows or hides the buttons that set marks. */
  toggleFormatting() {
    this.#formatting.toggle();
  }

  close() {
    this.#completion.close();
    this.#formatting.close();
    this.#field.removeEventListener("input", this.#onInput);
  }

  /** Turns `:party:` into its emoji as soon as it is closed. Only what is typed: after an undo the name
   * stands there as it was. */
  #onInput = (/** @type {Event} */ event) => {
    if (!(event instanceof InputEvent) || event.data !== ":") return;
    const { value, selectionStart: at } = this.#field;
    const found = namedEmoji(value, at);
    if (found) insertText(this.#field, found.emoji, at - found.length, at);
  };
}
