/** Ranks and keys that change while a message is on its way: it is sent, and sent once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createInvitation,
  joinByInvitation,
} from "../../../../static/js/conversation/room/invitations.js";
import { acceptKnock, fetchKnocks } from "../../../../static/js/conversation/room/knocks.js";
import { setRole } from "../../../../static/js/conversation/room/members.js";
import { makeIdentity, openIdentity } from "../../../../static/js/crypto/identity.js";
import { makeKnock } from "../../../../static/js/crypto/knock.js";
import { parseLink } from "../../../../static/js/crypto/link-secret.js";
import { ben, NOW } from "../../crypto/cast.js";
import { sessionOf, words } from "../world.js";
import { outboxStage } from "./outbox-stage.js";

/** Ada writes; Ben is a member. Something happens just before her first frame arrives. */
async function race(before, happens) {
  const stage = await outboxStage();
  const { world, me, id, room, session, wire, tab, acked, headers } = stage;
  const bens = world.browser(ben);
  const { url } = await createInvitation(me, session, { hours: 1, max: 5 }, "https://sotto.test");
  await joinByInvitation(bens, parseLink(new URL(url).hash), () => {});
  await session.refresh();
  await before({ ...stage, bens });
  const elsewhere = await sessionOf(me, id);
  let late = true;
  wire.answer = async (frame) => {
    if (late) {
      late = false;
      await happens({ ...stage, bens, elsewhere });
    }
    return room.send(frame);
  };
  const outbox = tab();
  await outbox.add(words("one"));
  await outbox.add(words("two"));
  await acked(outbox, 2);
  const sent = await headers();
  assert.deepEqual(
    sent.map(({ n }) => n),
    [1, 2],
  );
  assert.equal(new Set(sent.map(({ cid }) => cid)).size, 2, "each once");
  outbox.close();
  return { sent, session };
}

const nothing = async () => {};

test("a promotion costs no message", async () => {
  const { sent } = await race(nothing, ({ me, elsewhere }) =>
    setRole(me, elsewhere, ben.uid, "moderator"),
  );
  assert.equal(sent[1].e, 1);
});

test("a demotion, which renews the key, costs no message", async () => {
  const { sent } = await race(
    ({ me, session }) => setRole(me, session, ben.uid, "moderator"),
    ({ me, elsewhere }) => setRole(me, elsewhere, ben.uid, "member"),
  );
  assert.deepEqual(
    sent.map(({ e }) => e),
    [2, 2],
    "sealed anew",
  );
});

test("a reset, which renews the key, costs no message", async () => {
  const { keys, uid, name, kid } = ben;
  const signed = await makeIdentity(keys, { uid, name, n: 2, prev: kid });
  const identity = await openIdentity(signed);
  const { sent } = await race(
    async ({ world, room }) => {
      const again = { ...ben, kid: identity.kid, signed, identity };
      world.browser(again);
      room.knock(again, await knockOf(again, room.id));
    },
    async ({ me, elsewhere }) => {
      const [knock] = await fetchKnocks(me, elsewhere);
      await acceptKnock(me, elsewhere, knock);
    },
  );
  assert.deepEqual(
    sent.map(({ e }) => e),
    [2, 2],
  );
});

async function knockOf({ uid, kid, keys }, room) {
  const signer = { uid, kid, edPrivate: keys.ed.privateKey, now: NOW };
  const { body, sig } = await makeKnock({ room, iid: "" }, signer, null);
  return { body, sig, isig: "" };
}
