#include "engine/lut.h"

#include "base/text.h"
#include "instnorm.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A point at each 8-bit value and three between; and the largest lattice that tools commonly take. */
enum { POINTS = 4 * 255 + 1, EDGE = 65 };

/*
 * Beyond white and black the table goes on for a little, so that what lies between a point inside and one outside is cut
 * off where the map is; but not without bound, for a value far out would bend all around it.
 */
enum { BEYOND = 1 };

static double bounded(double v)
{
    return v < -BEYOND ? -BEYOND : v > 1 + BEYOND ? 1 + BEYOND : v;
}

/* A line of the table is three numbers, two blanks and what ends it. */
enum { NUMBER_BYTES = sizeof "-1.0000000" - 1, LINE_BYTES = 3 * NUMBER_BYTES + 3, HEAD_BYTES = 128 };

_Static_assert(1 + BEYOND <= 9, "a number has one digit before the point");

/* The text so far; it has room for all that comes, so that no line can be missing. */
struct text {
    char *data;
    size_t n;
    bool has_nan; /* a number is missing, and all that would follow */
};

static void write_line(struct text *to, double r, double g, double b)
{
    char *line = to->data + to->n;
    to->has_nan |= isnan(r) || isnan(g) || isnan(b);
    if (to->has_nan)
        return;
    text_append(line, LINE_BYTES + 1, "%.7f %.7f %.7f\n", bounded(r), bounded(g), bounded(b));
    to->n += strlen(line);
}

/* y <- what the points become in a channel that goes by itself. */
static void map_points(const struct instnorm_space *space, const struct map *map, unsigned c, float *y)
{
    float x[POINTS], value[POINTS];
    const float *const hub[] = {x}, *const mapped[] = {value};
    float *const to[] = {value}, *const back[] = {y};
    for (int i = 0; i < POINTS; i++)
        x[i] = (float)i / (POINTS - 1);
    instnorm_to_space(space, hub, POINTS, 1, to);
    map_sample(map, c, value, POINTS, value);
    instnorm_from_space(space, mapped, POINTS, 1, back);
}

static void write_1d(struct text *to, const struct instnorm_space *space, const struct map *map)
{
    float y[3][POINTS];
    for (unsigned c = 0; c < 3; c++)
        map_points(space, map, map->channels == 1 ? 0 : c, y[c]);
    for (int i = 0; i < POINTS; i++)
        write_line(to, (double)y[0][i], (double)y[1][i], (double)y[2][i]);
}

/* ---- the lattice --------------------------------------------------------------------------------------------------- */

/* The exact map is known at the vertices, and half way between them in each of the seven directions that tools go. */
enum { FINE = 2 * EDGE - 1, VERTICES = EDGE * EDGE * EDGE, ROUNDS = 2 };

struct lattice {
    float *exact; /* [FINE][FINE][FINE][3]: blue, green, red, channel */
    float *table; /* [EDGE][EDGE][EDGE][3] */
    float *worst; /* [EDGE][EDGE][EDGE][3][2]: how far the half-way points around a vertex are below and above */
};

static const float *exact_at(const struct lattice *l, size_t b, size_t g, size_t r)
{
    return l->exact + ((b * FINE + g) * FINE + r) * 3;
}

/* One row, red rising. */
static void map_row(const struct instnorm_space *space, const struct map *map, size_t b, size_t g, float *row)
{
    float rgb[3][FINE], plane[3][FINE];
    const float *const in[] = {rgb[0], rgb[1], rgb[2]}, *const mapped[] = {plane[0], plane[1], plane[2]};
    float *const value[] = {plane[0], plane[1], plane[2]}, *const out[] = {rgb[0], rgb[1], rgb[2]};
    for (size_t r = 0; r < FINE; r++) {
        rgb[0][r] = (float)r / (FINE - 1);
        rgb[1][r] = (float)g / (FINE - 1);
        rgb[2][r] = (float)b / (FINE - 1);
    }
    instnorm_to_space(space, in, FINE, 1, value);
    for (unsigned c = 0; c < 3; c++)
        map_sample(map, c, plane[c], FINE, plane[c]);
    instnorm_from_space(space, mapped, FINE, 1, out);
    for (size_t r = 0; r < FINE; r++)
        for (unsigned c = 0; c < 3; c++)
            row[3 * r + c] = (float)bounded((double)rgb[c][r]);
}

static float cut(float v)
{
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

/* Notes the error half way from vertex i to vertex j with both. */
static void note_error(const struct lattice *l, const float *exact, size_t i, size_t j)
{
    for (unsigned c = 0; c < 3; c++) {
        float error = cut(exact[c]) - cut((l->table[3 * i + c] + l->table[3 * j + c]) / 2);
        float *a = l->worst + 2 * (3 * i + c), *b = l->worst + 2 * (3 * j + c);
        a[0] = error < a[0] ? error : a[0];
        a[1] = error > a[1] ? error : a[1];
        b[0] = error < b[0] ? error : b[0];
        b[1] = error > b[1] ? error : b[1];
    }
}

static void note_direction(const struct lattice *l, size_t b, size_t g, size_t r)
{
    size_t step = (b * EDGE + g) * EDGE + r;
    for (size_t z = 0; z + b < EDGE; z++)
        for (size_t y = 0; y + g < EDGE; y++)
            for (size_t x = 0; x + r < EDGE; x++) {
                size_t i = (z * EDGE + y) * EDGE + x;
                note_error(l, exact_at(l, 2 * z + b, 2 * y + g, 2 * x + r), i, i + step);
            }
}

/*
 * Between vertices a table is straight and the map is not, most of all where a colour leaves what a picture can hold and
 * near black. Each vertex moves by the middle of the errors half way around it: what is cut off anyway as far as it stays
 * cut off, others by two steps of 8 bits at most. That halves the largest errors.
 */
static float moved(float v, float by, float exact)
{
    const float most = 2 / 255.0f;
    float to = v + by;
    if (exact < 0)
        return to < 0 ? to : 0;
    if (exact > 1)
        return to > 1 ? to : 1;
    return to < exact - most ? exact - most : to > exact + most ? exact + most : to;
}

static void refine(const struct lattice *l)
{
    memset(l->worst, 0, VERTICES * 3 * 2 * sizeof *l->worst);
    for (size_t direction = 1; direction < 8; direction++)
        note_direction(l, direction >> 2, direction >> 1 & 1, direction & 1);
    for (size_t i = 0; i < VERTICES; i++) {
        const float *exact = exact_at(l, i / EDGE / EDGE * 2, i / EDGE % EDGE * 2, i % EDGE * 2);
        for (unsigned c = 0; c < 3; c++) {
            const float *worst = l->worst + 2 * (3 * i + c);
            l->table[3 * i + c] = moved(l->table[3 * i + c], (worst[0] + worst[1]) / 2, exact[c]);
        }
    }
}

static void write_lattice(struct text *to, const struct instnorm_space *space, const struct map *map,
                          const struct lattice *l)
{
    for (size_t b = 0; b < FINE; b++)
        for (size_t g = 0; g < FINE; g++)
            map_row(space, map, b, g, l->exact + (b * FINE + g) * FINE * 3);
    for (size_t i = 0; i < VERTICES; i++)
        memcpy(l->table + 3 * i, exact_at(l, i / EDGE / EDGE * 2, i / EDGE % EDGE * 2, i % EDGE * 2), 3 * sizeof(float));
    for (int round = 0; round < ROUNDS; round++)
        refine(l);
    for (size_t i = 0; i < VERTICES; i++)
        write_line(to, (double)l->table[3 * i], (double)l->table[3 * i + 1], (double)l->table[3 * i + 2]);
}

static bool write_3d(struct text *to, const struct instnorm_space *space, const struct map *map)
{
    struct lattice l = {.exact = malloc((size_t)FINE * FINE * FINE * 3 * sizeof(float)),
                        .table = malloc(VERTICES * 3 * sizeof(float)),
                        .worst = malloc(VERTICES * 3 * 2 * sizeof(float))};
    bool ok = l.exact && l.table && l.worst;
    if (ok)
        write_lattice(to, space, map, &l);
    free(l.exact);
    free(l.table);
    free(l.worst);
    return ok;
}

/* Writes head and table. False: out of memory. */
static bool write_text(struct text *to, const struct instnorm_space *space, const struct map *map)
{
    bool lattice = space->planes == 3;
    to->data[0] = '\0';
    text_append(to->data, HEAD_BYTES, "TITLE \"instnorm %s\"\nLUT_%s_SIZE %d\n", space->name, lattice ? "3D" : "1D",
                lattice ? EDGE : POINTS);
    to->n = strlen(to->data);
    if (lattice)
        return write_3d(to, space, map);
    write_1d(to, space, map);
    return true;
}

char *lut_format(const struct instnorm_space *space, const struct map *map, struct why *why)
{
    size_t lines = space->planes == 3 ? VERTICES : POINTS;
    struct text text = {.data = malloc(HEAD_BYTES + lines * LINE_BYTES + 1)};
    bool ok = (text.data && write_text(&text, space, map)) || why_memory(why);
    ok = ok && (!text.has_nan || why_set(why, "the map is too steep for a table of numbers: expected a smaller --gamma"));
    if (!ok)
        free(text.data);
    return ok ? text.data : NULL;
}
