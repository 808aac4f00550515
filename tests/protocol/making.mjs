/** Whatever travels, made by the browser's modules. */

import { tokensFor } from "../../static/js/conversation/search/search-terms.js";
import { sealFile } from "../../static/js/crypto/attachment.js";
import { pad, unpad } from "../../static/js/crypto/box.js";
import { b64, unb64, unhex } from "../../static/js/crypto/bytes.js";
import {
  makeAdd,
  makeCreate,
  makeEpoch,
  makeEvent,
  makeRemove,
  makeReset,
  makeRole,
  makeSucceed,
} from "../../static/js/crypto/compose.js";
import {
  edSigner,
  importKeys,
  makeIdentity,
  openIdentity,
  safetyNumber,
} from "../../static/js/crypto/identity.js";
import {
  deriveInvite,
  linkFragment,
  makeInvite,
  makeJoin,
  sealCard,
  sealEscrow,
  sealItem,
} from "../../static/js/crypto/invite.js";
import { makeKit } from "../../static/js/crypto/kit.js";
import { makeKnock } from "../../static/js/crypto/knock.js";
import { parseLink } from "../../static/js/crypto/link-secret.js";
import { extendLog } from "../../static/js/crypto/log.js";
import { sealMessage } from "../../static/js/crypto/message.js";
import { sealProfile, writeProfile } from "../../static/js/crypto/profile.js";
import { wrapKey } from "../../static/js/crypto/roomkeys.js";
import { sealAsk, sealSummary } from "../../static/js/crypto/summary.js";

const keysOf = ({ seed, pkcs8 }) => importKeys({ seed: unb64(seed), pkcs8: unb64(pkcs8) });
const signerOf = async ({ uid, kid, seed, now }) => ({
  ...{ uid, kid, now },
  edPrivate: await edSigner(unb64(seed)),
});

/** By type: those events that need more than their extra keys. */
const composers = {
  create: (_, { policy, key, kind }, signer) => makeCreate(signer, policy, unb64(key), kind),
  epoch: (state, { key }, signer) => makeEpoch(state, unb64(key), signer),
  remove: (state, { key, uid, ban }, signer) => makeRemove(state, { uid, ban }, unb64(key), signer),
  reset: (state, { key, uid, to }, signer) => makeReset(state, { uid, to }, unb64(key), signer),
  role: (state, { key, uid, role }, signer) =>
    makeRole(state, { uid, role }, key ? unb64(key) : new Uint8Array(), signer),
  succeed: (state, { key, uid }, signer) => makeSucceed(state, uid, unb64(key), signer),
  add: (state, whom, signer) => makeAdd(state, whom, signer),
  invite: async (state, { secret, exp, max }, signer) =>
    makeInvite(state, await deriveInvite(unb64(secret)), { exp, max }, signer),
  join: async (state, { secret }, signer) =>
    makeJoin(state, await deriveInvite(unb64(secret)), signer),
};

async function event({ identities, events, by, t, extra }) {
  const opened = await Promise.all(identities.map(openIdentity));
  const known = new Map(opened.map((identity) => [identity.kid, identity]));
  const state = events.length > 0 ? await extendLog(null, events, known) : null;
  const signer = await signerOf(by);
  const compose = composers[t];
  const made = compose
    ? await compose(state, extra, signer)
    : await makeEvent(state, { t, ...extra }, signer);
  return { event: made.event, sig: made.sig };
}

const makers = {
  event,

  async identity({ keys, about }) {
    const { body, sig } = await makeIdentity(await keysOf(keys), about);
    return { body, sig };
  },

  async wrap({ key, room, e, to, spki }) {
    return { e, to, ct: await wrapKey(unb64(key), { room, e, to }, unb64(spki)) };
  },

  async item({ secret, room, e, key }) {
    const link = await deriveInvite(unb64(secret));
    return { box: await sealItem(link, room, e, unb64(key)) };
  },

  async escrow({ key, room, iid, e, secret }) {
    const link = await deriveInvite(unb64(secret));
    return { box: await sealEscrow(unb64(key), room, iid, e, link.Kinv) };
  },

  async card({ secret, room, profile }) {
    const { plain } = await writeProfile(profile);
    return { box: await sealCard(await deriveInvite(unb64(secret)), room, plain) };
  },

  async profile({ key, room, e, profile }) {
    const { plain, h } = await writeProfile(profile);
    return { h, box: await sealProfile(unb64(key), room, e, plain) };
  },

  async message({ about, key, seed, content }) {
    const { h, iv, ct, sig } = await sealMessage(
      about,
      unb64(key),
      await edSigner(unb64(seed)),
      content,
    );
    return { h, iv, ct, sig };
  },

  async kit({ uid, kid, seed, pkcs8 }) {
    const { file } = await makeKit({ uid, kid, seed: unb64(seed), pkcs8: unb64(pkcs8) });
    return { file };
  },

  async knock({ room, by, secret }) {
    const link = secret === null ? null : await deriveInvite(unb64(secret));
    return makeKnock({ room, iid: link?.iid ?? "" }, await signerOf(by), link);
  },

  async link({ secret }) {
    const { iid, Kinv, ipk } = await deriveInvite(unb64(secret));
    const fragment = linkFragment(unb64(secret));
    return { iid, ipk, key: b64(Kinv), fragment, secret: b64(parseLink(fragment)) };
  },

  ask: ({ context, spki, question, reply }) => sealAsk(context, spki, question, unb64(reply)),

  async summary({ keys, about, answer, seed }) {
    return sealSummary(
      keys.map((key) => unb64(key)),
      about,
      answer,
      await edSigner(unb64(seed)),
    );
  },

  async file({ plain }) {
    const { sealed, file } = await sealFile(new Blob([unb64(plain)]));
    return { file, sealed: b64(new Uint8Array(await sealed.arrayBuffer())) };
  },

  tokens: ({ key, text, g }) => tokensFor(unb64(key), text, g),
  safety: ({ a, b }) => safetyNumber(a, b),

  async padding({ plain, padded }) {
    return { padded: b64(pad(unhex(plain))), plain: b64(unpad(unb64(padded))) };
  },
};

export const making = { make: ({ kind, ...given }) => makers[kind](given) };
