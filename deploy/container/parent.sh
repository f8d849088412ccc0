#!/bin/sh
# Process 1 of a container whose server starts its own successors (OneShot:Restart:Succeed): it starts the first, takes in the orphans that the
# others are when their parent has ended, passes SIGTERM and SIGINT on to all of them, and ends when the last has ended.
# Its exit code is that of the first, if that one failed; else 0.
if [ $$ -ne 1 ]; then
  echo "$0 signals every process that it may: it must be process 1 of a container of its own" >&2
  exit 64
fi

"$@" &
first=$!
code=0
trap 'kill -s TERM -- -1 2> /dev/null' TERM INT

# A signal ends this wait early: then wait again, for the process is still there.
while kill -s 0 "$first" 2> /dev/null; do
  wait "$first"
  code=$?
done

# Who else is in this container but the one who asks? Only process 1 gets everybody's orphans, so nobody is missed.
while kill -s 0 -- -1 2> /dev/null; do
  sleep 0.2
done
exit "$code"
