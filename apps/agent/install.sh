#!/bin/sh
# Installs the agent as a service of this board, upgrades it, or takes it away again. Every command that changes something is shown
# before it runs; --print shows them and runs none.
set -eu

usage='usage: sudo sh install.sh [--print] alpharho-agent-VERSION.tgz
       sudo sh install.sh [--print] --uninstall [--purge]

  --print      show what would be done, and do nothing
  --uninstall  take away program and service; settings, outbox, variants and user stay
  --purge      with --uninstall: take them away too'

prefix=/usr/local/lib/alpharho-agent
command=/usr/local/bin/alpharho-agent
config=/etc/alpharho-agent/config.yaml
data=/var/lib/alpharho-agent
unit=/etc/systemd/system/alpharho-agent.service
user=alpharho-agent

print=no
uninstall=no
purge=no
tarball=

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit "${2:-1}"
}

# Shows a command, and runs it unless it is only to be shown.
run() {
  printf '+ %s\n' "$*"
  [ "$print" = yes ] || "$@"
}

has() {
  command -v "$1" >/dev/null 2>&1
}

read_arguments() {
  for argument in "$@"; do
    case $argument in
      --print) print=yes ;;
      --uninstall) uninstall=yes ;;
      --purge) purge=yes ;;
      -h | --help)
        printf '%s\n' "$usage"
        exit 0
        ;;
      -*) fail "unknown option $argument
$usage" 2 ;;
      *) tarball=$argument ;;
    esac
  done
  [ "$purge" = no ] || [ "$uninstall" = yes ] || fail '--purge goes with --uninstall' 2
  [ "$uninstall" = yes ] || [ -f "$tarball" ] || fail "name the tarball of the agent
$usage" 2
}

check_board() {
  [ "$(uname -s)" = Linux ] || fail 'the agent runs on Linux'
  case $(uname -m) in
    x86_64 | aarch64) ;;
    *) fail "the agent needs a 64-bit system (x64 or arm64); this one is $(uname -m)" ;;
  esac
  [ "$(getconf LONG_BIT)" = 64 ] || fail 'the kernel is 64-bit, and its programs are not: install the 64-bit Raspberry Pi OS'
}

check_node() {
  has node || fail 'Node 20.19 or later is needed: https://nodejs.org/en/download'
  has npm || fail 'npm is needed; it comes with Node'
  # The condition is JavaScript; the shell is to leave it alone.
  # shellcheck disable=SC2016
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node 20.19 or later is needed; this is $(node --version)"
  # The program begins with it; every system whose glibc the agent runs on has it, unless BusyBox takes the place of coreutils.
  env -S true 2>/dev/null || fail 'env knows no -S: install GNU coreutils 8.30 or later'
  case $(command -v node) in
    /home/* | /root/*) fail "$(command -v node) is in a home folder, which the service cannot see: install Node for the whole system" ;;
  esac
}

install_packages() {
  has ffmpeg && return
  if has apt-get; then
    run apt-get install -y --no-install-recommends ffmpeg
  else
    printf 'ffmpeg is not installed: cameras that need it will say so\n'
  fi
}

make_user() {
  if ! id "$user" >/dev/null 2>&1; then
    run useradd --system --user-group --home-dir "$data" --no-create-home --shell /usr/sbin/nologin "$user"
  fi
  # Cameras, GPUs and the pins of the board belong to these groups.
  for group in video render gpio; do
    if getent group "$group" >/dev/null; then run usermod --append --groups "$group" "$user"; fi
  done
  [ -d "$data" ] || run install -d -m 0750 -o "$user" -g "$user" "$data"
}

# The new program is whole before it takes the old one's place.
install_program() {
  run rm -rf "$prefix.new"
  run install -d -m 0755 "$prefix.new"
  # SQLite's install script fetches its library for this processor, or compiles it; newer npm asks whether it may.
  manifest=$(mktemp)
  printf '{ "private": true, "allowScripts": { "sqlite3": true } }\n' >"$manifest"
  run install -m 0644 "$manifest" "$prefix.new/package.json"
  rm -f "$manifest"
  run npm install --prefix "$prefix.new" --omit=dev --no-audit --no-fund "$tarball"
  run rm -rf "$prefix.old"
  if [ -d "$prefix" ]; then run mv "$prefix" "$prefix.old"; fi
  run mv "$prefix.new" "$prefix"
  run rm -rf "$prefix.old"
  run ln -sf "$prefix/node_modules/.bin/alpharho-agent" "$command"
}

# A file that is there stays as it is. The agent reads it through its group; nobody else does, since addresses may carry passwords.
make_config() {
  run install -d -m 0755 "$(dirname "$config")"
  [ ! -e "$config" ] || return 0
  template=$(mktemp)
  cat >"$template" <<'TEMPLATE'
# Settings of alpharho-agent. "alpharho-agent config --explain" lists all of them, "alpharho-agent cameras" what is connected.
# camera: /dev/video0
# hub: mqtt://hub.local:1883
# The one folder that the service may write.
data-dir: /var/lib/alpharho-agent
TEMPLATE
  run install -m 0640 -o root -g "$user" "$template" "$config"
  rm -f "$template"
}

install_service() {
  if ! has systemctl; then
    printf 'There is no systemd here: start the agent with "%s run".\n' "$command"
    return
  fi
  run install -m 0644 "$prefix/node_modules/alpharho-agent/systemd/alpharho-agent.service" "$unit"
  run systemctl enable alpharho-agent
  # An image that is being made has systemd, and nobody to talk to yet: it starts the agent when it boots.
  [ -d /run/systemd/system ] || return 0
  run systemctl daemon-reload
  if systemctl is-active --quiet alpharho-agent; then
    run systemctl restart alpharho-agent
  fi
}

next_steps() {
  cat <<STEPS

The agent is installed. Next:
  sudo alpharho-agent enroll http://HUB:1880 --token TOKEN   the dashboard shows both
  alpharho-agent cameras                                     then write one into $config, as camera:
  sudo -u $user alpharho-agent doctor              each line says what is missing
  sudo systemctl restart alpharho-agent
  alpharho-agent status
STEPS
}

remove_all() {
  if has systemctl && [ -e "$unit" ]; then
    if [ -d /run/systemd/system ]; then run systemctl stop alpharho-agent; fi
    run systemctl disable alpharho-agent
    run rm -f "$unit"
    if [ -d /run/systemd/system ]; then run systemctl daemon-reload; fi
  fi
  run rm -rf "$prefix" "$prefix.new" "$prefix.old"
  run rm -f "$command"
  if [ "$purge" = yes ]; then
    run rm -rf "$data" "$(dirname "$config")"
    if id "$user" >/dev/null 2>&1; then run userdel "$user"; fi
  else
    printf 'Kept: %s, %s and the user %s. --purge takes them away too.\n' "$(dirname "$config")" "$data" "$user"
  fi
}

read_arguments "$@"
[ "$print" = yes ] || [ "$(id -u)" = 0 ] || fail 'run it as root: sudo sh install.sh ...'
if [ "$uninstall" = yes ]; then
  remove_all
  exit
fi
check_board
check_node
install_packages
make_user
install_program
make_config
install_service
next_steps
