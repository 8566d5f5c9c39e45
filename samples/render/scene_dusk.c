/* Two skies: mountains over a lake at dusk, and a pale sky of very little contrast. */
#include "scene.h"

#define SUN_X 0.93
#define SUN_Y 0.50
#define SHORE 0.665 /* y of the far waterline */

static struct vec dusk_sky(double x, double y)
{
    struct vec c = blend(hex(0x1d2550), hex(0x5b3f7d), ramp(0.0, 0.30, y));

    c = blend(c, hex(0xc9627a), ramp(0.15, 0.42, y));
    c = blend(c, hex(0xf7a25e), ramp(0.32, 0.54, y));
    c = blend(c, hex(0xffd083), ramp(0.44, 0.62, y));

    double away = norm((x - SUN_X) * 0.8, y - SUN_Y);
    c = add(c, scale(hex(0xffa850), 0.55 * bump(away, 0.22)));
    c = add(c, scale(hex(0xffdc96), 0.9 * bump(away, 0.075)));
    return blend(c, hex(0xfff3cf), ramp(0.037, 0.034, norm(x - SUN_X, y - SUN_Y)));
}

static struct vec dusk_clouds(struct vec sky, double x, double y)
{
    double warp = 0.5 * fbm(x * 2, y * 5, 3, 21);
    double cover = fbm(x * 2.2 + warp, y * 13 + warp * 3, 5, 22);
    double amount = ramp(0.50, 0.74, cover) * ramp(0.02, 0.16, y) * ramp(0.52, 0.36, y);
    double lit = bump(norm(x - SUN_X, (y - SUN_Y) * 1.2), 0.55);
    struct vec cloud = blend(hex(0x5d3d70), hex(0xff9a72), lit);

    return blend(sky, cloud, 0.85 * amount);
}

static double dusk_stars(double x, double y)
{
    double cell = 46;
    int cx = (int)floor(x * cell), cy = (int)floor(y * cell);

    if (hash(cx, cy, 31) < 0.93)
        return 0;
    double dx = x * cell - cx - mix(0.2, 0.8, hash(cx, cy, 32));
    double dy = y * cell - cy - mix(0.2, 0.8, hash(cx, cy, 33));
    return 0.8 * hash(cx, cy, 34) * ramp(0.62, 0.45, fbm(x * 2.2, y * 13, 3, 22)) * bump(norm(dx, dy), 0.07) *
           ramp(0.24, 0.0, y);
}

/* y of the skyline of a range; peaks are sharp because |2n-1| has a crease. */
static double ridge(double x, double top, double height, double frequency, uint32_t seed)
{
    double sum = 0, weight = 0.5;

    for (int i = 0; i < 6; i++) {
        double crease = 1 - fabs(2 * noise(x * frequency, 0.5 + i, seed) - 1);

        sum += weight * crease * (i ? 1 : crease);
        weight *= 0.48;
        frequency *= 2.1;
    }
    return top - height * sum;
}

/* y of the tops of a pine wood standing on base; a row of jittered spires. */
static double pines(double x, double base, double height, double spacing, uint32_t seed)
{
    int cell = (int)floor(x / spacing);
    double top = base;

    for (int i = cell - 1; i <= cell + 1; i++) {
        double centre = (i + 0.2 + 0.6 * hash(i, 0, seed)) * spacing;
        double tall = height * mix(0.45, 1, hash(i, 1, seed));
        double d = fabs(x - centre) / (spacing * 0.75);
        double tier = 0.12 * (d * 7 - floor(d * 7)); /* branches hang in tiers */

        top = min(top, base - tall * (1 - d * 1.25 + tier * d));
    }
    return top;
}

/* The scene above the water. */
static struct vec dusk_land(double x, double y)
{
    static const struct range {
        double top, height, frequency;
        uint32_t seed, colour, haze;
    } ranges[] = {
        {0.640, 0.200, 2.3, 41, 0xc87f79, 0xf5b27c},
        {0.655, 0.185, 2.9, 47, 0x8d5a7c, 0xe29a7c},
        {0.665, 0.130, 3.1, 59, 0x57416e, 0xb97678},
        {0.672, 0.075, 3.7, 61, 0x33305a, 0x7a5570},
    };
    struct vec c = dusk_clouds(dusk_sky(x, y), x, y);
    double glow = bump(norm((x - SUN_X) * 0.7, y - SUN_Y), 0.2);

    c = add(c, scale(vec(1, 1, 1), dusk_stars(x, y)));
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const struct range *r = &ranges[i];
        double line = ridge(x, r->top, r->height, r->frequency, r->seed);
        double rough = 0.10 * (fbm(x * 30, y * 45, 4, r->seed + 9) - 0.5);
        struct vec rock = blend(hex(r->colour), hex(r->haze), ramp(line - 0.02, SHORE, y) * 0.75 + rough);

        rock = blend(rock, hex(0xffb469), 0.5 * glow * (1 - 0.2 * (double)i));
        c = blend(c, rock, ramp(line - 0.001, line + 0.001, y));
    }
    double wood = pines(x, 0.668 - 0.018 * fbm(x * 3, 0, 3, 71), 0.040, 0.014, 72);
    return blend(c, hex(0x1d2040), ramp(wood - 0.001, wood + 0.001, y));
}

static struct vec dusk_water(double x, double y)
{
    double depth = (y - SHORE) / (1 - SHORE);
    double near = 0.06 + depth;
    double swell = fbm(x * 7 / near, 30 * log(near), 4, 81) - 0.5;
    double mirror = 2 * SHORE - SHORE - (y - SHORE) * 1.35 + swell * 0.10 * near;
    struct vec c = dusk_land(x + swell * 0.02 * near, min(mirror, SHORE - 0.004));

    c = mul(c, blend(vec(0.86, 0.82, 0.88), vec(0.50, 0.50, 0.66), depth));
    double path = bump(x - SUN_X + swell * 0.05, 0.035 + 0.10 * depth);
    double glint = ramp(0.03, 0.18, fbm(x * 26 / near, 75 * log(near), 3, 83) - 0.5);
    c = add(c, scale(hex(0xffc27a), path * glint * mix(0.9, 0.5, depth)));
    return blend(c, hex(0xe8a184), 0.35 * bump(y - SHORE, 0.010));
}

/* Dark bank in front, with large pines at both sides. */
static double dusk_front(double x, double y)
{
    double bank = 0.985 - 0.10 * ramp(0.50, 0.0, x) - 0.075 * ramp(1.02, 1.5, x) - 0.02 * fbm(x * 9, 1, 4, 91);
    double grass = bank - 0.020 * noise(x * 140, 0, 92) * noise(x * 23, 3, 93);
    double left = pines(x + 0.03, bank + 0.02, 0.60 * ramp(0.42, 0.02, x), 0.105, 95);
    double right = pines(x, bank + 0.02, 0.42 * ramp(1.20, 1.46, x), 0.090, 98);
    double line = min(grass, min(left, right));

    /* Needles fray the edges of the trees. */
    line += 0.016 * (fbm(x * 120, y * 90, 2, 99) - 0.4) * ramp(0.0, 0.05, bank - line);
    return ramp(line - 0.0015, line + 0.0015, y);
}

struct vec shade_dusk(double x, double y)
{
    struct vec c = y < SHORE ? dusk_land(x, y) : dusk_water(x, y);
    double vignette = 1 - 0.22 * ramp(0.5, 1.0, norm(x - 0.75, y - 0.5));

    c = blend(c, hex(0x0d1024), dusk_front(x, y));
    /* A film-like shoulder instead of clipping at the sun. */
    c = vec(1 - exp(-1.7 * c.x), 1 - exp(-1.7 * c.y), 1 - exp(-1.7 * c.z));
    return scale(c, 1.1 * vignette);
}

struct vec shade_sky(double x, double y)
{
    struct vec c = blend(hex(0x8aa5c2), hex(0xa3b4c2), ramp(-0.2, 0.8, y));
    double slant = y + 0.16 * x;
    double warp = noise(x * 1.3, slant * 3, 103) + 0.5 * noise(x * 3, slant * 7, 104);
    double veil =
        noise(x * 1.2 + warp, slant * 9 + warp, 101) * 0.6 + noise(x * 2.6 + 2 * warp, slant * 24 - warp, 102) * 0.4;

    c = blend(c, hex(0xbdb3ae), ramp(0.40, 1.1, y));
    c = blend(c, hex(0xb6bcc4), 0.7 * ramp(0.38, 0.85, veil) * ramp(0.95, 0.35, y));
    return blend(c, hex(0xcbb8a3), 0.9 * bump(norm((x - 1.05) * 0.8, (y - 0.92) * 1.5), 0.45));
}
