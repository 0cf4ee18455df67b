#!/bin/sh
# Has mandoc a warning about a man page?  Usage: lint.sh MANDOC FOLDER
set -u
here=$(cd "$(dirname "$0")" && pwd)
mandoc=${1:?usage: lint.sh MANDOC FOLDER}
folder=${2:?usage: lint.sh MANDOC FOLDER}
[ -e "$folder/man3/moorage.3" ] || { echo "no pages in $folder"; exit 1; }
"$mandoc" -T lint -W warning "$here/moorage.1" "$folder"/man3/*.3
