#include "cli/files/tar/libarchive.h"

#include <dlfcn.h>
#include <string.h>

#define LIBRARY "libarchive.so.13"

struct libarchive la;

static const char *const names[] = {
#define NAME(name) "archive_" #name,
    LIBARCHIVE_FUNCTIONS(NAME)
#undef NAME
};
enum { FUNCTIONS = sizeof names / sizeof *names };
_Static_assert(sizeof la == FUNCTIONS * sizeof(void *), "nothing but addresses");

static bool load(struct why *why)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; library && i < FUNCTIONS; i++) {
        void *function = dlsym(library, names[i]);
        memcpy((char *)&la + i * sizeof function, &function, sizeof function);
        if (!function)
            library = NULL;
    }
    return library || why_set(why, "is a tar archive, and libarchive cannot be loaded: %s", dlerror());
}

bool libarchive_load(struct why *why)
{
    static bool loaded;
    static struct why reason;
    if (!loaded && !reason.text[0])
        loaded = load(&reason);
    return loaded || why_set(why, "%s", reason.text);
}
