# Sourced by scripts that drive an embedded server of their own: serve WORK
# builds and starts it on a free port, its data in WORK/data, and sets BASE, KEY
# and what else it says of its workspaces. stop_serving ends it.
serving=

serve() {
  go build -C "$(dirname "${BASH_SOURCE[0]}")/../.." -o "$1/griot" ./infra/local
  "$1/griot" -addr 127.0.0.1:0 -data "$1/data" >"$1/server.log" 2>&1 &
  serving=$!
  for _ in $(seq 200); do
    [ -f "$1/data/env" ] && break
    kill -0 "$serving" 2>/dev/null || { cat "$1/server.log" >&2; return 1; }
    sleep 0.1
  done
  # shellcheck source=/dev/null
  . "$1/data/env"
}

stop_serving() {
  [ -z "$serving" ] || { kill "$serving" && wait "$serving"; } || true
}
