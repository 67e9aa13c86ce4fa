# What scripts of tasks can say to each other, and what they can wait for. Sourced; $PLAY and $MAIN are set.
say() { : > "$PLAY/said-$1"; }
hear() { until [ -e "$PLAY/said-$1" ]; do sleep 0.02; done; }
merged() { until git -C "$MAIN" log --format='%(trailers:key=Implement-Task,valueonly)' "${2:-main}" | grep -qx "$1"; do sleep 0.02; done; }
repository() { git init -q "$1"; git -C "$1" add -A; git -C "$1" -c user.name=Bot -c user.email=bot@example.org commit -qm Mine; }
