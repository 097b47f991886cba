// Calls a mock with the official TypeScript client, unchanged: node webapi.js ADDRESS TOKEN
// One line a call: "ok NAME" or "failed NAME: why". Ends with the number of calls.
const assert = require("assert");
const { createRequire } = require("module");
const api = createRequire(process.cwd() + "/x.js")("@superoffice/webapi");

const [, , address, token] = process.argv;
// The client writes the headers of one call into the object it was given, so they go out with later calls too:
// each client has an object of its own, and calls with conditions or zones use a client of their own.
const make = (kind) =>
  new kind({ baseUrl: address, axiosConfig: { headers: { Authorization: `Bearer ${token}` }, timeout: 20000 } });

const contact = make(api.ContactAgent), person = make(api.PersonAgent), appointment = make(api.AppointmentAgent);
const sale = make(api.SaleAgent), project = make(api.ProjectAgent), documents = make(api.DocumentAgent);
const list = make(api.ListAgent), associate = make(api.AssociateAgent), selection = make(api.SelectionAgent);
const preference = make(api.PreferenceAgent), mdo = make(api.MDOAgent), archive = make(api.ArchiveAgent);
const contacts = make(api.ContactRestApi), persons = make(api.PersonRestApi), appointments = make(api.AppointmentRestApi);
const sales = make(api.SaleRestApi), projects = make(api.ProjectRestApi), papers = make(api.DocumentRestApi);

const noon = new Date(Date.UTC(2026, 6, 1, 12, 0, 0));
const inUtc = { timezone: "utc", timezoneInclude: true };
const isDate = (value) => assert.ok(value instanceof Date && !isNaN(value), `no date: ${value}`);
const status = async (call, expected) => {
  try {
    await call();
  } catch (error) {
    assert.equal(error.response.status, expected);
    return error.response.data;
  }
  assert.fail(`no error, ${expected} was expected`);
};

const calls = {
  // agents: reading
  "a contact": async () => {
    const got = await contact.getContactEntityAsync(17);
    assert.equal(got.contactId, 17);
    assert.equal(typeof got.name, "string");
    isDate(got.updatedDate);
    assert.equal(typeof got.activeInterests, "number");
  },
  "contacts by ids": async () => {
    const got = await contact.getContactListAsync([4, 9]);
    assert.deepEqual(got.map((one) => one.contactId), [4, 9]);
  },
  "a new contact": async () => assert.equal((await contact.createDefaultContactEntityAsync()).contactId, 0),
  "a person": async () => assert.equal((await person.getPersonEntityAsync(210, inUtc)).personId, 210),
  "a short person": async () => assert.equal((await person.getPersonAsync(5)).personId, 5),
  "persons by ids": async () => assert.equal((await person.getPersonListAsync([1, 2, 3])).length, 3),
  "an appointment": async () => {
    const got = await appointment.getAppointmentEntityAsync(63, inUtc);
    assert.equal(got.appointmentId, 63);
    isDate(got.startDate);
  },
  "a new appointment": async () => assert.equal((await appointment.createDefaultAppointmentEntityAsync()).appointmentId, 0),
  "a sale": async () => {
    const got = await sale.getSaleEntityAsync(8);
    assert.equal(got.saleId, 8);
    assert.equal(typeof got.amount, "number");
  },
  "a project": async () => assert.equal((await project.getProjectEntityAsync(3)).projectId, 3),
  "a document": async () => assert.equal((await documents.getDocumentEntityAsync(3)).documentId, 3),
  "an associate": async () => assert.equal((await associate.getAssociateAsync(5)).associateId, 5),
  "associates by ids": async () => assert.equal((await associate.getAssociateListAsync([1, 2])).length, 2),
  "a selection": async () => assert.equal((await selection.getSelectionEntityAsync(5)).selectionId, 5),
  "a preference": async () =>
    assert.equal((await preference.getPreferenceDescriptionAsync(5)).prefDescId, 5),
  "a currency to be": async () => assert.ok(await list.createDefaultCurrencyEntityAsync()),
  "an archive of contacts": async () =>
    assert.ok(Array.isArray(await archive.getArchiveListByColumnsAsync("contact", ["name"], [], [], ["contact"], 0, 10))),
  "an MDO list": async () => assert.ok(Array.isArray(await mdo.getListAsync("country", true, "", false))),

  // agents: saving
  "a saved contact": async () => {
    const got = await contact.saveContactEntityAsync({ contactId: 0, name: "Acme", department: "Søk & Co" });
    assert.equal(got.name, "Acme");
    assert.equal(got.department, "Søk & Co");
    assert.ok(got.contactId > 0);
  },
  "a contact read, changed and saved": async () => {
    const got = await contact.getContactEntityAsync(17);
    got.name = "Changed";
    assert.equal((await contact.saveContactEntityAsync(got)).name, "Changed");
  },
  "an appointment there and back in UTC": async () => {
    const got = await make(api.AppointmentAgent).getAppointmentEntityAsync(63, inUtc);
    const again = await make(api.AppointmentAgent).saveAppointmentEntityAsync({ ...got, startDate: noon }, inUtc);
    assert.equal(again.startDate.getTime(), noon.getTime());
    assert.equal(again.endDate.getTime(), got.endDate.getTime());
  },
  "an appointment in New York": async () => {
    const zone = { timezone: "US-NY", timezoneInclude: true };
    const got = await make(api.AppointmentAgent).saveAppointmentEntityAsync({ appointmentId: 0, startDate: noon, endDate: noon }, zone);
    assert.equal(got.startDate.getTime(), noon.getTime());
  },
  "offsets without a zone": async () => {
    const got = await make(api.AppointmentAgent).saveAppointmentEntityAsync({ startDate: noon, endDate: noon }, { timezoneInclude: true });
    assert.equal(got.startDate.getTime(), noon.getTime());
  },
  "a person with a birthday": async () => {
    const got = await make(api.PersonAgent).savePersonEntityAsync({ personId: 0, firstname: "Ann", lastname: "Berg", birthDate: noon }, inUtc);
    assert.equal(got.birthDate.toISOString().slice(0, 10), "2026-07-01");
  },
  "a saved sale": async () => assert.equal((await sale.saveSaleEntityAsync({ saleId: 0, amount: 1234.5 })).amount, 1234.5),
  "a saved project": async () => assert.equal((await project.saveProjectEntityAsync({ name: "P" })).name, "P"),
  "a deleted contact": async () => assert.ok(!(await contact.deleteContactEntityAsync(4711))),
  "a text in one language": async () => {
    const raw = { contactId: 17, name: 'NO:"Kunde";US:"Customer"' };
    assert.equal((await contact.saveContactEntityAsync(raw)).name, raw.name);
    assert.equal((await make(api.ContactAgent).saveContactEntityAsync(raw, { languageCode: "no" })).name, "Kunde");
    assert.equal((await make(api.ContactAgent).saveContactEntityAsync(raw, { languageCode: "en-US" })).name, "Customer");
  },

  // streams
  "a template as bytes": async () => {
    const got = await documents.getTemplateStreamAsync("a.txt", true, "en");
    assert.ok(Buffer.from(got).toString().startsWith("An example"));
  },
  "a template as base64": async () => {
    const got = await documents.getTemplateStreamAsync({ templateName: "a.txt", allowPersonal: true, uiCulture: "en" }, { returnBlob: api.ReturnBlobType ? api.ReturnBlobType.AsBase64 : 1 });
    assert.ok(got);
  },
  "a picture": async () => {
    const got = Buffer.from(await person.getPersonImageAsync(147));
    assert.ok(got.length > 10);
  },

  // REST
  "a contact by REST": async () => assert.equal((await contacts.getByIdAsync(17)).contactId, 17),
  "a new contact by REST": async () => assert.equal((await contacts.getDefaultAsync()).contactId, 0),
  "a posted contact": async () => assert.equal((await contacts.postAsync({ name: "Acme" })).name, "Acme"),
  "a put contact": async () => assert.equal((await contacts.putByIdAsync(17, { name: "Acme" })).contactId, 17),
  "a contact patched by operations": async () => {
    const got = await contacts.patchByIdAsync(17, [
      { op: "replace", path: "/name", value: "New" },
      { op: "test", path: "/Name", value: "New" },
    ]);
    assert.equal(got.name, "New");
  },
  "a contact patched by a part": async () => assert.equal((await contacts.patchByIdAsync(17, { name: "New" })).name, "New"),
  "a patch whose test fails": async () => {
    const body = await status(() => contacts.patchByIdAsync(17, [{ op: "test", path: "/Name", value: "other" }]), 409);
    assert.equal(body.Error, true);
  },
  "a contact that is not modified": async () => {
    const options = { ifModifiedSince: new Date(Date.UTC(2100, 0, 1)), ifNotModifiedThrowError: true };
    await status(() => make(api.ContactRestApi).getByIdAsync(17, options), 304);
  },
  "a contact that was modified": async () =>
    assert.equal((await make(api.ContactRestApi).getByIdAsync(17, { ifModifiedSince: new Date(Date.UTC(2000, 0, 1)) })).contactId, 17),
  "a put that comes too late": async () =>
    status(() => make(api.ContactRestApi).putByIdAsync(17, { name: "x" }, { ifUnmodifiedSince: new Date(Date.UTC(2000, 0, 1)) }), 412),
  "a contact deleted by REST": async () => assert.ok(!(await make(api.ContactRestApi).deleteByIdAsync(4712))),
  "a person by REST": async () => assert.equal((await persons.getByIdAsync(210, inUtc)).personId, 210),
  "an appointment by REST": async () => {
    const got = await make(api.AppointmentRestApi).putByIdAsync(63, { startDate: noon, endDate: noon }, inUtc);
    assert.equal(got.startDate.getTime(), noon.getTime());
  },
  "a sale by REST": async () => assert.equal((await sales.getByIdAsync(8)).saleId, 8),
  "a project by REST": async () => assert.equal((await projects.getByIdAsync(8)).projectId, 8),
  "a document by REST": async () => assert.equal((await papers.getByIdAsync(8)).documentId, 8),
  "a zone that nobody knows": async () =>
    assert.equal((await status(() => make(api.ContactRestApi).getByIdAsync(17, { timezone: "XX" }), 400)).ErrorType, "ArgumentException"),
};

(async () => {
  for (const [name, call] of Object.entries(calls)) {
    try {
      await call();
      console.log(`ok ${name}`);
    } catch (error) {
      console.log(`failed ${name}: ${error.response ? error.response.status + " " + JSON.stringify(error.response.data).slice(0, 300) : error.message}`);
    }
  }
  console.log(`${Object.keys(calls).length} calls`);
})();
