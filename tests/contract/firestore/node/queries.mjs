import { AggregateField, FieldValue, Filter } from "@google-cloud/firestore";
import assert from "node:assert/strict";

async function fill(db) {
  const batch = db.batch();
  const rows = { a: { n: 1, l: ["x"] }, b: { n: 2.5, l: ["x", "y"] }, c: { n: 2, s: "t" }, d: { n: null } };
  for (const [id, row] of Object.entries(rows)) batch.set(db.doc(`c/${id}`), row);
  await batch.commit();
  return db.collection("c");
}

const ids = async (query) => (await query.get()).docs.map((one) => one.id);

async function filters(db) {
  const c = await fill(db);
  assert.deepEqual(await ids(c.where("n", ">=", 2)), ["c", "b"]);
  assert.deepEqual(await ids(c.where("n", "!=", 1)), ["c", "b"]);
  assert.deepEqual(await ids(c.where("n", "==", null)), ["d"]);
  assert.deepEqual(await ids(c.where("n", "in", [1, 2])), ["a", "c"]);
  assert.deepEqual(await ids(c.where("n", "not-in", [1, 2])), ["b"]);
  assert.deepEqual(await ids(c.where("l", "array-contains", "y")), ["b"]);
  assert.deepEqual(await ids(c.where("l", "array-contains-any", ["x", "z"])), ["a", "b"]);
  const either = Filter.or(Filter.where("s", "==", "t"), Filter.where("n", "<", 2));
  assert.deepEqual(await ids(c.where(either)), ["a", "c"]);
}

async function ordersCursorsLimits(db) {
  const c = await fill(db);
  assert.deepEqual(await ids(c.orderBy("n", "desc")), ["b", "c", "a", "d"]);
  assert.deepEqual(await ids(c.orderBy("n").startAfter(1).endAt(2)), ["c"]);
  assert.deepEqual(await ids(c.orderBy("n").limitToLast(2)), ["c", "b"]);
  assert.deepEqual(await ids(c.orderBy("n").offset(1).limit(2)), ["a", "c"]);
  const from = await db.doc("c/c").get();
  assert.deepEqual(await ids(c.orderBy("n").startAt(from)), ["c", "b"]);
}

async function projections(db) {
  const c = await fill(db);
  const found = await c.where("n", "==", 2).select("s").get();
  assert.deepEqual(found.docs[0].data(), { s: "t" });
}

async function groupsAndPartitions(db) {
  const batch = db.batch();
  for (let n = 0; n < 300; n += 1) batch.set(db.doc(`p/${n % 3}/g/${n}`), { n });
  await batch.commit();
  const group = db.collectionGroup("g");
  assert.equal((await group.where("n", "<", 10).get()).size, 10);
  let total = 0;
  for await (const part of group.getPartitions(3)) total += (await part.toQuery().get()).size;
  assert.equal(total, 300);
}

async function wrongQueries(db) {
  const c = await fill(db);
  const many = Filter.or(...Array.from({ length: 31 }, (_, n) => Filter.where("n", "==", n)));
  await assert.rejects(c.where(many).get(), { code: 3 });
}

async function explained(db) {
  const c = await fill(db);
  const { metrics, snapshot } = await c.where("n", ">", 1).explain({ analyze: true });
  assert.equal(snapshot.size, 2);
  assert.equal(metrics.executionStats.resultsReturned, 2);
  assert.equal(metrics.planSummary.indexesUsed[0].properties, "(n ASC, __name__ ASC)");
}

export const queries = [
  filters, ordersCursorsLimits, projections, groupsAndPartitions, wrongQueries, explained,
];

async function countSumAverage(db) {
  const c = await fill(db);
  const found = await c.aggregate({
    count: AggregateField.count(), sum: AggregateField.sum("n"), average: AggregateField.average("n"),
  }).get();
  assert.deepEqual(found.data(), { count: 4, sum: 5.5, average: 5.5 / 3 });
}

export const aggregations = [countSumAverage];

async function nearest(db) {
  for (const [id, v] of [["a", [1, 0]], ["b", [0, 1]], ["c", [1, 0.1]]]) {
    await db.doc(`c/${id}`).set({ v: FieldValue.vector(v) });
  }
  const query = db.collection("c").findNearest({
    vectorField: "v", queryVector: [1, 0], limit: 2, distanceMeasure: "EUCLIDEAN",
    distanceResultField: "far",
  });
  const { docs } = await query.get();
  assert.deepEqual(docs.map((one) => [one.id, one.get("far")]), [["a", 0], ["c", 0.1]]);
}

export const vectors = [nearest];
