#include "cli/run/death.h"

#include "cli/files/limits.h"

#include <ctype.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { TITLE_BYTES = 16 };

/* title <- the codec's name as people write it: "TIFF", "WebP". */
static void spell(char title[TITLE_BYTES], const char *codec)
{
    bool mixed = strcmp(codec, "webp") == 0;
    snprintf(title, TITLE_BYTES, "%s", mixed ? "WebP" : codec);
    for (char *c = title; *c && !mixed; c++)
        *c = (char)toupper((unsigned char)*c);
}

/* Whether a process does that to itself: its program is wrong, or did what it must not. */
static bool is_crash(int signal)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGSYS};
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        if (signal == crashes[i])
            return true;
    return false;
}

static void describe_signal(int signal, const char *codec, unsigned seconds, struct why *why)
{
    char title[TITLE_BYTES];
    if (signal == SIGXCPU && limits_allow(seconds)) {
        why_set(why, "took more than %u second%s of processor time: see --timeout", seconds, seconds == 1 ? "" : "s");
    } else if (!is_crash(signal)) {
        why_set(why, "its worker process was ended by signal %d (%s)", signal, strsignal(signal));
    } else if (codec) {
        spell(title, codec);
        why_set(why, "the %s decoder crashed (%s)", title, strsignal(signal));
    } else {
        why_set(why, "its worker process crashed (%s)", strsignal(signal));
    }
}

void death_describe(int status, const char *codec, unsigned timeout, struct why *why)
{
    unsigned seconds = timeout_of(timeout, 0); /* or more, if the picture is large */
    if (WIFSIGNALED(status))
        describe_signal(WTERMSIG(status), codec, seconds, why);
    else if (WEXITSTATUS(status) == DEATH_UNABLE)
        why_set(why, "its worker process could not be kept in its sandbox: see --no-sandbox");
    else
        why_set(why, "its worker process ended early, with status %d", WEXITSTATUS(status));
}
