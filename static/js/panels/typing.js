/** The typing indicator above the field. */

import { lateStrings as strings } from "../ui/strings/late.js";

const FORGET_AFTER = 8000;

/**
 * @param {HTMLElement} line
 * @param {import("../conversation/chat.js").Chat} chat
 * @param {string} room
 * @param {() => Map<string, {name: string}>} members
 * @param {AbortSignal} signal aborted when the room is left
 */
export function startTyping(line, chat, room, members, signal) {
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  const typing = new Map();

  function draw() {
    const heard = [...typing.keys()].filter((uid) => !chat.blocks.isHidden(uid));
    const names = heard.flatMap((uid) => members().get(uid)?.name ?? []);
    const text = strings.typing(names);
    if (line.textContent !== text) line.textContent = text;
  }

  /** @param {string} uid */
  function stop(uid) {
    clearTimeout(typing.get(uid));
    if (typing.delete(uid)) draw();
  }

  /** @param {Event} event */
  function heard(event) {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (detail.room !== room || !detail.uid) return;
    stop(detail.uid);
    if (!detail.on) return;
    typing.set(
      detail.uid,
      setTimeout(() => stop(detail.uid), FORGET_AFTER),
    );
    draw();
  }

  chat.addEventListener("typing", heard, { signal });
  chat.blocks.addEventListener("changed", draw, { signal });
  chat.addEventListener("rooms", draw, { signal }); // a person who types may be removed meanwhile
  signal.addEventListener("abort", () => {
    for (const timer of typing.values()) clearTimeout(timer);
  });
}
