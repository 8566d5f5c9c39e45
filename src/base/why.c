#include "base/why.h"

#include "base/quote.h"

#include <stdarg.h>
#include <stdio.h>

bool why_set(struct why *why, const char *format, ...)
{
    if (why->text[0] == '\0') {
        va_list args;
        va_start(args, format);
        vsnprintf(why->text, sizeof why->text, format, args);
        va_end(args);
    }
    return false;
}

bool why_memory(struct why *why)
{
    return why_set(why, "out of memory");
}

bool why_option(struct why *why, const char *option, const char *value, const struct why *reason)
{
    char quoted[160];
    return why_set(why, "%s %s: %s", option, quote(quoted, sizeof quoted, value), reason->text);
}
