# shellcheck shell=bash
# Installs what the end-to-end tests start as real peers. Sourced by ./test; each test starts its own processes on free ports.

# Debian packages, by the command that proves them present.
service_packages=(prometheus:prometheus promtool:prometheus python3:python3 curl:curl
  swift-proxy-server:swift-proxy swift-account-server:swift-account swift-container-server:swift-container
  swift-object-server:swift-object memcached:memcached redis-server:redis-server
  redis-cli:redis-tools node:nodejs npm:npm)

install_services() {
  local missing=() pair
  for pair in "${service_packages[@]}"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
  done
  [ "${#missing[@]}" -eq 0 ] && return
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root=(sudo -n); else
      echo "not root and no password-less sudo: tests that need ${missing[*]} will be skipped"
      return
    fi
  fi
  if ! command -v apt-get >/dev/null; then
    echo "no apt-get: tests that need ${missing[*]} will be skipped"
    return
  fi
  echo "installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq >/dev/null 2>&1
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 ||
    echo "apt-get could not install ${missing[*]}: tests that need them will be skipped"
}
