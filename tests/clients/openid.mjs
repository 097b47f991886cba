// Logs in with openid-client and verifies with jose, both unchanged. Arguments: the mock's address, a tenant, "text" or
// "number" for the id_token's iat. Prints "ok NAME" or "not ok NAME: WHY" for each check, and their number.
import assert from "node:assert/strict";
import * as jose from "jose";
import * as client from "openid-client";

const [url, tenant, iat] = process.argv.slice(2);
const redirect_uri = "http://localhost:3000/callback";
const audience = `mockso-client.${tenant}`;

const config = await client.discovery(
  new URL(`${url}/login/.well-known/openid-configuration`), audience, "secret", undefined,
  { execute: [client.allowInsecureRequests] });

async function sentBack() {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const to = client.buildAuthorizationUrl(config, {
    redirect_uri, scope: "openid", state, code_challenge_method: "S256",
    code_challenge: await client.calculatePKCECodeChallenge(verifier) });
  const reply = await fetch(to, { redirect: "manual" });
  return [new URL(reply.headers.get("location")), { pkceCodeVerifier: verifier, expectedState: state }];
}

async function byHand() {
  const [location, { pkceCodeVerifier: code_verifier }] = await sentBack();
  const body = new URLSearchParams({ grant_type: "authorization_code", client_id: audience, redirect_uri,
    code_verifier, code: location.searchParams.get("code") });
  return (await fetch(`${url}/login/common/oauth/tokens`, { method: "POST", body })).json();
}

const checks = {
  async "jose verifies the signature"() {
    const keys = jose.createRemoteJWKSet(new URL(`${url}/login/.well-known/jwks`));
    const { id_token } = await byHand();
    const { payload } = await jose.compactVerify(id_token, keys);
    assert.equal(JSON.parse(new TextDecoder().decode(payload)).aud, audience);
  },
  async "jose validates the claims where iat is a number"() {
    const keys = jose.createRemoteJWKSet(new URL(`${url}/login/.well-known/jwks`));
    const { id_token } = await byHand();
    const verification = jose.jwtVerify(id_token, keys, { audience, issuer: url });
    if (iat === "number") assert.equal((await verification).payload.aud, audience);
    else await assert.rejects(verification, /iat/);
  },
  async "openid-client runs the whole flow where iat is a number"() {
    const [location, checks] = await sentBack();
    const grant = client.authorizationCodeGrant(config, location, checks);
    if (iat !== "number") return void (await assert.rejects(grant));
    const tokens = await grant;
    const again = await client.refreshTokenGrant(config, tokens.refresh_token);
    const api = `${url}/${tenant}/api/v1/User/currentPrincipal`;
    const reply = await client.fetchProtectedResource(config, again.access_token, new URL(api), "GET");
    assert.equal((await reply.json()).Associate, "KAB");
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
