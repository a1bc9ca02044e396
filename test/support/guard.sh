#!/bin/sh
# guard.sh SIGNAL FOLDER COMMAND...
# Runs a server that must not outlive the tests. Writes the server's process id to descriptor 3 and ends
# with its exit status. When standard input closes (whoever held its other end is gone, however it died),
# the server is stopped with SIGNAL, after five seconds with KILL, and FOLDER is removed (- for none).
signal=$1 folder=$2
shift 2

"$@" 3>&- </dev/null &
server=$!

stop() {
  trap '' USR1
  kill -CONT "$server" 2>/dev/null
  kill -"$signal" "$server" 2>/dev/null
  (sleep 5; kill -KILL "$server") >/dev/null 2>&1 3>&- </dev/null &
  last=$!
  wait "$server"
  kill "$last" 2>/dev/null
  [ "$folder" = - ] || rm -rf "$folder"
  exit 0
}
trap stop USR1

# A shell gives its background jobs /dev/null as standard input; descriptor 4 is the way round that.
exec 4<&0
(read -r _ <&4; kill -USR1 $$) >/dev/null 2>&1 3>&- &
watcher=$!
exec 4<&- <&-

echo "$server" >&3
exec 3>&-
wait "$server"
status=$?
trap '' USR1
kill "$watcher" 2>/dev/null
exit "$status"
