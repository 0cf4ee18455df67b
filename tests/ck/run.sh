#!/bin/sh
# ConcurrencyKit's epochs under the schedule explorer.
# Usage: run.sh FOLDER PROGRAM EXPLORER [BREAKAGE CASE | OPTION...]
#
# FOLDER is one that fetch.sh has filled, PROGRAM a model_*.c beside this script,
# EXPLORER the explorer's archive.  Compiles ck_epoch.c with ck_pr.h of here and
# runs PROGRAM with the options; with a BREAKAGE ck_epoch.c is broken before, and
# that CASE has to notice.  CC and CFLAGS are taken from the environment.
# Ends with 77 if FOLDER has no source.
#
#   EARLY        a poll frees what the epoch before has retired, unasked
#   BLIND        a poll does not see that a reader is in an older epoch
#   DEAF         nor that there is a reader
#   FIRST_ONLY   only the record at the head of the list is looked at
#   HALF         a barrier ends after one round in place of two
#   GOAL_NEAR    it ends when another has begun a round
#   UNSEEN       a section does not say that it is open
#   STALE_CALL   what is retired counts as of the epoch before
#   TAKE_TWICE   a record that is left over is taken by a load and a store
#   LEFT_EARLY   one that is put back is emptied behind the mark
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?usage: run.sh FOLDER PROGRAM EXPLORER [BREAKAGE CASE | OPTION...]}
program=$2
explorer=$3
shift 3
: "${CC:=cc}" "${CFLAGS:=}"

if [ ! -f "$folder/ck_epoch.c" ]; then
    echo "skipped: no source of ConcurrencyKit in $folder"
    exit 77
fi
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM
cp "$folder/ck_epoch.c" "$folder/ck_epoch.h" "$work" || exit 2

# change FILE SED...: each expression has to change something.
change() {
    file=$work/$1
    shift
    for expression in "$@"; do
        sed "$expression" "$file" > "$work/changed" || exit 2
        ! cmp -s "$file" "$work/changed" || {
            echo "run.sh: changes nothing: $expression" >&2
            exit 2
        }
        cp "$work/changed" "$file"
    done
}

# Shared words that are written by plain stores there: steps as well.
change ck_epoch.c \
    's/^\(\t*\)record->active = \(.*\);/\1ck_pr_store_uint(\&record->active, \2);/' \
    's/^\(\t*\)record->epoch = \(.*\);/\1ck_pr_store_uint(\&record->epoch, \2);/'

breakage=
case ${1-} in
'' | -*) ;;
*) breakage=$1 ;;
esac
case $breakage in
'') ;;
EARLY) change ck_epoch.c 's/record, epoch - 2, deferred/record, epoch - 1, deferred/' ;;
BLIND) change ck_epoch.c 's/(active != 0 && .* != epoch)/(0)/' ;;
DEAF) change ck_epoch.c 's/\*af |= active;/(void)active;/' ;;
FIRST_ONLY) change ck_epoch.c \
    '/^ck_epoch_scan/,/^}/ s/cursor = CK_STACK_NEXT(cursor);/cursor = NULL;/' ;;
HALF) change ck_epoch.c 's/i < CK_EPOCH_GRACE - 1/i < CK_EPOCH_GRACE - 2/' ;;
GOAL_NEAR) change ck_epoch.c 's/goal = epoch + CK_EPOCH_GRACE/goal = epoch + 1/' ;;
UNSEEN) change ck_epoch.h \
    '/^ck_epoch_begin/,/^}/ s/ck_pr_fas_uint(&record->active, 1);/;/' \
    '/^ck_epoch_end/,/^}/ s/record->active - 1/0/' ;;
STALE_CALL) change ck_epoch.h \
    '/^ck_epoch_call(/,/^}/ s/offset = e &/offset = (e - 1) \&/' ;;
TAKE_TWICE) change ck_epoch.c \
    's/ck_pr_fas_uint(&record->state,/ck_steps_take(\&record->state,/' ;;
LEFT_EARLY) change ck_epoch.c \
    '/^ck_epoch_unregister/,/^}/ s/ck_pr_store_ptr(&record->ct, NULL);/;/' \
    '/^ck_epoch_unregister/,/^}/ s/ck_pr_inc_uint(&global->n_free);/& ck_pr_store_ptr(\&record->ct, NULL);/' ;;
*)
    echo "run.sh: no breakage $breakage" >&2
    exit 2
    ;;
esac

compile() { # SOURCE OBJECT, options
    # shellcheck disable=SC2086
    $CC -std=c11 -D_GNU_SOURCE= -O2 -g $CFLAGS -DMOOR_STEP -DMOOR_TEST_SMALL \
        -I"$work" -I"$here" -I"$here/../model" -I"$here/../../lib/src" \
        "$@" || exit 2
}

compile -w -c "$here/epoch.c" -o "$work/epoch.o"
compile -Wall -Wextra -Werror -c "$here/$program.c" -o "$work/model.o"
compile "$work/model.o" "$work/epoch.o" "$explorer" -lpthread -o "$work/model"

if [ -n "$breakage" ]; then
    sh "$here/../plants/caught.sh" "$work/model" "$2"
    exit $?
fi
"$work/model" "$@"
