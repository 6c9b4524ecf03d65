#!/usr/bin/env bash
# Everything that must hold before a change lands: format, lints, tests, documentation tests.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# A C compiler builds the cryptography crate; curl takes the tours of the documents; strace watches for flushes; the tests
# start clusters of PostgreSQL of their own, with pgbouncer before them and certificates that openssl makes, and browsers that
# open the pages, with letters for Chinese.
missing=()
command -v cc >/dev/null || missing+=(gcc libc6-dev)
command -v curl >/dev/null || missing+=(curl)
command -v strace >/dev/null || missing+=(strace)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
[ -x /usr/sbin/pgbouncer ] || missing+=(pgbouncer)
command -v openssl >/dev/null || missing+=(openssl)
[ -x /usr/bin/chromium ] || missing+=(chromium)
command -v chromedriver >/dev/null || missing+=(chromium-driver)
compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK-*' >/dev/null || missing+=(fonts-noto-cjk)
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
command -v unzip >/dev/null || missing+=(unzip)
if [ "${#missing[@]}" -gt 0 ]; then
    # Where Debian's PostgreSQL is new, it makes no cluster of the system: none is used.
    if [ ! -e /etc/postgresql-common ]; then
        as_root mkdir -p /etc/postgresql-common/createcluster.d
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.d/no-main.conf >/dev/null
    fi
    as_root apt-get update -qq
    as_root apt-get install -y -qq "${missing[@]}"
fi
for component in rustfmt clippy; do
    cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 || rustup component add "$component"
done

# The checker of accessibility, axe-core, comes inside a wheel; its hash is pinned with its version.
axe='axe-playwright-python==0.1.8 --hash=sha256:fdd263c998388f1a8e67cad02677e612d946248bd44d163be5e8650ea31f95f8'
if [ "$(cat target/axe/pinned 2>/dev/null)" != "$axe" ]; then
    rm -rf target/axe
    mkdir -p target/axe
    echo "$axe" >target/axe/requirements.txt
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
        --dest target/axe --requirement target/axe/requirements.txt
    unzip -q -j -o target/axe/*.whl '*/axe.min.js' -d target/axe
    mv target/axe/requirements.txt target/axe/pinned
fi

cargo fmt --check
cargo clippy --all-targets --quiet -- -D warnings
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run
else
    cargo test --lib --bins --tests
fi
cargo test --doc --quiet
