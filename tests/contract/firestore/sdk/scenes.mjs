// Transactions as the web SDK makes them: what they only read is verified when they commit. The same
// scenes run with the whole SDK (gRPC in Node) and with the lite one (REST, also in a browser).

function told(condition, what) {
  if (!condition) throw new Error(what);
}

/** Seeds a document, and returns it with one to write. */
async function pair(sdk, db) {
  const read = sdk.doc(db, "read", "it"), written = sdk.doc(db, "written", "it");
  await sdk.setDoc(read, { n: 1 });
  return [read, written];
}

export async function readsOneAndWritesAnother(sdk, db) {
  const [read, written] = await pair(sdk, db);
  await sdk.runTransaction(db, async (transaction) => {
    const found = await transaction.get(read);
    transaction.set(written, { n: found.data().n + 1 });
  });
  told((await sdk.getDoc(written)).data().n === 2, "it was not written");
  told((await sdk.getDoc(read)).data().n === 1, "what was read is another");
}

export async function readsAlone(sdk, db) {
  const [read] = await pair(sdk, db);
  const n = await sdk.runTransaction(db, async (transaction) => (await transaction.get(read)).data().n);
  told(n === 1, `read ${n}`);
}

export async function readsWhatIsNotThere(sdk, db) {
  const [, written] = await pair(sdk, db);
  const missing = sdk.doc(db, "read", "missing");
  await sdk.runTransaction(db, async (transaction) => {
    told(!(await transaction.get(missing)).exists(), "it exists");
    transaction.set(written, { n: 5 });
  });
  told(!(await sdk.getDoc(missing)).exists(), "a verify made it");
}

/** Another client changes what was read before the commit: the SDK runs the transaction again. */
async function runsAgain(sdk, db, disturb) {
  const [read, written] = await pair(sdk, db);
  let attempts = 0;
  await sdk.runTransaction(db, async (transaction) => {
    const found = await transaction.get(read);
    if (++attempts === 1) await disturb(read);
    transaction.set(written, { seen: found.exists() ? found.data().n : null });
  });
  told(attempts === 2, `${attempts} attempts`);
  return (await sdk.getDoc(written)).data().seen;
}

export async function runsAgainWhenItChanged(sdk, db) {
  const seen = await runsAgain(sdk, db, (read) => sdk.setDoc(read, { n: 7 }));
  told(seen === 7, `saw ${seen}`);
}

export async function runsAgainWhenItIsGone(sdk, db) {
  const seen = await runsAgain(sdk, db, (read) => sdk.deleteDoc(read));
  told(seen === null, `saw ${seen}`);
}

export async function deletesThenSetsInOneBatch(sdk, db) {
  const [read] = await pair(sdk, db);
  await sdk.writeBatch(db).delete(read).set(read, { n: 2 }).update(read, { m: 3 }).commit();
  const found = (await sdk.getDoc(read)).data();
  told(found.n === 2 && found.m === 3, JSON.stringify(found));
}

export async function deletesThenUpdatesInOneBatch(sdk, db) {
  const [read] = await pair(sdk, db);
  const answer = await sdk.writeBatch(db).delete(read).update(read, { n: 2 }).commit()
    .then(() => "committed", (error) => error.message);
  told(/updated after it was deleted/.test(answer), answer);
  told((await sdk.getDoc(read)).exists(), "half of the batch was applied");
}

export async function queriesThatAreRefused(sdk, db) {
  const all = sdk.collection(db, "read");
  const refused = [
    [sdk.orderBy(sdk.documentId()), /cannot contain more fields after the key/],
    [sdk.where(sdk.documentId(), "==", "it"), /Equality on key is not allowed/],
  ];
  for (const [constraint, words] of refused) {
    const asked = sdk.query(all, sdk.where("n", "!=", 1), constraint);
    const answer = await sdk.getDocs(asked).then(() => "answered", (error) => error.message);
    told(words.test(answer), answer);
  }
}

/** Runs every scene, each on a database of its own; yields what became of it. */
export async function* play(sdk, open) {
  const scenes = [
    readsOneAndWritesAnother, readsAlone, readsWhatIsNotThere, runsAgainWhenItChanged,
    runsAgainWhenItIsGone, deletesThenSetsInOneBatch, deletesThenUpdatesInOneBatch,
    queriesThatAreRefused,
  ];
  for (const scene of scenes) {
    const db = open(scene.name.toLowerCase());
    let error = null;
    try {
      await scene(sdk, db);
    } catch (caught) {
      error = caught.stack ?? String(caught);
    }
    yield { scene: scene.name, error };
    await sdk.terminate(db);
  }
}
