# Sourced by ./dev. `ensure_packages LIST...` installs the Debian packages of the named lists
# (tools/packages/LIST.txt) that are missing. It costs one dpkg-query when nothing is missing. Without root
# and without a sudo that asks nothing, it prints the one line to run and stops.

# The names in the lists, comments and empty lines left out.
packages_of() {
  local list
  for list in "$@"; do
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "tools/packages/$list.txt"
  done
}

# Those of its arguments that dpkg does not have installed.
missing_packages() {
  dpkg-query --show --showformat='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
    awk -v wanted="$*" '
      $2 == "installed" { have[$1] = 1 }
      END { n = split(wanted, name, " "); for (i = 1; i <= n; i++) if (!have[name[i]]) print name[i] }'
}

# Runs as root: installs, and keeps services that come along (nginx) from starting.
install_as_root='
  set -e
  export DEBIAN_FRONTEND=noninteractive
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf "#!/bin/sh\nexit 101\n" >"$policy"
    chmod 755 "$policy"
    trap "rm -f $policy" EXIT
  fi
  apt-get update -q
  apt-get install -q -y --no-install-recommends "$@"
'

ensure_packages() {
  local wanted missing
  mapfile -t wanted < <(packages_of "$@")
  if ! command -v dpkg-query >/dev/null; then
    echo "dev: this is not a Debian system; install what these name: ${wanted[*]}" >&2
    return 0
  fi
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  [ "${#missing[@]}" -eq 0 ] && return 0
  echo "dev: installing ${missing[*]}" >&2
  if [ "$(id -u)" -eq 0 ]; then
    bash -c "$install_as_root" install "${missing[@]}" >&2
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo -n bash -c "$install_as_root" install "${missing[@]}" >&2
  else
    echo "dev: missing packages. Run this once, then ./dev again:" >&2
    echo "  sudo apt-get install ${missing[*]}" >&2
    return 1
  fi
}
