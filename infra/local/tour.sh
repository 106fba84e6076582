#!/usr/bin/env bash
# Runs the README's tour as a newcomer would paste it, against a server of its
# own, and checks that the live session's candidates quote what was said.
set -euo pipefail
repo=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=infra/local/serve.sh
. "$repo/infra/local/serve.sh"
serve
cd "$work"
ln -s "$repo/infra" infra
ln -s data .griot

awk '/^## Two minutes/ {tour=1} /^## One command/ {tour=0}
     tour && /^```sh$/ {code=1; next} /^```$/ {code=0} tour && code' "$repo/README.md" >tour
# Without pipefail: head may leave while curl still writes, as in any shell.
echo 'set -eu' | cat - tour >tour.strict
bash tour.strict | tee tour.out

expect() { grep -qF -- "$1" tour.out || { echo "the tour did not print: $1"; exit 1; }; }
expect '"status":"completed","last_seq":347}'
expect '"signal":"single_person_dependency"'
expect '"kind":"mp3"'
if [ -n "${GRIOT_TRANSCRIBER:-}" ]; then
  expect 'sk not what your country can do for you'
else
  expect '"code":"transcriber_unavailable"'
fi
expect '"accepted":2,"duplicates":0'
expect '"accepted":0,"duplicates":2'
expect '"topics":["Elin Sorrenby","Revenue Accounting","Month-end revenue close","Maren Oduya"]'
expect '"topics":["Gareth Loomis","Henrik Vasse","Wanjiru Tamm","Month-end revenue close"]'
expect 'They take a sample of twenty-five journals'
expect '"title":"Month-end revenue close"'
grep -q '^"quote":"' tour.out || { echo "nothing of the live session is quoted"; exit 1; }
grep -o '^"quote":"[^"]*' tour.out | cut -d'"' -f4 | while read -r quote; do
  grep -qF -- "$quote" tour || { echo "a quote nobody said: $quote"; exit 1; }
done
echo "the tour works"
