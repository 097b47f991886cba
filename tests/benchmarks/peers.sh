#!/bin/sh
# Install the tools mockso is compared with into a folder: sh peers.sh FOLDER
# Also needed on the machine: Java 11 or newer for WireMock, Node.js, and wrk for the load.
set -eu

folder=${1:-${MOCKSO_PEERS:?give a folder, or set MOCKSO_PEERS}}
mkdir -p "$folder"
npm install --prefix "$folder" --no-fund --no-audit wiremock @stoplight/prism-cli mountebank
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet "moto[server]" pytest-httpserver pytest requests
command -v java >/dev/null || echo "java is missing: WireMock will be skipped" >&2
command -v wrk >/dev/null || echo "wrk is missing: throughput and memory will be skipped" >&2
