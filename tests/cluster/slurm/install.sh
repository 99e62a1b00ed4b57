#!/usr/bin/env bash
# Installs SLURM where Debian's apt-get and root can; it is started by the tests, not by this.
set -euo pipefail
if ! command -v slurmctld >/dev/null; then
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install slurm-wlm munge >/dev/null
fi
