/**
 * Runs in a page: makes a room of `members` who came by link, event by event, and keeps it as
 * `globalThis.bench` for what is measured in the same page. Then, `returns` times, a member
 * leaves, the key is renewed, a link is made and the member comes back: four events.
 *
 * Members have signing keys and identities of their own; `distinct` RSA keys are shared among
 * them, because a thousand take minutes to make, and importing and wrapping cost the same.
 */
async ({ base, members, distinct, returns = 0 }) => {
  const load = (path) => import(`${base}/js/${path}.js`);
  const [identity, compose, invite, log, profile, bytes] = await Promise.all(
    ["identity", "compose", "invite", "log", "profile", "bytes"].map((name) =>
      load(`crypto/${name}`),
    ),
  );
  const rsa = await Promise.all(Array.from({ length: distinct }, () => identity.generateKeys()));
  const now = Date.now();

  async function person(at) {
    const ed = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    const publicRaw = new Uint8Array(await crypto.subtle.exportKey("raw", ed.publicKey));
    const keys = { rsa: rsa[at % distinct].rsa, ed: { publicRaw, privateKey: ed.privateKey } };
    const uid = bytes.newId();
    const { body, sig } = await identity.makeIdentity(keys, { uid, name: `member.${at}` });
    const opened = await identity.openIdentity({ body, sig });
    const signer = { uid, kid: opened.kid, edPrivate: ed.privateKey, now };
    return { uid, opened, signed: { body, sig }, keys, signer };
  }

  const people = [];
  for (let at = 0; at < members; at += 1) people.push(await person(at));
  const identities = new Map(people.map(({ opened }) => [opened.kid, opened]));
  const [owner] = people;
  const policy = { join: "link", history: "all", ai: "off", ain: 200, search: "server" };
  const key = bytes.randomBytes(32);
  const events = [
    await compose.makeCreate(owner.signer, { ...policy, n: 1000, days: 30, ttl: 0 }, key),
  ];
  let state = await log.extendLog(null, events, identities);

  async function follow({ event, sig }) {
    state = await log.extendLog(state, [{ event, sig }], identities);
    events.push({ event, sig });
  }
  async function openLink() {
    const link = await invite.deriveInvite(invite.newSecret());
    const terms = { exp: now + 3_600_000, max: 1000 };
    await follow(await invite.makeInvite(state, link, terms, owner.signer));
    return link;
  }

  const { plain, h } = await profile.writeProfile({ name: "Town", topic: "", avatar: "" });
  await follow(await compose.makeEvent(state, { t: "profile", h }, owner.signer));
  let link = await openLink();
  for (const { signer } of people.slice(1)) {
    await follow(await invite.makeJoin(state, link, signer));
  }
  for (let at = 0; at < returns; at += 1) {
    const { signer } = people[1 + (at % (members - 1))];
    await follow(await compose.makeEvent(state, { t: "leave" }, signer));
    await follow(await compose.makeEpoch(state, bytes.randomBytes(32), owner.signer));
    link = await openLink();
    await follow(await invite.makeJoin(state, link, signer));
  }

  globalThis.bench = { owner, identities, state, key, plain, link };
  return { events, identities: people.map(({ signed }) => signed) };
};
