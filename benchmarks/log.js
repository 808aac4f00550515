/**
 * Runs in a page just opened: checks a room's identities, then its log from the beginning, as a
 * browser does that comes into the room. Nothing has been imported or compiled before.
 */
async ({ base, events, identities }) => {
  const [identity, log] = await Promise.all(
    ["conversation/account/identities", "crypto/log"].map(
      (path) => import(`${base}/js/${path}.js`),
    ),
  );
  const known = new Map();
  const began = performance.now();
  await identity.addIdentities(identities, known);
  const learnt = performance.now();
  const state = await log.extendLog(null, events, known);
  const done = performance.now();
  if (state.seq !== events.length - 1) throw new Error("not the whole log");
  return { identities: learnt - began, log: done - learnt };
};
