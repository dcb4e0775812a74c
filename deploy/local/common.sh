# What `up` and `down` share: where things are, and how a process is started, recorded and ended.
# Sourced by bash; sets no option of the shell.

home=${SCOPS_LOCAL_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/scops/local}
tools=${XDG_CACHE_HOME:-$HOME/.cache}/scops/tools
pids=$home/pids
logs=$home/logs
stop_seconds_max=15

# The moment a process started, which tells it from a later one with the same id. Nothing for a process that has ended, also when
# its parent has not asked after it yet.
started_at() {
    ps -o stat=,lstart= -p "$1" 2>/dev/null | sed -n '/^[^Z]/s/^[^ ]* *//p'
}

# start NAME COMMAND…: runs the command in the background and records its id.
start() {
    local name=$1
    shift
    nohup "$@" >"$logs/$name.log" 2>&1 </dev/null &
    local id=$!
    printf '%s\n%s\n' "$id" "$(started_at "$id")" >"$pids/$name.pid"
}

# stop NAME: ends the process that was started under this name, if it is still that process.
stop() {
    local name=$1 id moment
    { read -r id && read -r moment; } <"$pids/$name.pid" || true
    if [ -n "$id" ] && [ "$(started_at "$id")" = "$moment" ]; then
        kill "$id" 2>/dev/null || true
        for _ in $(seq $((stop_seconds_max * 20))); do
            [ "$(started_at "$id")" = "$moment" ] || break
            sleep 0.05
        done
        [ "$(started_at "$id")" != "$moment" ] || kill -9 "$id" 2>/dev/null || true
    fi
    rm -f "$pids/$name.pid"
}

listening() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# free_port FIRST: the first port from FIRST on that nobody listens on.
free_port() {
    local port=$1
    while listening "$port"; do port=$((port + 1)); done
    echo "$port"
}

# await NAME PORT: returns when the process listens; shows its log and fails when it ends or takes too long.
await() {
    local name=$1 port=$2 id
    read -r id <"$pids/$name.pid"
    for _ in $(seq 600); do
        listening "$port" && return 0
        kill -0 "$id" 2>/dev/null || break
        sleep 0.05
    done
    echo "$name does not listen on port $port:" >&2
    tail -20 "$logs/$name.log" >&2
    return 1
}
