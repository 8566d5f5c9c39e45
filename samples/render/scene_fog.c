/* A country road in fog: little contrast, and less of it with distance. */
#include <stdbool.h>

#include "scene.h"

#define HORIZON 0.50
#define EYE     0.32 /* y of the ground below the horizon at distance 1 */
#define ROAD_X  0.70

enum { TREE_LEVELS = 9, TREE_TWIGS = (1 << TREE_LEVELS) - 1 };

struct twig {
    double x, y, dx, dy, thick; /* from the foot of the tree upwards; the tree is about 1 high */
};

/* Fills the subtree at index i of a binary heap. */
static void grow(struct twig *tree, int i, int level, double angle, double size, uint32_t seed)
{
    struct twig *t = &tree[i];

    t->dx = size * sin(angle);
    t->dy = size * cos(angle);
    t->thick = 0.021 * pow(0.67, level);
    if (level + 1 == TREE_LEVELS)
        return;
    for (int side = 0; side < 2; side++) {
        int child = 2 * i + 1 + side;
        double turn = (side ? 1 : -1) * mix(0.18, 0.62, hash(child, 1, seed));
        double from = side ? mix(0.72, 1, hash(child, 2, seed)) : 1;

        tree[child].x = t->x + from * t->dx;
        tree[child].y = t->y + from * t->dy;
        grow(tree, child, level + 1, angle * 0.94 + turn, size * mix(0.70, 0.90, hash(child, 3, seed)), seed);
    }
}

/* Coverage of the point by a subtree; width is that of a pixel, in tree units. */
static double tree_cover(const struct twig *tree, int i, double x, double y, double width)
{
    double cover = 0;

    for (; i < TREE_TWIGS; i++) {
        const struct twig *t = &tree[i];
        double px = x - t->x, py = y - t->y;
        double along = clamp01((px * t->dx + py * t->dy) / (t->dx * t->dx + t->dy * t->dy));
        double away = norm(px - along * t->dx, py - along * t->dy);
        double thick = t->thick * (1 - 0.25 * along) * (1 + 1.2 * bump(y, 0.04));

        /* Twigs thinner than a pixel stay a pixel wide and grow fainter. */
        double half = max(thick, width);
        if (away < half)
            cover = max(cover, min(1, thick / width) * ramp(half, half * 0.5, away));
    }
    return cover;
}

static struct vec fog_colour(double x, double y)
{
    double light = bump(norm((x - 0.80) * 0.7, y - 0.34), 0.5);
    double drift = fbm(x * 2.2, y * 5, 4, 11) - 0.5;

    return scale(blend(hex(0xa3abb0), hex(0xbdbfbe), light), 1 + 0.09 * drift);
}

static struct vec fogged(struct vec c, double distance, struct vec fog)
{
    return blend(fog, c, 0.80 * exp(-distance / 5.5));
}

static struct vec ground(double x, double y, struct vec fog)
{
    double distance = EYE / (y - HORIZON);
    double bend = 0.022 * distance * distance / (1 + 0.06 * distance * distance);
    double across = (x - ROAD_X) * distance - bend;
    double px = across * 1.6, pz = distance * 2.2;
    struct vec grass = blend(hex(0x6a7058), hex(0x8d8b74), fbm(px * 9, pz * 6, 5, 12));
    struct vec road = scale(hex(0x7f8285), 0.85 + 0.3 * fbm(px * 12, pz * 5, 4, 13));

    double wheel = bump(fabs(across) - 0.24, 0.09);
    road = scale(road, 1 - 0.22 * wheel);
    double edge = 0.50 + 0.06 * (fbm(pz * 3, 0.5 + (across > 0), 3, 14) - 0.5);
    struct vec c = blend(road, grass, ramp(edge - 0.03, edge + 0.03, fabs(across)));
    bool dash = fmod(distance * 1.3, 1) < 0.45;
    if (dash)
        c = blend(c, hex(0xc9c8c0), 0.7 * ramp(0.030, 0.020, fabs(across)));
    return fogged(c, distance, fog);
}

/* x on the screen of a point beside the road. */
static double beside(double across, double distance)
{
    double bend = 0.022 * distance * distance / (1 + 0.06 * distance * distance);

    return ROAD_X + (across + bend) / distance;
}

static struct vec posts(struct vec c, double x, double y, struct vec fog)
{
    for (int i = 15; i >= 0; i--) {
        double distance = 0.80 + 0.42 * i;
        double lean = 0.03 * (hash(i, 0, 15) - 0.5);
        double foot = HORIZON + EYE / distance;
        double top = foot - 0.235 / distance;
        double away = fabs(x - beside(0.78, distance) - lean * (foot - y)) * distance;

        if (y < top || y > foot + 0.004 || away > 0.02)
            continue;
        bool band = y - top > 0.03 / distance && y - top < 0.075 / distance;
        c = blend(c, fogged(hex(band ? 0x9b4a3c : 0xd2d2cc), 1.7 * distance, fog), ramp(0.019, 0.015, away));
    }
    return c;
}

static struct vec trees(struct vec c, double x, double y, struct vec fog)
{
    static const struct {
        double across, distance, height;
    } places[] = {
        {4.6, 9.0, 2.6},  {-4.4, 8.4, 2.8}, {-1.9, 7.6, 2.4},  {2.9, 6.6, 2.6},   {-3.2, 5.6, 2.4},
        {-1.7, 4.9, 2.1}, {2.5, 4.0, 2.1},  {-1.55, 3.2, 1.9}, {1.75, 2.5, 1.55}, {-1.05, 1.9, 1.45},
    };
    static struct twig forest[3][TREE_TWIGS];
    static bool grown;

    for (uint32_t k = 0; k < 3 && !grown; k++)
        grow(forest[k], 0, 0, 0.03 * (double)k - 0.03, 0.24, 201 + 7 * k);
    grown = true;
    for (int i = 0; i < (int)(sizeof places / sizeof *places); i++) {
        double distance = places[i].distance;
        double size = places[i].height * 0.62 / distance;
        double tx = (x - beside(places[i].across, distance)) / size;
        double ty = (HORIZON + EYE / distance - y) / size;

        if (fabs(tx) > 0.8 || ty < -0.02 || ty > 1.3)
            continue;
        c = blend(c, fogged(hex(0x2f3230), distance, fog),
                  tree_cover(forest[i % 3], 0, i % 2 ? tx : -tx, ty, 0.0022 / size));
    }
    return c;
}

struct vec shade_fog(double x, double y)
{
    struct vec fog = fog_colour(x, y);
    struct vec c = fog;

    /* A far wood, hardly there. */
    double wood = HORIZON - 0.035 - 0.05 * fbm(x * 4, 0, 5, 16) - 0.02 * noise(x * 60, 0, 17);
    c = blend(c, hex(0x8f989b), 0.30 * ramp(wood - 0.01, wood + 0.03, y));
    if (y > HORIZON + 0.005)
        c = blend(c, ground(x, y, fog), ramp(0.005, 0.06, y - HORIZON));
    c = trees(c, x, y, fog);
    c = posts(c, x, y, fog);
    /* Mist lies on the fields. */
    return blend(c, fog, 0.35 * bump(y - HORIZON - 0.06, 0.07) * fbm(x * 3, y * 14, 3, 18));
}
