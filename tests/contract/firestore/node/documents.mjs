import { FieldPath, FieldValue, Firestore, GeoPoint, Timestamp } from "@google-cloud/firestore";
import assert from "node:assert/strict";

async function databasesAreApart(db) {
  const other = new Firestore({ projectId: db.projectId, databaseId: "other" });
  await db.doc("c/a").set({ n: 1 });
  await other.doc("c/a").set({ n: 2 });
  assert.equal((await db.doc("c/a").get()).get("n"), 1);
  await other.terminate();
}

async function missingDocuments(db) {
  const snapshot = await db.doc("c/none").get();
  assert.equal(snapshot.exists, false);
  assert.ok(snapshot.readTime.toMillis() > 0);
}

export const wire = [databasesAreApart, missingDocuments];

async function valuesComeBack(db) {
  const values = {
    text: "ü", whole: 7, part: 1.5, nan: NaN, yes: true, none: null,
    time: Timestamp.fromMillis(1234567), place: new GeoPoint(1, -2), bytes: Buffer.from([0, 255]),
    list: [1, "a", { deep: [null] }], map: { "a.b": { c: 1 } }, reference: db.doc("c/other"),
    vector: FieldValue.vector([1, 2, 3]),
  };
  await db.doc("c/a").set(values);
  const back = (await db.doc("c/a").get()).data();
  assert.equal(back.reference.path, "c/other");
  assert.deepEqual(back.vector.toArray(), [1, 2, 3]);
  delete back.reference, delete values.reference, delete back.vector, delete values.vector;
  assert.deepEqual(back, values);
}

async function severalAtOnce(db) {
  await db.doc("c/a").set({ n: 1, m: 2 });
  const found = await db.getAll(db.doc("c/none"), db.doc("c/a"), { fieldMask: ["m"] });
  assert.deepEqual(found.map((one) => one.data()), [undefined, { m: 2 }]);
}

async function listsWithMissingParents(db) {
  await db.doc("c/a/d/b").set({});
  await db.doc("c/x").set({});
  assert.deepEqual((await db.collection("c").listDocuments()).map((one) => one.id), ["a", "x"]);
  assert.deepEqual((await db.listCollections()).map((one) => one.id), ["c"]);
  assert.deepEqual((await db.doc("c/a").listCollections()).map((one) => one.id), ["d"]);
}

export const documents = [valuesComeBack, severalAtOnce, listsWithMissingParents];

async function preconditions(db) {
  const reference = db.doc("c/a");
  const { writeTime } = await reference.create({ n: 1 });
  await assert.rejects(reference.create({ n: 2 }), { code: 6, message: /already exists/i });
  await assert.rejects(db.doc("c/none").update({ n: 1 }), { code: 5, message: /No document to update/ });
  await reference.update({ n: 2 }, { lastUpdateTime: writeTime });
  await assert.rejects(reference.update({ n: 3 }, { lastUpdateTime: writeTime }), { code: 9 });
}

async function masksAndQuotedPaths(db) {
  const reference = db.doc("c/a");
  await reference.set({ map: { a: 1, "0x": 2 }, kept: true });
  await reference.set({ map: { b: 3 } }, { merge: true });
  await reference.update(new FieldPath("map", "0x"), 4, "map.a", FieldValue.delete());
  assert.deepEqual((await reference.get()).data(), { map: { "0x": 4, b: 3 }, kept: true });
}

async function transforms(db) {
  const reference = db.doc("c/a");
  await reference.set({ n: 16, list: [1, 2] });
  await reference.update({
    n: FieldValue.increment(-32.1),
    list: FieldValue.arrayUnion(2, 3),
    time: FieldValue.serverTimestamp(),
  });
  await reference.update({ list: FieldValue.arrayRemove(1) });
  const found = (await reference.get()).data();
  assert.equal(found.n, -16.1);
  assert.deepEqual(found.list, [2, 3]);
  assert.ok(found.time instanceof Timestamp);
}

async function batchesAreWhole(db) {
  const batch = db.batch();
  batch.set(db.doc("c/a"), { n: 1 });
  batch.update(db.doc("c/none"), { n: 1 });
  await assert.rejects(batch.commit(), { code: 5 });
  assert.equal((await db.doc("c/a").get()).exists, false);
}

async function bulkWriter(db) {
  const writer = db.bulkWriter();
  const refused = [];
  writer.onWriteError((error) => (refused.push(error.code), false));
  for (let n = 0; n < 50; n += 1) writer.set(db.doc(`c/${n}`), { n });
  writer.create(db.doc("c/7"), {}).catch(() => {});
  await writer.close();
  assert.equal((await db.collection("c").count().get()).data().count, 50);
  assert.deepEqual(refused, [6]);
}

async function recursiveDelete(db) {
  for (const path of ["c/a", "c/a/d/b", "c/a/d/b/e/f", "c/b"]) await db.doc(path).set({});
  await db.recursiveDelete(db.doc("c/a"));
  assert.deepEqual((await db.collection("c").get()).docs.map((one) => one.id), ["b"]);
  assert.equal((await db.collectionGroup("e").get()).size, 0);
}

export const writes = [
  preconditions, masksAndQuotedPaths, transforms, batchesAreWhole, bulkWriter, recursiveDelete,
];

async function restWritesAndReads(db) {
  await db.doc("c/a").set({ n: 1, text: "ü" });
  await db.runTransaction(async (transaction) => {
    const found = await transaction.get(db.doc("c/a"));
    transaction.update(db.doc("c/a"), { n: found.get("n") + 1 });
  });
  assert.deepEqual((await db.doc("c/a").get()).data(), { n: 2, text: "ü" });
  const query = db.collection("c").where("n", ">", 1);
  assert.deepEqual((await query.get()).docs.map((one) => one.id), ["a"]);
  assert.equal((await query.count().get()).data().count, 1);
}

export const rest = [restWritesAndReads];
