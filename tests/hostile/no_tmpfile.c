/* Runs a command where no file can be opened without a name, as over NFS: no_tmpfile COMMAND [ARGUMENT]... */
#include "no_tmpfile.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 2 || !refuse_tmpfile()) {
        fprintf(stderr, "no_tmpfile: %s\n", argc < 2 ? "which command?" : strerror(errno));
        return 2;
    }
    execvp(argv[1], argv + 1);
    fprintf(stderr, "no_tmpfile: %s: %s\n", argv[1], strerror(errno));
    return 2;
}
