/**
 * Runs in a page where room.js made a room without returns: renews its key `runs` times by the
 * site's own modules, up to the request's text, with the profile's box and the open link's keys.
 */
async ({ base, runs }) => {
  const [rotation, invite, bytes, people] = await Promise.all(
    [
      "conversation/room/rotation",
      "crypto/invite",
      "crypto/bytes",
      "conversation/account/people",
    ].map((path) => import(`${base}/js/${path}.js`)),
  );
  const { owner, identities, state, key, plain, link } = globalThis.bench;
  const box = await invite.sealEscrow(key, state.room, link.iid, 1, link.Kinv);
  const escrows = [{ iid: link.iid, e: 1, box }];
  /** The pins of a browser that has met every member before. */
  function everybodyIsKnown(met) {
    const all = [...met.values()];
    const pins = all.map(({ uid, name, n, kid }) => [
      uid,
      { uid, name, n, kid, past: [], stood: {}, verified: "" },
    ]);
    const names = all.map(({ uid, name }) => [name, { first: uid, others: {} }]);
    return { pins: async () => new Map(pins), names: async () => new Map(names) };
  }
  const me = {
    uid: owner.uid,
    kid: owner.signer.kid,
    name: "",
    keys: { ed: { privateKey: owner.signer.edPrivate } },
    store: { people: everybodyIsKnown(identities) },
    clock: { now: () => owner.signer.now },
  };
  const session = {
    id: state.room,
    state,
    identities,
    unapproved: [],
    profilePlain: plain,
    keys: new Map([[1, key]]),
    people: new people.People(me),
  };

  let signs = 0;
  async function rotate() {
    const began = performance.now();
    const request = await rotation.rotationRequest(
      me,
      session,
      bytes.randomBytes(32),
      escrows,
      () => {
        signs += 1;
      },
    );
    const size = JSON.stringify(request).length;
    const took = performance.now() - began;
    if (request.wraps.length !== state.members.size) throw new Error("not everybody got a key");
    if (request.invites.length !== 1 || !request.profile)
      throw new Error("not all that goes along");
    return { took, size };
  }

  const rotations = [];
  let blocked = 0;
  let size = 0;
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
    const done = await rotate();
    rotations.push(done.took);
    size = done.size;
    going = false;
    await new Promise(requestAnimationFrame); // what was not painted until now counts
  }
  return { rotations, blocked, size, signs: signs / runs };
};
