import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCEPTED } from "../../../../static/js/conversation/messages/timeline-items.js";
import {
  acceptServerVersion,
  exportEvidence,
} from "../../../../static/js/conversation/room/evidence.js";
import {
  createInvitation,
  joinByInvitation,
} from "../../../../static/js/conversation/room/invitations.js";
import { setRole } from "../../../../static/js/conversation/room/members.js";
import { fetchRestoreNotices } from "../../../../static/js/conversation/room/restore-notices.js";
import { hash64 } from "../../../../static/js/crypto/hash.js";
import { parseLink } from "../../../../static/js/crypto/link-secret.js";
import { ada, ben } from "../../crypto/cast.js";
import { load } from "../../crypto/shared.js";
import { adasRoom, sessionOf, World } from "../world.js";

/** Ada's room with Ben, whose server then went back to before the last event. */
async function rewound() {
  const world = new World();
  const [mine, bens] = [world.browser(ada), world.browser(ben)];
  const { id, room, session } = await adasRoom(world, mine);
  const { url } = await createInvitation(mine, session, { hours: 1, max: 1 }, "https://sotto.test");
  await joinByInvitation(bens, parseLink(new URL(url).hash), () => {});
  await session.refresh();
  await setRole(mine, session, ben.uid, "moderator");
  room.events.pop();
  const hash = await hash64("event", room.events.at(-1).event);
  Object.defineProperty(room, "head", { get: () => [room.events.length - 1, hash] });
  const again = await sessionOf(mine, id);
  return { world, mine, id, room, session: again };
}

test("evidence holds both versions, and neither key nor text", async () => {
  const { mine, session } = await rewound();
  assert.equal(session.frozen, "cheated");
  const text = exportEvidence(mine, session);
  const report = JSON.parse(text);
  assert.equal(report.what, "log");
  assert.equal(report.verified.seq, session.state.seq);
  assert.deepEqual(report.served.events, []);
  assert.ok(report.served.head[0] < report.verified.seq);
  assert.ok(!text.includes("Orchard"));
  for (const e of session.keys.epochs) {
    assert.ok(!text.includes(Buffer.from(session.keys.get(e)).toString("base64url")));
  }
});

test("the server's version is believed by an explicit act, as a new device", async () => {
  const { mine, id, room } = await rewound();
  const entry = { room: id, cid: "c".repeat(32), at: 1, content: { t: "text", body: "hi" } };
  await mine.store.outbox.addEntry({ ...entry, state: "acked", seq: 1, sealed: {} });
  await acceptServerVersion(mine, id);
  const session = await sessionOf(mine, id);
  assert.equal(session.frozen, "");
  assert.equal(session.state.seq, room.events.length - 1);
  assert.equal(session.state.members.get(ben.uid).role, "member");
  assert.deepEqual(session.keys.epochs, [1]);
  const chain = await mine.store.outbox.chain(id);
  assert.notEqual(chain.dev, mine.dev);
  const [kept] = await mine.store.outbox.entries(id);
  assert.equal(kept.state, "failed", "what was acknowledged is there to be sent again");
  assert.equal("sealed" in kept, false);
});

test("when the server's version was accepted is kept, each time", async () => {
  const { mine, id } = await rewound();
  await acceptServerVersion(mine, id);
  await acceptServerVersion(mine, id);
  const now = Math.floor(mine.clock.now());
  assert.deepEqual(await mine.store.settings.progress(id, ACCEPTED), [now, now]);
});

test("a copy that does not verify is not accepted, and nothing is lost", async () => {
  const { mine, id, room, session } = await rewound();
  room.events[1] = { ...room.events[1], sig: room.events[0].sig };
  await assert.rejects(acceptServerVersion(mine, id));
  assert.equal((await mine.store.rooms.log(id)).state.seq, session.state.seq);
});

// --- what the operator says

const { cases, refused } = load("restored");
const signed = ({ body, sig, key }) => ({ body, sig, key });
const saying = (restored) => ({ get: async () => ({ restored }) });

test("the operator's notices are read, and go into the evidence as signed", async () => {
  const said = await fetchRestoreNotices(saying(cases.map(signed)));
  assert.deepEqual(
    said.map(({ backup, at }) => ({ backup, at })),
    cases.map(({ notice }) => notice),
  );
  const { mine, session } = await rewound();
  const text = exportEvidence(
    mine,
    session,
    said.map((one) => one.signed),
  );
  assert.deepEqual(JSON.parse(text).restored, cases.map(signed));
});

test("hostile notices are ignored", async () => {
  const odd = [null, 1, "restored", [], {}, { body: 1 }];
  assert.deepEqual(await fetchRestoreNotices(saying([...odd, ...refused])), []);
  for (const answer of [undefined, null, 1, {}, "restored"]) {
    assert.deepEqual(await fetchRestoreNotices(saying(answer)), []);
  }
  const many = Array.from({ length: 500 }, () => signed(cases[0]));
  assert.equal((await fetchRestoreNotices(saying(many))).length, 20);
});

test("hostile: a notice ends no alarm", async () => {
  const { world, mine, id } = await rewound();
  const answer = world.answer.bind(world);
  world.answer = (person, method, path, body) =>
    path === "site" ? { restored: [signed(cases[0])] } : answer(person, method, path, body);
  assert.equal((await fetchRestoreNotices(mine.api)).length, 1);
  assert.equal((await sessionOf(mine, id)).frozen, "cheated");
});
