"""Variables and files that send the clients of a command through the mock's proxy, trusting its authority.

It is all in the environment of the command and in files of its own: the machine's trust store stays as it is.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from mockso.testing.world import no_proxy
from mockso.web.authority import Authority

_PASSWORD = "mockso"  # of the trust store, which has nothing secret in it

# Node's fetch heeds no proxy variable before Node 24, and its https module never.
_PRELOAD = """\
"use strict";
const http = require("http"), https = require("https"), tls = require("tls");
const proxy = new URL(%(proxy)s);
const direct = (process.env.NO_PROXY || "").split(",").map((name) => name.trim()).filter(Boolean);
const isDirect = (host) => direct.some((name) => host === name || host.endsWith("." + name.replace(/^\\*?\\./, "")));

function tunnel(options, callback) {
  const host = options.servername || options.hostname || options.host, port = options.port || 443;
  const request = http.request({
    host: proxy.hostname, port: proxy.port, method: "CONNECT", path: `${host}:${port}`,
    headers: { Host: `${host}:${port}` }, agent: false,
  });
  request.once("connect", (response, socket) => {
    if (response.statusCode !== 200) {
      socket.destroy();
      callback(new Error(`the mock's proxy refused ${host}: ${response.statusCode}; see mockso's journal`));
      return;
    }
    const secure = tls.connect({ socket, servername: host, ca: options.ca, ALPNProtocols: ["http/1.1"] });
    secure.once("secureConnect", () => callback(null, secure));
    secure.once("error", callback);
  });
  request.once("error", callback);
  request.end();
}

const createConnection = https.Agent.prototype.createConnection;
https.Agent.prototype.createConnection = function (options, callback) {
  const host = options.servername || options.hostname || options.host;
  if (isDirect(host)) return createConnection.call(this, options, callback);
  tunnel(options, callback);
};

if (typeof fetch === "function") {
  const dispatcher = Symbol.for("undici.globalDispatcher.1");
  const original = globalThis.fetch;
  let ready = null;
  async function prepare() {
    await original("data:,");  // loads what fetch is made of
    const Agent = globalThis[dispatcher].constructor;
    const usual = globalThis[dispatcher];
    const through = new Agent({ connect: (options, callback) => tunnel(options, callback) });
    const dispatch = usual.dispatch.bind(usual);
    usual.dispatch = (options, handler) => {
      const origin = new URL(String(options.origin));
      const goesThrough = origin.protocol === "https:" && !isDirect(origin.hostname);
      return goesThrough ? through.dispatch(options, handler) : dispatch(options, handler);
    };
  }
  globalThis.fetch = async function fetch(...given) {
    ready = ready || prepare();
    await ready;
    return original(...given);
  };
}
"""


def interception_variables(
    proxy: str, authority: Authority, folder: Path, environment: Mapping[str, str]
) -> dict[str, str]:
    """Variables that send common clients to a proxy and make them trust an authority; files go into `folder`."""
    own, bundle = folder / "authority.pem", folder / "bundle.pem"
    own.write_bytes(authority.pem)
    bundle.write_bytes(_system_certificates() + authority.pem)
    (folder / "java.p12").write_bytes(authority.java_store(_PASSWORD.encode()))
    (folder / "mockso.ini").write_text(f"curl.cainfo={bundle}\nopenssl.cafile={bundle}\n")
    preload = folder / "preload.cjs"
    preload.write_text(_PRELOAD % {"proxy": repr(proxy)})
    host, port = urlsplit(proxy).hostname, urlsplit(proxy).port
    java = [
        f"-Djavax.net.ssl.trustStore={folder / 'java.p12'}",
        f"-Djavax.net.ssl.trustStorePassword={_PASSWORD}",
        "-Djavax.net.ssl.trustStoreType=PKCS12",
        *(
            f"-D{scheme}.proxy{name}={text}"
            for scheme in ("http", "https")
            for name, text in (("Host", host), ("Port", port))
        ),
        "-Dhttp.nonProxyHosts=localhost|127.*|[::1]",
    ]
    proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), proxy)
    bundles = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(bundle))
    return {
        **proxies,
        **dict.fromkeys(("NO_PROXY", "no_proxy"), no_proxy()),
        **bundles,
        "NODE_EXTRA_CA_CERTS": str(own),
        "NODE_OPTIONS": _with(environment.get("NODE_OPTIONS"), f'--require "{preload}"'),
        # An empty part keeps PHP's own folder.
        "PHP_INI_SCAN_DIR": f"{environment.get('PHP_INI_SCAN_DIR', '')}{os.pathsep}{folder}",
        "JAVA_TOOL_OPTIONS": _with(environment.get("JAVA_TOOL_OPTIONS"), " ".join(java)),
    }


def _with(before: str | None, more: str) -> str:
    return f"{before} {more}" if before else more


def _system_certificates() -> bytes:
    """The certificates that are trusted here anyway, for hosts that may pass."""
    file = ssl.get_default_verify_paths().cafile
    if not file:
        return b""
    content = Path(file).read_bytes()
    return content if content.endswith(b"\n") else content + b"\n"
