#include "lut.h"

#include "file.h"

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

static void write_1d(FILE *to, const struct instnorm_affine *map, unsigned channels)
{
    fprintf(to, "LUT_1D_SIZE %d\n", POINTS);
    for (int i = 0; i < POINTS; i++) {
        double x = (double)i / (POINTS - 1), y[3];
        for (unsigned c = 0; c < 3; c++) {
            const struct instnorm_affine *a = &map[channels == 1 ? 0 : c];
            y[c] = x * a->scale + a->shift;
        }
        write_line(to, y[0], y[1], y[2]);
    }
}

/* One row of the lattice, red rising. */
static void write_row(FILE *to, const struct instnorm_space *space, const struct instnorm_affine *map, unsigned channels,
                      int g, int b)
{
    float rgb[3][EDGE], plane[3][EDGE];
    for (int r = 0; r < EDGE; r++) {
        rgb[0][r] = (float)r / (EDGE - 1);
        rgb[1][r] = (float)g / (EDGE - 1);
        rgb[2][r] = (float)b / (EDGE - 1);
    }
    for (unsigned c = 0; c < 3; c += space->planes) {
        const float *const in[] = {rgb[c], rgb[(c + 1) % 3], rgb[(c + 2) % 3]};
        float *const value[] = {plane[0], plane[1], plane[2]};
        const float *const mapped[] = {plane[0], plane[1], plane[2]};
        float *const out[] = {rgb[c], rgb[(c + 1) % 3], rgb[(c + 2) % 3]};
        instnorm_to_space(space, in, EDGE, 1, value);
        for (unsigned k = 0; k < space->planes; k++)
            instnorm_apply(plane[k], EDGE, &map[channels == 1 ? 0 : c + k], plane[k]);
        instnorm_from_space(space, mapped, EDGE, 1, out);
    }
    for (int r = 0; r < EDGE; r++)
        write_line(to, (double)rgb[0][r], (double)rgb[1][r], (double)rgb[2][r]);
}

static void write_3d(FILE *to, const struct instnorm_space *space, const struct instnorm_affine *map, unsigned channels)
{
    fprintf(to, "LUT_3D_SIZE %d\n", EDGE);
    for (int b = 0; b < EDGE; b++)
        for (int g = 0; g < EDGE; g++)
            write_row(to, space, map, channels, g, b);
}

bool lut_write(const char *path, const struct instnorm_space *space, const struct instnorm_affine *map, unsigned channels,
               struct why *why)
{
    char *text = NULL;
    size_t size = 0;
    if (channels != 1 && channels != 3)
        return why_set(why, "%u colour channels: expected 1 or 3", channels);
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return why_memory(why);
    fprintf(to, "TITLE \"instnorm %s\"\n", space->name);
    if (space->to || space->linear)
        write_3d(to, space, map, channels);
    else
        write_1d(to, map, channels);
    bool ok = fclose(to) == 0 ? file_write(path, text, size, why) : why_memory(why);
    free(text);
    return ok;
}
