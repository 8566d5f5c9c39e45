/* Statistics files: what is read is written again, and that is read as the same. */
#include "memory.h"
#include "reader.h"

#include "cli/report/reports.h"
#include "cli/report/stats_file.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The variance is rounded on its way through a file, where the sum of squares stands for it. */
static bool is_near(double a, double b)
{
    return fabs(a - b) <= 0x1p-50 * fabs(b) + 16 * DBL_MIN;
}

static void check_same(const struct statistics *got, const struct statistics *want)
{
    must(got->colours == want->colours && got->pictures == want->pictures && got->missing == want->missing,
         "counts come back");
    for (unsigned c = 0; c < want->colours; c++) {
        const struct instnorm_moments *a = &got->channel[c], *b = &want->channel[c];
        must(a->weight == b->weight && a->mean == b->mean, "weight and mean come back");
        must(a->min == b->min && a->max == b->max, "the range comes back");
        must(is_near(a->m2, b->m2), "the variance comes back");
        must(a->weight > 0 && a->m2 >= 0 && isfinite(a->mean) && isfinite(a->m2), "moments are those of some samples");
    }
}

static void check_space(const struct json_library *json, const struct instnorm_space *space, const char *text, size_t n)
{
    struct statistics first = {0}, second = {0};
    struct why why = {0};
    if (json->parse(text, n, space, &first, &why)) {
        char *again = json->format(space, &first, NULL);
        must(again && json->parse(again, strlen(again), space, &second, &why), "what was written is read");
        check_same(&second, &first);
        free(again);
    } else {
        must_say(&why);
    }
    statistics_free(&first);
    statistics_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct json_library *json = reports_json();
    must(json != NULL, "the build has jansson");
    const struct instnorm_space *space;
    for (size_t i = 0; (space = instnorm_space_at(i)) != NULL; i++)
        check_space(json, space, (const char *)bytes, size);
    return 0;
}
