#!/bin/sh
# Process 1 of a container whose server starts its own successors (OneShot:Restart:Succeed): it starts the first, takes in the orphans that the
# others are when their parent has ended, passes SIGTERM and SIGINT on to all of them, and ends when the last has ended.
# Its exit code is that of the first, if that one failed; else 0.
if [ $$ -ne 1 ]; then
  echo "$0 signals every process that it may: it must be process 1 of a container of its own" >&2
  exit 64
fi

# Before the first begins: process 1 is not told of a signal that it does not wait for.
interrupted=
trap 'interrupted=yes; kill -s TERM -- -1 2> /dev/null' TERM INT

"$@" &
first=$!
if [ -n "$interrupted" ]; then kill -s TERM "$first" 2> /dev/null; fi # it came when there was nobody to tell

# Always wait: the shell may have taken note of the first's end before. A signal ends a wait early: then wait again.
wait "$first"
code=$?
while [ -n "$interrupted" ]; do
  interrupted=
  wait "$first"
  again=$?
  if [ "$again" -ne 127 ]; then code=$again; fi # 127: it was told before, and is forgotten
done

# Who else is in this container but the one who asks? Only process 1 gets everybody's orphans, so nobody is missed.
while kill -s 0 -- -1 2> /dev/null; do
  sleep 0.2 &
  wait $! # as for any child, and a signal ends it
done
exit "$code"
