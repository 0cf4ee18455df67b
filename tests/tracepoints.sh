#!/bin/sh
# Are the static tracepoints in the library?  Usage: tracepoints.sh LIBRARY
# For a library that was built where <sys/sdt.h> is.
set -u
library=${1:?usage: tracepoints.sh LIBRARY}
notes=$(readelf -n "$library") || exit 1
status=0
for name in admission refusal completion close evict; do
    echo "$notes" | grep -q "Name: $name\$" || {
        echo "no tracepoint moorage:$name in $library" >&2
        status=1
    }
done
exit $status
