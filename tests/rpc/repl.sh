#!/bin/sh
# moorage repl: plain words in, plain words out.
#
#   sh tests/rpc/repl.sh PROGRAM
set -eu
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# Of $folder/in comes $folder/wanted; how old an agent is may be anything.
says() { # STATUS
    status=0
    "$program" repl < "$folder/in" > "$folder/raw" 2>&1 || status=$?
    sed 's/for [0-9.]* s,/for 0.000 s,/' "$folder/raw" > "$folder/out"
    if [ "$status" -ne "$1" ] || ! diff "$folder/wanted" "$folder/out"; then
        echo "ended with $status, not $1"
        failed=1
    fi
}

cat > "$folder/in" << 'END'
# a comment, and an empty line

spawn a name=x
spawn b parent=a "nickname=Ada Lovelace"
start a
finish b errored 'it = broken'
why b
again b
limit running=2
spawn c
tree
close a tree=true
check
list
END
cat > "$folder/wanted" << 'END'
ok  path=/root/x  depth=1  turn=0
ok  path=/root/x/agent_1  depth=2  nickname=Ada Lovelace  turn=0
ok
ok
/root/x/agent_1 is errored, for 0.000 s, of turn 0
  it holds no running slot
  below /root/x, running
  below /root, running
ok  turn=0
ok
refused: 2 of 2 running in use
  a holds one, until it is freed by finish
  b holds one, until it is freed by finish
/root running turn=0
  x running slot loaded turn=0
    agent_1 running slot loaded nickname="Ada Lovelace" turn=0
ok  previous=running  closed=2
ok
  /root
END
says 1

cat > "$folder/in" << 'END'
spawn "a
spam a
finish
spawn as=9
wait
start nobody
limit running=many
quit
spawn never
END
cat > "$folder/wanted" << 'END'
a quote is open, or there are more than 64 words
spam is no verb: help lists them
the key "agent" is missing
"9" is no label: letters, digits and _, not a digit first, at most 64
the key "agents" is missing
not_found
running wants a whole number or "unlimited"
END
says 1

# Bytes of all kinds: nothing that a terminal obeys comes out, and it goes on.
{
    printf 'spawn \033[31m\n\302\2331m\n\377\376 x\n'
    printf 'why \033]0;title\007\nspawn a\0b\nspawn "name=\033c"\n'
    head -c 100000000 /dev/zero | tr '\0' x
    printf '\nspawn a name=x\nfinish a completed "\033[2J\302\233"\nlist\n'
} > "$folder/in"
cat > "$folder/wanted" << 'END'
"?[31m" is no label: letters, digits and _, not a digit first, at most 64
?1m is no verb: help lists them
?? is no verb: help lists them
?]0;title? names nobody who is there: tree shows who is
a line has no byte of zero
bad_path
a line has at most 262144 bytes
ok  path=/root/x  depth=1  turn=0
ok
  /root
  /root/x
END
says 1

printf 'spawn a\nfinish a\nclose a\n' > "$folder/in"
printf 'ok  path=/root/agent_1  depth=1  turn=0\nok\nok  previous=completed  closed=1\n' \
    > "$folder/wanted"
says 0

# A program as an executor.
printf 'exec a sh -c "exit 3"\nwait a\nlookup /root/agent_1\n' > "$folder/in"
cat > "$folder/wanted" << 'END'
ok  path=/root/agent_1  depth=1  turn=0
ok  timed_out=false  status={"a":"errored"}
ok  agent=a  path=/root/agent_1  status=errored  depth=1  parent=root  turn=0
END
says 0
exit $failed
