#!/bin/sh
# Do others read the metrics?  Prometheus' own `promtool check metrics` has nothing
# to say of either form, and the parser of Prometheus' Python client takes the first
# for OpenMetrics.  Usage: metrics.sh PROGRAM
#
# Ends with 77 (skipped) where neither of them is installed (Debian: prometheus,
# python3-prometheus-client).
set -u
program=${1:?usage: metrics.sh PROGRAM}
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
broken=0
readers=0

failed() {
    echo "metrics.sh: $*"
    broken=1
}

for form in openmetrics prometheus; do
    "$program" $form > "$scratch/$form" || exit 1
done

# accepts READER FILE: with status 0 and without a word.
accepts() {
    "$1" "$2" > "$scratch/said" 2>&1 && [ ! -s "$scratch/said" ]
}

promtool_reads() {
    promtool check metrics < "$1"
}

openmetrics_reads() {
    python3 - "$1" << 'END'
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(open(sys.argv[1]).read()))
assert len(families) > 15, "fewer families than there are"
END
}

# reads READER FORM: and a reader that would accept anything is none.
reads() {
    readers=$((readers + 1))
    accepts "$1" "$scratch/$2" || {
        failed "$1 $2:"
        cat "$scratch/said"
    }
    sed 's/^# HELP moorage_used /# TYPE moorage_used /' "$scratch/$2" \
        > "$scratch/wrong"
    ! accepts "$1" "$scratch/wrong" || failed "$1 would accept anything"
}

if command -v promtool > /dev/null; then
    reads promtool_reads openmetrics
    reads promtool_reads prometheus
fi
if python3 -c 'import prometheus_client' 2> /dev/null; then
    reads openmetrics_reads openmetrics
fi
[ "$readers" -gt 0 ] || exit 77
exit $broken
