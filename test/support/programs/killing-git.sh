#!/bin/sh
# Git that counts its calls in $KILL_COUNT, and kills the program that called it: at call number $KILL_AT, before or
# after the work ($KILL_WHEN), or at a publication, with the locks that git had at that moment ($KILL_WHEN=locks).
PATH=$KILL_PATH
[ -e "$KILL_COUNT.off" ] && exec git "$@"
echo "$*" >> "$KILL_COUNT"
calls=$(wc -l < "$KILL_COUNT")
strike() { : > "$KILL_COUNT.off"; kill -9 "$PPID"; exit 1; }
case "$KILL_WHEN $*" in
locks*update-ref*--stdin)
  for lock in index.lock HEAD.lock refs/heads/main.lock packed-refs.lock; do : > "$KILL_REPO/$lock"; done
  cat > /dev/null
  strike
  ;;
esac
[ "$KILL_WHEN" = before ] && [ "$calls" -ge "$KILL_AT" ] && strike
git "$@"
code=$?
[ "$KILL_WHEN" = after ] && [ "$calls" -ge "$KILL_AT" ] && strike
exit "$code"
