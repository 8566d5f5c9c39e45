/* Landlock, by its system calls: libc has no functions for them, and headers may be older than the kernel. */
#include "cli/files/confinement.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SYS_landlock_create_ruleset
enum { CREATE_RULESET = SYS_landlock_create_ruleset, RESTRICT_SELF = SYS_landlock_restrict_self };
#else
enum { CREATE_RULESET = 444, RESTRICT_SELF = 446 }; /* on every processor */
#endif

enum { TELL_VERSION = 1 };

/* struct landlock_ruleset_attr of version 6. Older kernels take it too if what they do not know is 0. */
struct ruleset {
    uint64_t files, network, scopes; /* the rights that are refused unless a rule grants them, as bits */
};

/* The bits that each version has. A right that a newer kernel knows is refused from its version on. */
static const struct {
    int version;
    struct ruleset refused;
} known[] = {
    {1, {.files = (1u << 13) - 1}},      /* execute, write, read, list, remove, and make of each kind */
    {2, {.files = 1u << 13}},            /* link and rename to another folder */
    {3, {.files = 1u << 14}},            /* truncate */
    {4, {.network = 1u << 0 | 1u << 1}}, /* bind and connect of TCP */
    {5, {.files = 1u << 15}},            /* ioctl of devices */
    {6, {.scopes = 1u << 0 | 1u << 1}},  /* connect to abstract sockets and signal processes outside */
};

/* Of the kernel; below 1: it has none. */
static int version(void)
{
    return (int)syscall(CREATE_RULESET, NULL, 0, TELL_VERSION);
}

static bool is_there(void)
{
    return version() > 0;
}

static bool enter(struct why *why)
{
    struct ruleset all = {0};
    int newest = version();
    for (size_t i = 0; i < sizeof known / sizeof *known && known[i].version <= newest; i++) {
        all.files |= known[i].refused.files;
        all.network |= known[i].refused.network;
        all.scopes |= known[i].refused.scopes;
    }
    int ruleset = (int)syscall(CREATE_RULESET, &all, sizeof all, 0);
    bool ok = ruleset >= 0 && syscall(RESTRICT_SELF, ruleset, 0) == 0;
    if (!ok)
        why_set(why, "Landlock: %s", strerror(errno));
    if (ruleset >= 0)
        close(ruleset);
    return ok;
}

const struct confinement confinement_landlock = {"Landlock", is_there, NULL, enter};
