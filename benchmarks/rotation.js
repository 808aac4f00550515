/**
 * Runs in a page: a room of `members`, its log verified, its key renewed again and again by the
 * site's own modules. Members have signing keys and identities of their own; `distinct` RSA keys
 * are shared among them, because a thousand take minutes to make and wrapping costs the same.
 */
async ({ base, members, distinct, runs }) => {
  const load = (path) => import(`${base}/js/${path}.js`);
  const [identity, compose, invite, log, rotation, bytes] = await Promise.all(
    ["crypto/identity", "crypto/compose", "crypto/invite", "crypto/log"]
      .concat(["conversation/rotation", "crypto/bytes"])
      .map(load),
  );
  const rsa = await Promise.all(Array.from({ length: distinct }, () => identity.generateKeys()));
  const now = Date.now();

  async function person(at) {
    const ed = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    const publicRaw = new Uint8Array(await crypto.subtle.exportKey("raw", ed.publicKey));
    const keys = { rsa: rsa[at % distinct].rsa, ed: { publicRaw, privateKey: ed.privateKey } };
    const uid = bytes.newId();
    const signed = await identity.makeIdentity(keys, { uid, name: `member.${at}` });
    const opened = await identity.openIdentity(signed);
    return { uid, opened, keys, signer: { uid, kid: opened.kid, edPrivate: ed.privateKey, now } };
  }

  const people = [];
  for (let at = 0; at < members; at += 1) people.push(await person(at));
  const identities = new Map(people.map(({ opened }) => [opened.kid, opened]));
  const [owner] = people;
  const policy = { join: "link", history: "all", ai: "off", ain: 200, search: "server" };
  const key = bytes.random(32);
  const events = [
    await compose.makeCreate(owner.signer, { ...policy, n: 1000, days: 30, ttl: 0 }, key),
  ];
  let state = await log.extendLog(null, events, identities);
  const links = [];
  for (let at = 1; at < members; at += 1) {
    if ((at - 1) % 1000 === 0) {
      const link = await invite.deriveInvite(invite.newSecret());
      links.unshift(link);
      await follow(
        await invite.makeInvite(state, link, { exp: now + 3_600_000, max: 1000 }, owner.signer),
      );
    }
    await follow(await invite.makeJoin(state, links[0], people[at].signer));
  }
  async function follow(event) {
    state = await log.extendLog(state, [event], identities);
    events.push(event);
  }

  const timed = async (work) => {
    const began = performance.now();
    await work();
    return performance.now() - began;
  };
  const verify = [];
  for (let run = 0; run < 3; run += 1)
    verify.push(await timed(() => log.extendLog(null, events, identities)));

  const me = {
    uid: owner.uid,
    kid: owner.signer.kid,
    keys: { ed: { privateKey: owner.signer.edPrivate } },
    clock: { now: () => now },
  };
  const session = {
    id: state.room,
    state,
    identities,
    unapproved: [],
    profilePlain: null,
    keys: new Map([[1, key]]),
  };
  const rotations = [];
  let blocked = 0;
  let signs = 0;
  for (let run = 0; run < runs; run += 1) {
    await new Promise(requestAnimationFrame);
    let painted = performance.now();
    let going = true;
    const paint = () => {
      blocked = Math.max(blocked, performance.now() - painted);
      painted = performance.now();
      if (going) requestAnimationFrame(paint);
    };
    requestAnimationFrame(paint);
    rotations.push(
      await timed(async () => {
        const request = await rotation.rotationRequest(me, session, bytes.random(32), [], () => {
          signs += 1;
        });
        if (request.wraps.length !== members) throw new Error("not everybody got a key");
        JSON.stringify(request);
      }),
    );
    going = false;
    await new Promise(requestAnimationFrame); // what was not painted until now counts
  }
  return { rotations, verify, events: events.length, blocked, signs: signs / runs };
};
