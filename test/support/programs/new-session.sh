# Leaves a process in a session of its own that ignores TERM, and one below that in yet another; exits when both are up.
# $1 and $2: files for their pids.
here=$(dirname "$0")
setsid sh -c '
  setsid sh "$0/ignore-term.sh" "$2" &
  exec sh "$0/ignore-term.sh" "$1"
' "$here" "$1" "$2" &
until [ -s "$1" ] && [ -s "$2" ]; do sleep 0.01; done
