// What every session begins with: `db`, over the functions that the program lends.
const db = (() => {
  const on = (transaction) => ({
    // All rows, as objects.
    all: (sql, params) => host.db.all(sql, params, transaction),
    // The first row, or undefined.
    get: async (sql, params) => (await host.db.all(sql, params, transaction))[0],
    // Changes something: `{ changes, lastInsertRowid }`.
    run: (sql, params) => host.db.run(sql, params, transaction),
  });
  return {
    ...on(undefined),
    // Does `work(tx)` as one: commits what it did when it is done, and rolls it back when it throws, is interrupted, or dies.
    async transaction(work) {
      const open = await host.db.transaction();
      const { value: id } = await open.next();
      try {
        const result = await work(on(id));
        await host.db.commit(id);
        return result;
      } finally {
        await open.return();
      }
    },
  };
})();
