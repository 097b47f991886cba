// Saves, reads, changes, lists and deletes with the official TypeScript client, unchanged: node living.js ADDRESS TOKEN
// One line a check: "ok NAME" or "failed NAME: why". Ends with the number of checks.
const assert = require("assert");
const { createRequire } = require("module");
const api = createRequire(process.cwd() + "/x.js")("@superoffice/webapi");

const [, , address, token] = process.argv;
const make = (kind) =>
  new kind({ baseUrl: address, axiosConfig: { headers: { Authorization: `Bearer ${token}` }, timeout: 20000 } });

const agents = {};
for (const name of Object.keys(api)) if (name.endsWith("Agent")) agents[name.slice(0, -5).toLowerCase()] = make(api[name]);
const { contact, person, appointment, sale, project, document, ticket, selection, archive } = agents;
const inUtc = { timezone: "utc", timezoneInclude: true };
const start = new Date(Date.UTC(2026, 6, 1, 12, 0, 0));

// name: agent, what is saved, the property that is changed, a list with the row in it
const lives = {
  Contact: [contact, { name: "Acme", phones: [{ value: "+47 1" }] }, "name", (id) => contact.getContactListAsync([id])],
  Person: [person, { firstname: "Ann", contact: { contactId: 3 } }, "lastname", () => contact.getPersonsAsync(3)],
  Appointment: [
    appointment,
    { startDate: start, endDate: start, contact: { contactId: 3 } },
    "description",
    () => appointment.getContactAppointmentsAsync(3, new Date(Date.UTC(2026, 5, 1)), new Date(Date.UTC(2026, 8, 1)), 100),
  ],
  Sale: [sale, { heading: "Sails", amount: 12.5, contact: { contactId: 3 } }, "heading", (id) => sale.getSaleListAsync([id])],
  Project: [project, { name: "Keel" }, "name", (id) => project.getProjectListAsync([id])],
  Document: [document, { header: "Offer", contact: { contactId: 3 } }, "header", (id) => document.getDocumentListAsync([id])],
  Ticket: [ticket, { title: "Leak" }, "title", (id) => ticket.getTicketsAsync([id])],
  Selection: [
    selection,
    { name: "Owners", description: "x" },
    "name",
    async (id) => (await archive.getArchiveListByColumnsAsync("FindSelection", ["selectionId", "name"], [], [], ["selection"], 0, 1000))
      .map((row) => ({ selectionId: row.primaryKey })),
  ],
};

const checks = {};
for (const [name, [agent, body, property, list]] of Object.entries(lives)) {
  const key = `${name[0].toLowerCase()}${name.slice(1)}Id`;
  const read = (id) => agent[`get${name}EntityAsync`](id, { ...inUtc });
  checks[`the life of a ${name}`] = async () => {
    const saved = await agent[`save${name}EntityAsync`](body, { ...inUtc });
    const id = saved[key];
    assert.ok(id > 0, `${key} ${id}`);
    assert.deepEqual(await read(id), saved);
    for (const [member, value] of Object.entries(body))
      if (typeof value !== "object") assert.equal(saved[member], value);
    await agent[`save${name}EntityAsync`]({ ...saved, [property]: "Changed" }, { ...inUtc });
    const changed = await read(id);
    assert.equal(changed[property], "Changed");
    assert.ok((await list(id)).some((row) => Number(row[key]) === id), "it is not in the list");
    await agent[`delete${name}EntityAsync`](id);
    assert.ok(!(await read(id)), "it is there after its delete");
    if (name !== "Selection" && name !== "Ticket") assert.ok(!(await list(id)).some((row) => row[key] === id));
  };
}

// Reading an entity and saving it back: every one that the client can save and read by its key.
const stamps = /^(updated|lastChanged)/;
const settled = (value) => Object.fromEntries(Object.entries(value).filter(([name]) => !stamps.test(name)));
const keyOf = (value, name) => {
  const keys = Object.keys(value).filter((member) => /^id$|Id$/.test(member) && value[member] > 0);
  const own = `${name.replace(/Entity$/, "")}Id`.toLowerCase();
  return value[keys.find((member) => member.toLowerCase() === own) || keys[0]];
};
// Saves that are left out: of lists, of what has no key of its own, of carriers that the contract's release has not.
const lists = ["QuoteLines", "QuickReplies", "Preferences", "TabOrders", "CentralLicense", "ChatPresence"];
const keyless = ["Product", "StatusMonitorPeriods", "Current", "Preference", "TabOrder", "SystemTemplateSettings", "ActorTypeMapping"];
const newer = ["PictureFolderEntity", "MailingEntity"];
const left = new Set([...lists, ...keyless, ...newer]);
const needed = { Webhook: { targetUrl: "https://example.com/hook" } };

for (const [place, agent] of Object.entries(agents))
  for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(agent))) {
    const name = (/^save(\w+)Async$/.exec(method) || [])[1];
    const argument = (/^async \w+\((\w+), (?:webapi_)?options\)/.exec(String(agent[method])) || [])[1];
    const takesEntity = argument === "entity" || (argument && name && name.toLowerCase().includes(argument.toLowerCase()));
    if (!name || !takesEntity || !agent[`get${name}Async`] || left.has(name)) continue;
    checks[`${place} ${name} read and saved back`] = async () => {
      const blank = agent[`createDefault${name}Async`] ? await agent[`createDefault${name}Async`]() : {};
      const saved = await agent[method]({ ...blank, ...needed[name] }, { ...inUtc });
      const id = keyOf(saved, name);
      assert.ok(id > 0, `no key in ${JSON.stringify(saved).slice(0, 200)}`);
      const before = await agent[`get${name}Async`](id, { ...inUtc });
      assert.ok(before, `${id} is not there`);
      await agent[method](before, { ...inUtc });
      assert.deepEqual(settled(await agent[`get${name}Async`](id, { ...inUtc })), settled(before));
    };
  }

for (const name of ["Contact", "Person", "Sale", "Project", "Appointment", "Document"]) {
  const rest = make(api[`${name}RestApi`]);
  checks[`${name} read and put back by REST`] = async () => {
    const { [`${name[0].toLowerCase()}${name.slice(1)}Id`]: id } = await rest.postAsync({}, { ...inUtc });
    const before = await rest.getByIdAsync(id, { ...inUtc });
    await rest.putByIdAsync(id, before, { ...inUtc });
    assert.deepEqual(settled(await rest.getByIdAsync(id, { ...inUtc })), settled(before));
  };
}

(async () => {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      console.log(`ok ${name}`);
    } catch (error) {
      const why = error.response ? `${error.response.status} ${JSON.stringify(error.response.data).slice(0, 300)}` : error.message;
      console.log(`failed ${name}: ${String(why).replace(/\s+/g, " ").slice(0, 400)}`);
    }
  }
  console.log(`${Object.keys(checks).length} checks`);
})();
