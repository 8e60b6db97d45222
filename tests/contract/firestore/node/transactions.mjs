import assert from "node:assert/strict";

async function rivalsAllGetThrough(db) {
  const reference = db.doc("c/n");
  await reference.set({ n: 0 });
  const add = () => db.runTransaction(async (transaction) => {
    const found = await transaction.get(reference);
    transaction.update(reference, { n: found.get("n") + 1 });
  });
  await Promise.all(Array.from({ length: 20 }, add));
  assert.equal((await reference.get()).get("n"), 20);
}

async function errorsRollBack(db) {
  const work = db.runTransaction(async (transaction) => {
    transaction.set(db.doc("c/a"), {});
    throw new Error("mine");
  });
  await assert.rejects(work, /mine/);
  assert.equal((await db.doc("c/a").get()).exists, false);
}

async function readOnlyAtATime(db) {
  const reference = db.doc("c/a");
  const { writeTime } = await reference.set({ n: 1 });
  await reference.set({ n: 2 });
  const found = await db.runTransaction(
    (transaction) => transaction.get(reference), { readOnly: true, readTime: writeTime });
  assert.equal(found.get("n"), 1);
}

export const transactions = [rivalsAllGetThrough, errorsRollBack, readOnlyAtATime];

/** Gives the snapshots of a query or document one after the other. */
function watch(source) {
  const arrived = [];
  let waiting = null;
  const stop = source.onSnapshot((snapshot) => {
    if (waiting) waiting(snapshot);
    else arrived.push(snapshot);
    waiting = null;
  });
  const next = () => arrived.length
    ? Promise.resolve(arrived.shift())
    : new Promise((resolve) => { waiting = resolve; });
  return { next, stop };
}

async function aDocument(db) {
  const { next, stop } = watch(db.doc("c/a"));
  assert.equal((await next()).exists, false);
  await db.doc("c/a").set({ n: 1 });
  assert.deepEqual((await next()).data(), { n: 1 });
  await db.doc("c/a").delete();
  assert.equal((await next()).exists, false);
  stop();
}

async function aLimitedQuery(db) {
  for (const [id, n] of [["a", 1], ["b", 2], ["c", 3]]) await db.doc(`c/${id}`).set({ n });
  const { next, stop } = watch(db.collection("c").orderBy("n").limit(2));
  assert.deepEqual((await next()).docs.map((one) => one.id), ["a", "b"]);
  await db.doc("c/a").delete();
  const snapshot = await next();
  assert.deepEqual(snapshot.docs.map((one) => one.id), ["b", "c"]);
  assert.deepEqual(snapshot.docChanges().map((one) => [one.type, one.doc.id]),
    [["removed", "a"], ["added", "c"]]);
  stop();
}

export const listen = [aDocument, aLimitedQuery];
