/** Whatever travels, opened by the browser's modules: its value, or that it is refused. */
import { openFile } from "../../static/js/crypto/attachment.js";
import { parseBody } from "../../static/js/crypto/body.js";
import { b64, unb64 } from "../../static/js/crypto/bytes.js";
import { checkStoredMessage } from "../../static/js/crypto/check-row.js";
import { readContent } from "../../static/js/crypto/content.js";
import { parseEvent } from "../../static/js/crypto/events.js";
import { importKeys, openIdentity } from "../../static/js/crypto/identity.js";
import { deriveInvite, openCard, openEscrow, openItem } from "../../static/js/crypto/invite.js";
import { openKit } from "../../static/js/crypto/kit.js";
import { openKnock } from "../../static/js/crypto/knock.js";
import { extendLog } from "../../static/js/crypto/log.js";
import {
  decryptMessage,
  HEADER,
  openHeader,
  verifyMessage,
} from "../../static/js/crypto/message.js";
import { openProfile } from "../../static/js/crypto/profile.js";
import { matchesCommitment, unwrapKey } from "../../static/js/crypto/roomkeys.js";
import {
  openAnswer,
  openSummary,
  parseSummary,
  verifySummary,
} from "../../static/js/crypto/summary.js";

const OWN_ERRORS = ["WireError", "LogError", "MessageError"];

/** Thrown where a module answers "no" without an error. */
const refused = () => Object.assign(new Error("refused"), { name: "WireError" });

async function logOf({ identities, events }) {
  const opened = await Promise.all(identities.map(openIdentity));
  const known = new Map(opened.map((identity) => [identity.kid, identity]));
  return { known, state: events.length > 0 ? await extendLog(null, events, known) : null };
}

/** By kind: from what all objects have in common to a reader of one. */
const readers = {
  async identity() {
    return async (object) => {
      const { kid, uid, name, n, prev } = await openIdentity(object);
      return { kid, uid, name, n, prev };
    };
  },

  async event(context) {
    const { known, state } = await logOf(context);
    return async (object) => (await extendLog(state, [object], known)).hash;
  },

  async wrap({ room, seed, pkcs8, kcv }) {
    const { rsa } = await importKeys({ seed: unb64(seed), pkcs8: unb64(pkcs8) });
    return async ({ e, to, ct }) => {
      const key = await unwrapKey(ct, { room, e, to }, rsa.privateKey);
      if (!(await matchesCommitment(key, room, e, kcv))) throw refused();
      return b64(key);
    };
  },

  async item({ secret, room, e }) {
    const link = await deriveInvite(unb64(secret));
    return async ({ box }) => b64(await openItem(link, room, e, box));
  },

  async escrow({ key, room, iid, e }) {
    return async ({ box }) => b64(await openEscrow(unb64(key), room, iid, e, box));
  },

  async card({ secret, room }) {
    const link = await deriveInvite(unb64(secret));
    return async ({ box }) => openCard(link, room, box);
  },

  async profile({ key, room, e, h }) {
    return async ({ box }) => {
      const found = await openProfile(unb64(key), room, e, box, h);
      if (found === null) throw refused();
      return found.profile;
    };
  },

  async answer({ reply, rid }) {
    return async ({ box }) => openAnswer(unb64(reply), rid, box);
  },

  async summary({ keys, ed }) {
    const all = keys.map((key) => unb64(key));
    return async (shared) => {
      const summary = parseSummary(shared.body);
      if (!(await verifySummary(shared, summary, unb64(ed)))) throw refused();
      const { dis, from, to } = summary;
      return { dis, from, to, ...(await openSummary(all, summary, shared.box)) };
    };
  },

  async message(context) {
    const { known, state } = await logOf(context);
    return async (row) => {
      const opened = await openHeader(checkStoredMessage(row));
      await verifyMessage(row, opened, state, known);
      const key = unb64(context.keys[opened.header.e]);
      return { id: opened.id, content: await decryptMessage(opened, key) };
    };
  },

  async tombstone(context) {
    const { known, state } = await logOf(context);
    return async (row) => {
      const opened = await openHeader(checkStoredMessage(row));
      await verifyMessage(row, opened, state, known);
      return { id: opened.id };
    };
  },

  async file() {
    return async ({ file, sealed }) => {
      const opened = await openFile(new Blob([unb64(sealed)]), file);
      return b64(new Uint8Array(await opened.arrayBuffer()));
    };
  },

  async kit() {
    return async ({ file }) => {
      const { uid, kid, seed, pkcs8 } = await openKit(file);
      return { uid, kid, seed: b64(seed), pkcs8: b64(pkcs8) };
    };
  },

  async content() {
    return async ({ plain }) => readContent(unb64(plain));
  },

  async knock({ identity, invite }) {
    const opened = await openIdentity(identity);
    return (object) => openKnock(object, opened, invite);
  },
};

/** Each object opened: {value}, or {refused: true} by one of the modules' own errors. */
async function read({ kind, context, objects }) {
  const reader = await readers[kind](context);
  const found = [];
  for (const object of objects) {
    try {
      found.push({ value: await reader(object) });
    } catch (error) {
      if (!OWN_ERRORS.includes(error?.name)) throw error;
      found.push({ refused: true });
    }
  }
  return found;
}

/** What each text is before any rule: "good", "illegal" or "newer". */
async function shapes({ kind, texts }) {
  return texts.map((text) => {
    try {
      if (kind === "event") parseEvent(text);
      else parseBody(text, HEADER);
      return "good";
    } catch (error) {
      if (!OWN_ERRORS.includes(error?.name)) throw error;
      return error.reason ?? "illegal";
    }
  });
}

export const reading = { read, shapes };
