# Sourced by scripts that drive an embedded server of their own. It makes a
# folder, work, that goes with the script, and so does the server. serve builds
# and starts it on a free port, its data in $work/data, and sets BASE, KEY and
# what else it says of its workspaces.
#
# venv NAME LIST makes a virtual environment with the Python packages of a list,
# once for each version of the list, and sets venv to where it is.
serving=
work=$(mktemp -d)

leave() {
  [ -z "$serving" ] || { kill "$serving" && wait "$serving"; } || true
  rm -rf "$work"
}
trap leave EXIT

serve() {
  go build -C "$(dirname "${BASH_SOURCE[0]}")/../.." -o "$work/griot" ./infra/local
  "$work/griot" -addr 127.0.0.1:0 -data "$work/data" >"$work/server.log" 2>&1 &
  serving=$!
  for _ in $(seq 200); do
    [ -f "$work/data/env" ] && break
    kill -0 "$serving" 2>/dev/null || { cat "$work/server.log" >&2; return 1; }
    sleep 0.1
  done
  # shellcheck source=/dev/null
  . "$work/data/env"
}

venv() {
  venv=${SDK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/griot-sdk}/$1-$(cksum <"$2" | cut -d' ' -f1)
  [ -f "$venv/installed" ] && return
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q --disable-pip-version-check -r "$2" >&2
  touch "$venv/installed"
}
