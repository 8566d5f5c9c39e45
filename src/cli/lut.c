#include "lut.h"

#include <stdio.h>
#include <stdlib.h>

/* A point at each 8-bit value and three between; and the largest lattice that tools commonly take. */
enum { POINTS = 4 * 255 + 1, EDGE = 65 };

/*
 * Beyond white and black the table goes on for a little, so that what lies between a point inside and one outside is cut
 * off where the map is; but not without bound, for a value far out would bend all around it.
 */
#define BEYOND 1.0

static double bounded(double v)
{
    return v < -BEYOND ? -BEYOND : v > 1 + BEYOND ? 1 + BEYOND : v;
}

static void write_line(FILE *to, double r, double g, double b)
{
    fprintf(to, "%.7f %.7f %.7f\n", bounded(r), bounded(g), bounded(b));
}

/* y <- what the points become in a channel that goes by itself. */
static void map_points(const struct instnorm_space *space, const struct instnorm_affine *map, float *y)
{
    float x[POINTS], value[POINTS];
    const float *const hub[] = {x}, *const mapped[] = {value};
    float *const to[] = {value}, *const back[] = {y};
    for (int i = 0; i < POINTS; i++)
        x[i] = (float)i / (POINTS - 1);
    instnorm_to_space(space, hub, POINTS, 1, to);
    instnorm_apply(value, POINTS, map, value);
    instnorm_from_space(space, mapped, POINTS, 1, back);
}

static void write_1d(FILE *to, const struct instnorm_space *space, const struct instnorm_affine *map, unsigned channels)
{
    float y[3][POINTS];
    for (unsigned c = 0; c < 3; c++)
        map_points(space, &map[channels == 1 ? 0 : c], y[c]);
    fprintf(to, "LUT_1D_SIZE %d\n", POINTS);
    for (int i = 0; i < POINTS; i++)
        write_line(to, (double)y[0][i], (double)y[1][i], (double)y[2][i]);
}

/* One row of the lattice, red rising, of a space whose channels go together. */
static void write_row(FILE *to, const struct instnorm_space *space, const struct instnorm_affine *map, int g, int b)
{
    float rgb[3][EDGE], plane[3][EDGE];
    const float *const in[] = {rgb[0], rgb[1], rgb[2]}, *const mapped[] = {plane[0], plane[1], plane[2]};
    float *const value[] = {plane[0], plane[1], plane[2]}, *const out[] = {rgb[0], rgb[1], rgb[2]};
    for (int r = 0; r < EDGE; r++) {
        rgb[0][r] = (float)r / (EDGE - 1);
        rgb[1][r] = (float)g / (EDGE - 1);
        rgb[2][r] = (float)b / (EDGE - 1);
    }
    instnorm_to_space(space, in, EDGE, 1, value);
    for (unsigned c = 0; c < 3; c++)
        instnorm_apply(plane[c], EDGE, &map[c], plane[c]);
    instnorm_from_space(space, mapped, EDGE, 1, out);
    for (int r = 0; r < EDGE; r++)
        write_line(to, (double)rgb[0][r], (double)rgb[1][r], (double)rgb[2][r]);
}

static void write_3d(FILE *to, const struct instnorm_space *space, const struct instnorm_affine *map)
{
    fprintf(to, "LUT_3D_SIZE %d\n", EDGE);
    for (int b = 0; b < EDGE; b++)
        for (int g = 0; g < EDGE; g++)
            write_row(to, space, map, g, b);
}

char *lut_format(const struct instnorm_space *space, const struct instnorm_affine *map, unsigned channels)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    fprintf(to, "TITLE \"instnorm %s\"\n", space->name);
    if (space->planes == 3)
        write_3d(to, space, map);
    else
        write_1d(to, space, map, channels);
    if (fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}
