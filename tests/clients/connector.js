// A connector's loops with the official TypeScript client and with fetch: node connector.js ADDRESS TOKEN
// One line a check: "ok NAME" or "failed NAME: why". Ends with the number of checks.
const assert = require("assert");
const { createRequire } = require("module");
const api = createRequire(process.cwd() + "/x.js")("@superoffice/webapi");

const [, , address, token] = process.argv;
const make = (kind) =>
  new kind({ baseUrl: address, axiosConfig: { headers: { Authorization: `Bearer ${token}` }, timeout: 20000 } });
const archive = make(api.ArchiveAgent);
const contact = make(api.ContactAgent);

const query = async (collection, options) => {
  const text = new URLSearchParams(Object.entries(options).map(([name, value]) => [`$${name}`, String(value)]));
  const reply = await fetch(`${address}api/v1/${collection}?${text}`, { headers: { Authorization: `Bearer ${token}` } });
  if (!reply.ok) throw new Error(`${reply.status}: ${(await reply.json()).Message}`);
  return (await reply.json()).value;
};

const pages = async (size, read) => {
  const found = [];
  for (let page = 0; ; page++) {
    const rows = await read(page, size);
    if (!rows.length) return found;
    found.push(...rows);
    assert.ok(page < 1000, "it never ends");
  }
};

const findByName = async (name) => {
  const text = `name is '${name.replace(/'/g, "\\'")}'`;
  const rows = await query("Contact", { filter: text, select: "contactId,name", top: 1 });
  return rows.length ? rows[0].contactId : 0;
};

const createIfNotFound = async (name) => (await findByName(name)) || (await contact.saveContactEntityAsync({ name })).contactId;

const checks = {
  "page until empty, by a collection": async () => {
    const rows = await pages(7, (page, size) => query("Person", { select: "personId", orderBy: "lastName", top: size, skip: page * size }));
    assert.equal(new Set(rows.map((row) => row.personId)).size, 60);
    assert.equal(rows.length, 60);
  },
  "page until empty, by the agent": async () => {
    const rows = await pages(25, (page, size) =>
      archive.getArchiveListByColumnsAsync("Person", ["personId", "fullName"], [{ name: "fullName", direction: "ASC" }], [], [], page, size));
    const shown = rows.map((row) => row.columnData.fullName.displayValue.toLowerCase());
    assert.equal(new Set(rows.map((row) => row.primaryKey)).size, 60);
    assert.ok(shown.every((text, at) => !at || shown[at - 1] <= text), "it is not in order");
  },
  "create if not found": async () => {
    assert.equal(await findByName("L'Oréal & Søn"), 0);
    const first = await createIfNotFound("L'Oréal & Søn");
    assert.equal(await createIfNotFound("L'Oréal & Søn"), first);
    assert.equal(await findByName("l'oréal & SØN"), first);
  },
  "what changed since": async () => {
    const since = new Date(Date.now() - 60000).toISOString();
    const changed = () => query("Contact", { filter: `updatedDate ge ${since}`, select: "contactId,name,updatedDate" });
    const before = (await changed()).length;
    const saved = await contact.saveContactEntityAsync({ name: "Fresh" });
    const rows = await changed();
    assert.equal(rows.length, before + 1);
    assert.ok(rows.some((row) => row.contactId === saved.contactId));
    assert.ok(rows.every((row) => !Number.isNaN(Date.parse(row.updatedDate))));
  },
  "a restriction by objects finds what one by text finds": async () => {
    const restriction = [{ name: "name", operator: "begins", values: ["Nord"], isActive: true }];
    const objects = await archive.getArchiveListByColumnsAsync("FindContact", ["contactId", "name"], [], restriction, [], 0, 10);
    const texts = await archive.getArchiveListByColumns2Async("FindContact", "contactId,name", "", "name begins 'Nord'", "", 0, 10);
    assert.deepEqual(objects, texts);
    assert.equal(objects[0].columnData.contactId.displayValue, "[I:1]");
  },
  "a wrong query is told": async () => {
    await assert.rejects(query("Contact", { filter: "name beginz 'x'" }), /unknown operator 'beginz'. Did you mean 'begins'\?/);
  },
};

(async () => {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      console.log(`ok ${name}`);
    } catch (error) {
      console.log(`failed ${name}: ${String(error && error.message).split("\n").join(" ")}`);
    }
  }
  console.log(`${Object.keys(checks).length} checks`);
})();
