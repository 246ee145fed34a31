#!/usr/bin/env bash
# The README's commands on a machine as fresh as they come: Debian's own Python, git and make, and nothing else.
#
#   tests/fresh_machine.sh [FOLDER [SUITE]]
#
# FOLDER (by default a temporary one, which goes in the end) must be empty or missing. SUITE is a release of Debian: trixie, the
# default, has Python 3.13, sid has 3.14. The mirror of Debian and pip's settings are those of this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

cannot() { echo "tests/fresh_machine.sh cannot run here: $1." >&2; exit 77; }
[ "$(id -u)" = 0 ] || cannot "it needs root, for chroot"
command -v debootstrap >/dev/null || cannot "there is no debootstrap; on Debian, apt-get install debootstrap brings it"
mirror=$(apt-get indextargets --format '$(SITE)' 2>/dev/null | grep -E '/debian/?$' | head -1) || true
[ -n "$mirror" ] || cannot "apt names no mirror of Debian"

suite=${2:-trixie}
if [ $# -gt 0 ]; then
  machine=$(realpath -m "$1")
else
  machine=$(mktemp -d)
  trap 'rm -rf "$machine"' EXIT
fi
mkdir -p "$machine"
[ -z "$(ls -A "$machine")" ] || cannot "$machine is not empty"

SECONDS=0
debootstrap --variant=minbase --include=python3,python3-venv,git,make,ca-certificates "$suite" "$machine" "$mirror" \
  >"$machine.log" 2>&1 || { tail -20 "$machine.log"; exit 1; }
rm -f "$machine.log"
cp -rL /etc/ssl/certs "$machine/etc/ssl/" 2>/dev/null || true  # a registry may answer by an authority of this machine
cp -L /etc/resolv.conf /etc/hosts "$machine/etc/"
git clone -q "file://$PWD" "$machine/root/report"
echo "Debian $suite after $SECONDS s."

settings=()
for name in PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_CERT PIP_DEFAULT_TIMEOUT SSL_CERT_FILE HTTP_PROXY HTTPS_PROXY NO_PROXY \
  http_proxy https_proxy no_proxy CI; do
  if [ -n "${!name:-}" ]; then settings+=("$name=${!name}"); fi
done
# its own mounts and processes, which end with it
unshare --mount --pid --fork bash -euo pipefail -c '
  machine=$1; shift
  mount -t proc proc "$machine/proc"
  mount --rbind /dev "$machine/dev"
  exec chroot "$machine" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/bin:/usr/bin:/bin TERM=dumb SEQ2SEQ_PROFILE=smoke "$@"
' fresh "$machine" "${settings[@]}" bash -euo pipefail -c '
  cd /root/report
  python3 --version
  make report
  .venv/bin/python -m seq2seq_lib translate "The tall woman never buys red shoes."
  .venv/bin/python -m seq2seq_lib doctor
  make test-models
  ls -l report
'
echo "All of it after $SECONDS s."
