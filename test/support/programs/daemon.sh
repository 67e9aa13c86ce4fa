# Leaves a process in a session of its own that keeps standard input and output open, and exits with $2.
# $1: file for its pid.
exec 3<&0
setsid sh -c 'echo $$ > "$1"; exec sleep 300' daemon "$1" <&3 &
until [ -s "$1" ]; do sleep 0.01; done
exit "$2"
