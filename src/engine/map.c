#include "engine/map.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct channel_map {
    struct instnorm_affine affine;
    bool kept; /* no more than a conversion: the identity in units */
};

static const struct channel_map identity = {{1, 0}, true};

/* ---- make ---------------------------------------------------------------------------------------------------------- */

bool map_reserve(struct map *map, unsigned channels, struct why *why)
{
    map_free(map);
    map->channel = malloc(channels * sizeof *map->channel);
    if (!map->channel)
        return why_memory(why);
    map->channels = channels;
    for (unsigned c = 0; c < channels; c++)
        map->channel[c] = identity;
    return true;
}

bool map_copy(struct map *to, const struct map *from, struct why *why)
{
    if (!map_reserve(to, from->channels, why))
        return false;
    memcpy(to->channel, from->channel, from->channels * sizeof *to->channel);
    return true;
}

void map_keep(struct map *map, unsigned c, double unit_in, double unit_out)
{
    map->channel[c] = (struct channel_map){{unit_out / unit_in, 0}, true};
}

enum instnorm_status map_solve(struct map *map, unsigned c, const struct instnorm_moments *moments,
                               const struct instnorm_target *target)
{
    struct channel_map solved = {.kept = false};
    enum instnorm_status status = instnorm_solve(moments, target, &solved.affine);
    if (status == INSTNORM_OK)
        map->channel[c] = solved;
    return status;
}

bool map_invert(const struct map *map, struct map *to, struct why *why)
{
    if (!map_copy(to, map, why))
        return false;
    for (unsigned c = 0; c < map->channels; c++) {
        enum instnorm_status status = instnorm_invert(&map->channel[c].affine, &to->channel[c].affine);
        if (status != INSTNORM_OK)
            return why_set(why, "channel %u: %s", c, instnorm_status_string(status));
    }
    return true;
}

bool map_in_units(const struct map *map, unsigned channels, double unit_in, double unit_out, struct map *to,
                  struct why *why)
{
    if (!map_reserve(to, channels, why))
        return false;
    for (unsigned c = 0; c < channels; c++) {
        const struct instnorm_affine *a = &map->channel[c].affine;
        if (!map->channel[c].kept)
            to->channel[c] = (struct channel_map){{a->scale * unit_in / unit_out, a->shift / unit_out}, false};
    }
    return true;
}

void map_free(struct map *map)
{
    free(map->channel);
    *map = (struct map){0};
}

/* ---- ask ----------------------------------------------------------------------------------------------------------- */

bool map_is_identity(const struct map *map, unsigned c)
{
    return map_is_conversion(map, c, 1, 1);
}

bool map_is_conversion(const struct map *map, unsigned c, double unit_in, double unit_out)
{
    const struct instnorm_affine *a = &map->channel[c].affine;
    return a->scale == unit_out / unit_in && a->shift == 0;
}

bool map_falls(const struct map *map, unsigned c)
{
    return map->channel[c].affine.scale < 0;
}

/* Scale and shift are sums and products of numbers of the size of both. */
static bool affines_agree(const struct instnorm_affine *a, const struct instnorm_affine *b)
{
    double most = 1e-12 * (fabs(a->scale) + fabs(a->shift));
    return (a->scale == b->scale && a->shift == b->shift) ||
           (fabs(a->scale - b->scale) <= most && fabs(a->shift - b->shift) <= most);
}

bool map_agrees(const struct map *a, const struct map *b)
{
    unsigned c = 0;
    while (c < a->channels && c < b->channels && affines_agree(&a->channel[c].affine, &b->channel[c].affine))
        c++;
    return c == a->channels && c == b->channels;
}

void map_say(const struct map *map, unsigned c, char *to, size_t size)
{
    const struct instnorm_affine *a = &map->channel[c].affine;
    text_append(to, size, " = %.4g x %c %.4g", a->scale, a->shift < 0 ? '-' : '+', fabs(a->shift));
}

void map_members(const struct map *map, unsigned c, struct map_member to[MAP_MEMBERS])
{
    const struct instnorm_affine *a = &map->channel[c].affine;
    to[0] = (struct map_member){"scale", a->scale};
    to[1] = (struct map_member){"shift", a->shift};
}

void map_set_members(struct map *map, unsigned c, const double value[MAP_MEMBERS])
{
    map->channel[c] = (struct channel_map){{value[0], value[1]}, false};
}

/* ---- apply --------------------------------------------------------------------------------------------------------- */

void map_sample(const struct map *map, unsigned c, const float *x, size_t n, float *y)
{
    instnorm_apply(x, n, &map->channel[c].affine, y);
}

void map_run(const struct map *map, unsigned c, struct run x, size_t n, struct run_to y)
{
    const struct instnorm_affine a = map->channel[c].affine;
    for (size_t i = 0; i < n; i++)
        run_set(y, i, run_at(x, i) * a.scale + a.shift);
}

void map_store(const struct map *map, unsigned c, struct run x, size_t n, enum sample sample, void *to)
{
    run_store(x, n, &map->channel[c].affine, sample, to);
}

void map_premultiplied(const struct map *map, unsigned c, struct run x, struct run alpha, double unit, size_t n,
                       struct run_to y)
{
    const struct instnorm_affine a = map->channel[c].affine;
    for (size_t i = 0; i < n; i++)
        run_set(y, i, run_at(x, i) * a.scale + a.shift * (run_at(alpha, i) / unit));
}

void map_in_space(const struct map *map, unsigned c, const struct instnorm_space *space, const double *const hub[],
                  size_t n, double unit_in, double unit_out, double *const out[])
{
    struct instnorm_affine plane[3];
    for (unsigned k = 0; k < space->planes; k++)
        plane[k] = map->channel[c + k].affine;
    instnorm_apply_in_space(space, hub, n, plane, unit_in, unit_out, out);
}

void map_count_clipped(const struct map *map, unsigned c, struct run x, size_t n, enum sample sample,
                       struct instnorm_clip *clip)
{
    run_count_clipped(x, n, &map->channel[c].affine, sample, clip);
}
