// A suite over the client file of the page "In any language": makes a tenant, seeds, grants, expires, moves the clock,
// resets. Prints "ok NAME" or "not ok NAME: WHY" for each check, and their number.
import assert from "node:assert/strict";
import { makeTenant } from "./mockso.mjs";

const tenant = await makeTenant({ grants: ["User"], data: ["none"] });
const headers = { Authorization: `Bearer ${tenant.token}`, "Content-Type": "application/json" };
const call = (path, method = "GET", body = undefined) =>
  fetch(`${tenant.url}/${path}`, { method, headers, body: body && JSON.stringify(body) });
const status = async (path) => (await call(path)).status;

const checks = {
  async "rows are seeded and read"() {
    await tenant.seed({ Contact: { 5: { Name: "Acme" } } });
    assert.equal((await (await call("Contact/5")).json()).Name, "Acme");
  },
  async "agents are granted and revoked"() {
    assert.equal(await status("Webhook"), 403);
    await tenant.grant(["Webhook"]);
    assert.equal(await status("Webhook"), 200);
    await tenant.revoke(["Webhook"]);
    assert.equal(await status("Webhook"), 403);
  },
  async "a misspelt agent is refused with the nearest"() {
    await assert.rejects(tenant.grant(["Webhok"]), /Did you mean 'Webhook'/);
  },
  async "the clock makes a token expire"() {
    const { url, client_id, client_secret } = tenant.login;
    const redirect_uri = "http://localhost/cb";
    const query = new URLSearchParams({ client_id, redirect_uri, response_type: "code", scope: "openid" });
    const back = await fetch(`${url}/common/oauth/authorize?${query}`, { redirect: "manual" });
    const code = new URL(back.headers.get("location")).searchParams.get("code");
    const form = { grant_type: "authorization_code", client_id, client_secret, redirect_uri, code };
    const body = new URLSearchParams(form);
    const tokens = await (await fetch(`${url}/common/oauth/tokens`, { method: "POST", body })).json();
    const read = async () =>
      (await fetch(`${tenant.url}/Contact/5`, { headers: { Authorization: `Bearer ${tokens.access_token}` } })).status;
    assert.equal(await read(), 200);
    await tenant.advance(3601);
    assert.equal(await read(), 401);
  },
  async "the state changes"() {
    await tenant.state("OfflineMaintenance");
    assert.equal(await status("Contact/5"), 503);
    await tenant.state();
    assert.equal(await status("Contact/5"), 200);
  },
  async "a snapshot is restored"() {
    await tenant.snapshot();
    await call("Contact/5", "DELETE");
    assert.equal(await status("Contact/5"), 404);
    await tenant.restore();
    assert.equal(await status("Contact/5"), 200);
  },
  async "tokens expire at once"() {
    await tenant.expire();
    assert.equal(await status("Contact/5"), 401);
  },
  async "a reset is a fresh tenant"() {
    await tenant.reset();
    assert.equal(await status("Contact/5"), 404);
  },
  async "a tenant is dropped"() {
    assert.deepEqual(await tenant.drop(), { deleted: 1 });
    await assert.rejects(tenant.grant(["User"]), /there is no tenant/);
  },
};

for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`not ok ${name}: ${error.message}`);
  }
}
console.log(Object.keys(checks).length);
