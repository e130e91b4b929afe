#!/bin/sh
# Install what is missing, and nothing else: cli/setup.sh run|test|bench   (Debian 12+, Ubuntu 24.04+)
#
#   run    PostgreSQL with PostGIS, the Python packages (.venv), the built page (web/dist)
#   test   and what tests and checks need: the development packages, chromium
#   bench  and ogr2ogr, a peer of the benchmarks
#
# Where everything is there it looks, and ends at once. Packages come from the distribution, PyPI and npm only.
set -eu
cd "$(dirname "$0")/.."
purpose=${1:-run}
own=.venv/.diachinh # stamps: present and newer than what they were made from, or made again

say() { printf '%s\n%s\n' "$1" "$2" >&2; }
fail() { say "$1" "$2"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# --- The distribution's packages -------------------------------------------------------------------------------

has_postgis() {
    for control in /usr/share/postgresql/*/extension/postgis.control; do
        version=${control#/usr/share/postgresql/}
        version=${version%%/*}
        [ -e "$control" ] && [ "$version" -ge 15 ] && [ -x "/usr/lib/postgresql/$version/bin/initdb" ] && return 0
    done
    have pg_config && [ -e "$(pg_config --sharedir)/extension/postgis.control" ]
}

has_chromium() { [ -x /usr/bin/chromium ] || have chromium || have google-chrome; }

has_uv() { { have uv && uv --version >/dev/null 2>&1; } || [ -x .setup/bin/uv ]; }

is_ubuntu() { grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; }

missing() {
    has_postgis || echo postgis
    has_uv || python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv
    [ "$purpose" = run ] || has_chromium || is_ubuntu || echo chromium
    # The node inside playwright's wheel is linked against it.
    [ "$purpose" = run ] || ls /usr/lib/*/libatomic.so.1 >/dev/null 2>&1 || echo libatomic1
    [ "$purpose" != bench ] || have ogr2ogr || echo gdal-bin
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

may_install() { [ "$(id -u)" = 0 ] || { have sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; }; }

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"; }

install_packages() {
    wanted=$(echo "$1" | tr '\n' ' ')
    have apt-get || fail "Thiếu: $wanted- hãy cài bằng trình quản lý gói của máy." \
        "Missing: $wanted- install with this machine's package manager."
    if ! may_install; then
        case "$wanted" in
            *postgis* | *python3-venv*) ;;
            *) say "Không có quyền cài $wanted- phần cần đến sẽ bị bỏ qua." \
                "No right to install $wanted- what needs it will be skipped."
               return ;;
        esac
        fail "Thiếu: $wanted- cần quyền root hoặc sudo để cài; hãy nhờ người quản trị cài các gói này rồi chạy lại." \
            "Missing: $wanted- installing needs root or sudo; ask an administrator to install them, then run again."
    fi
    say "Đang cài các gói của hệ thống: $wanted" "Installing the distribution's packages: $wanted"
    apt_get update || say "Không cập nhật được danh sách gói; dùng danh sách cũ." \
        "The package lists could not be updated; using the old ones."
    packages=
    for name in $wanted; do
        if [ "$name" = postgis ]; then
            version=$(apt-cache pkgnames postgresql- | sed -n 's/^postgresql-\([0-9]*\)-postgis-3$/\1/p' | sort -n | tail -1)
            [ "${version:-0}" -ge 15 ] ||
                fail "Bản phân phối này không có PostgreSQL 15+ kèm PostGIS 3; cần Debian 12+ hoặc Ubuntu 24.04+." \
                    "This distribution has no PostgreSQL 15+ with PostGIS 3; Debian 12+ or Ubuntu 24.04+ is needed."
            name="postgresql-$version postgresql-$version-postgis-3"
        fi
        packages="$packages $name"
    done
    # The packages would make and start a server of their own on port 5432: ours is private and made by ourselves.
    drop_in=/etc/postgresql-common/createcluster.d/diachinh.conf
    as_root mkdir -p "${drop_in%/*}"
    echo "create_main_cluster = false" | as_root tee "$drop_in" >/dev/null
    status=0
    # shellcheck disable=SC2086 # a list of names
    apt_get install --no-install-recommends $packages || status=$?
    as_root rm -f "$drop_in"
    [ "$status" = 0 ] || fail "apt-get không cài được:$packages" "apt-get could not install:$packages"
}

# --- Python and the page -----------------------------------------------------------------------------------------

install_python() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "Cần Python 3.11 trở lên; máy có $(python3 --version)." \
            "Python 3.11 or later is needed; this machine has $(python3 --version)."
    uv=uv
    if ! { have uv && uv --version >/dev/null 2>&1; }; then
        [ -x .setup/bin/uv ] || { python3 -m venv .setup && .setup/bin/python -m pip install -q uv; }
        uv=.setup/bin/uv
    fi
    say "Đang cài các gói Python vào .venv" "Installing the Python packages into .venv"
    # --inexact: what tests installed stays when a demo follows. Compiled once: an environment may forbid Python to
    # keep its bytecode (PYTHONDONTWRITEBYTECODE), and every start would compile anew.
    UV_PYTHON_DOWNLOADS=never \
        "$uv" sync --frozen --quiet --inexact --compile-bytecode --python "$(command -v python3)" "$@" ||
        fail "uv không cài được các gói Python; xem lời báo ở trên." "uv could not install the Python packages; see above."
}

build_page() {
    PATH="$PWD/.venv/bin:$PATH"
    export PATH npm_config_update_notifier=false
    say "Đang dựng trang web" "Building the web page"
    if [ ! -e web/node_modules/.diachinh ] || [ web/package-lock.json -nt web/node_modules/.diachinh ]; then
        (cd web && npm ci --no-audit --no-fund --loglevel=error) ||
            fail "npm không cài được các gói của trang web; xem lời báo ở trên." \
                "npm could not install the page's packages; see above."
        touch web/node_modules/.diachinh
    fi
    (cd web && npm run --silent build >"$OLDPWD/$own-page.log" 2>&1) || {
        cat "$own-page.log" >&2
        fail "Không dựng được trang web." "The web page could not be built."
    }
    touch web/dist/.built
}

page_is_built() {
    [ -e web/dist/.built ] && [ -z "$(find web docs/vi docs/en -path web/node_modules -prune -o -path web/dist -prune -o \
        -type f -newer web/dist/.built -print | head -n 1)" ]
}

is_fresh() { [ -e "$1" ] && [ ! uv.lock -nt "$1" ] && [ ! pyproject.toml -nt "$1" ]; }

# --- All of it, one at a time ------------------------------------------------------------------------------------

mkdir -p .setup
exec 9>>.setup/lock
flock 9

packages=$(missing)
[ -z "$packages" ] || install_packages "$packages"
[ "$purpose" = run ] || has_chromium ||
    say "Ubuntu chỉ có chromium dạng snap; các kiểm thử trình duyệt sẽ bị bỏ qua, trừ khi máy có google-chrome." \
        "Ubuntu has chromium as a snap only; the browser tests will be skipped unless google-chrome is installed."

# The compiled loops are compiled beside the building of the page; whoever comes first would wait for them otherwise.
warming=
warm() {
    for part in loops tiles; do
        .venv/bin/python -m cli.warm $part >"$own-warm-$part.log" 2>&1 &
        warming="$warming $!"
    done
}

if [ "$purpose" = run ]; then
    is_fresh "$own-run" || is_fresh "$own-test" || { install_python --no-group dev && touch "$own-run" && warm; }
else
    is_fresh "$own-test" || { install_python && touch "$own-test" && warm; }
fi
[ ! -e web/package.json ] || page_is_built || build_page
for one in $warming; do
    wait "$one" || say "Không biên dịch trước được: xem $own-warm-*.log" "Could not compile ahead: see $own-warm-*.log"
done
