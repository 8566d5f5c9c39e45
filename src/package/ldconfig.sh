#!/bin/sh
# ldconfig.sh FOLDER: after a library came to FOLDER or went, tells the loader, or the user what is to be done.
set -eu
PATH=$PATH:/usr/sbin:/sbin

folder=$(cd -P "$1" 2>/dev/null && pwd) || exit 0

# The folders that the loader searches without being told, as "FOLDER: (from FILE)".
searched=no
for candidate in $(ldconfig -N -X -v 2>/dev/null | sed -n 's|^\(/[^:]*\):.*|\1|p'); do
    [ "$(cd -P "$candidate" 2>/dev/null && pwd)" != "$folder" ] || searched=yes
done

if [ "$searched" = yes ] && [ "$(id -u)" = 0 ]; then
    ldconfig
elif [ ! -e "$folder/libinstnorm.so" ]; then
    exit 0
elif [ "$searched" = no ]; then
    echo "the loader does not search $1: link programs with -Wl,-rpath,$1, or set LD_LIBRARY_PATH"
else
    echo 'the loader finds libinstnorm.so once root runs ldconfig'
fi
