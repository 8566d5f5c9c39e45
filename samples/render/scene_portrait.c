/* A bust with closed eyes beside fruit on a cloth: skin, and strong colours to compare it with. */
#include "scene_march.h"

enum { SKIN, HAIR, SHAWL, CLOTH, ORANGE, APPLE, LEMON, PEAR, GRAPE, LEAF, STALK, GOLD };

static const struct vec eye = {0.16, 0.15, -7.6};
static const struct vec key = {-0.58, 0.55, -0.60}; /* towards the window, not normalized */
static const struct vec rim = {0.85, 0.30, 0.42};

/* The head looks a little to its left: the front of the face is -z here. */
static struct vec to_head(struct vec p)
{
    struct vec q = sub(p, vec(-0.30, 0.62, 0.35));
    const double c = cos(0.42), s = sin(0.42);

    q = vec(c * q.x + s * q.z, q.y, -s * q.x + c * q.z);
    const double tc = cos(0.10), ts = sin(0.10); /* bowed */
    return vec(q.x, tc * q.y - ts * q.z, ts * q.y + tc * q.z);
}

static double face(struct vec q)
{
    struct vec m = vec(fabs(q.x), q.y, q.z); /* both sides at once */
    double d = to_ellipsoid(q, vec(0, 0.28, 0.10), vec(0.72, 0.82, 0.86));

    d = join(d, to_ellipsoid(q, vec(0, -0.30, -0.16), vec(0.53, 0.70, 0.58)), 0.30);
    d = join(d, to_ball(q, vec(0, -0.80, -0.50), 0.17), 0.22);
    d = join(d, to_ball(m, vec(0.36, -0.16, -0.42), 0.22), 0.22);
    d = join(d, to_rod(m, vec(0.10, 0.27, -0.70), vec(0.46, 0.27, -0.52), 0.07, 0.06), 0.16);
    d = -join(-d, to_ball(m, vec(0.29, 0.10, -0.92), 0.20), 0.16);
    d = join(d, to_ellipsoid(m, vec(0.275, 0.10, -0.59), vec(0.165, 0.135, 0.15)), 0.03);
    d = join(d, to_rod(q, vec(0, 0.24, -0.74), vec(0, -0.17, -0.94), 0.055, 0.080), 0.12);
    d = join(d, to_ball(m, vec(0.072, -0.195, -0.84), 0.055), 0.07);
    d = join(d, to_ellipsoid(q, vec(0, -0.50, -0.62), vec(0.25, 0.17, 0.15)), 0.12);
    d = join(d, to_ellipsoid(m, vec(0.070, -0.440, -0.760), vec(0.150, 0.036, 0.050)), 0.040);
    d = join(d, to_ellipsoid(q, vec(0, -0.522, -0.752), vec(0.175, 0.046, 0.060)), 0.040);
    d = join(d, to_ellipsoid(m, vec(0.71, 0.02, 0.10), vec(0.07, 0.20, 0.13)), 0.05);
    return d;
}

static double neck(struct vec q)
{
    double d = to_rod(q, vec(0, -0.62, 0.18), vec(0, -1.55, 0.30), 0.35, 0.40);

    return join(d, to_ellipsoid(q, vec(0, -1.78, 0.28), vec(1.25, 0.42, 0.52)), 0.35);
}

static double hair(struct vec q)
{
    double strands = 0.007 * sin(70 * atan2(q.x, q.y - 0.2) + 5 * q.z) * ramp(-0.75, 0.1, q.z);
    double d = to_ellipsoid(q, vec(0, 0.36, 0.20), vec(0.82, 0.84, 0.90));

    d = join(d, to_ellipsoid(q, vec(0, -0.05, 0.62), vec(0.60, 0.62, 0.42)), 0.3);
    d = -join(-d, to_ellipsoid(q, vec(0, -0.30, -0.85), vec(0.66, 1.06, 1.02)), 0.06);
    d = join(d, to_ball(q, vec(0, 0.98, 0.66), 0.36), 0.06);
    return d - strands;
}

static double shawl(struct vec q)
{
    double folds = 0.014 * sin(15 * q.x + 9 * q.y + 3 * sin(3 * q.x));
    double d = to_ellipsoid(q, vec(0, -2.05, 0.30), vec(1.50, 0.86, 0.74));
    double roll = norm(norm(q.x * 0.82, q.z - 0.24) - 0.56, q.y + 1.42 - 0.22 * q.z) - 0.17;

    return join(d, roll, 0.30) - folds;
}

static struct surface bust(struct surface s, struct vec p)
{
    double bound = to_ball(p, vec(-0.30, -0.05, 0.45), 2.1);
    if (bound > 0.4)
        return nearer(s, bound, SKIN);

    struct vec q = to_head(p);
    s = nearer(s, join(face(q), neck(q), 0.12), SKIN);
    s = nearer(s, hair(q) * 0.8, HAIR);
    s = nearer(s, shawl(q) * 0.75, SHAWL);
    struct vec m = vec(fabs(q.x), q.y, q.z);
    return nearer(s, to_ball(m, vec(0.73, -0.26, 0.06), 0.055), GOLD);
}

static struct surface fruit(struct surface s, struct vec p)
{
    double bound = to_box(p, vec(0.95, -1.35, -0.95), vec(1.15, 0.62, 0.65), 0.1);
    if (bound > 0.4)
        return nearer(s, bound, ORANGE);

    s = nearer(s, to_ball(p, vec(0.42, -1.50, -1.05), 0.31), ORANGE);
    s = nearer(s, to_ball(p, vec(1.02, -1.47, -0.62), 0.33), ORANGE);
    struct vec a = sub(p, vec(1.13, -1.52, -1.28));
    double dimple = 0.10 * bump(norm(a.x, a.z), 0.12) * (a.y > 0 ? 1 : 0);
    s = nearer(s, (length(a) - 0.29 + dimple) * 0.8, APPLE);
    s = nearer(s, to_rod(a, vec(0, 0.16, 0), vec(0.04, 0.36, 0), 0.014, 0.018), STALK);
    s = nearer(s, to_ellipsoid(a, vec(0.15, 0.33, 0), vec(0.13, 0.022, 0.06)), LEAF);
    double lemon = to_ellipsoid(p, vec(0.72, -1.63, -1.52), vec(0.26, 0.18, 0.18));
    s = nearer(s, join(lemon, to_ball(p, vec(0.98, -1.63, -1.52), 0.045), 0.10), LEMON);
    double pear = to_ball(p, vec(1.62, -1.47, -0.80), 0.31);
    pear = join(pear, to_ball(p, vec(1.60, -1.08, -0.80), 0.17), 0.35);
    s = nearer(s, pear, PEAR);
    s = nearer(s, to_rod(p, vec(1.60, -0.94, -0.80), vec(1.65, -0.74, -0.80), 0.018, 0.022), STALK);
    for (int i = 0; i < 9; i++) {
        struct vec centre =
            vec(1.52 + 0.17 * (i % 3) - 0.06 * (i / 6), -1.69 + 0.14 * (i / 6), -1.45 + 0.15 * (i / 3 % 2 + i % 2 * 0.3));

        s = nearer(s, to_ball(p, centre, 0.105), GRAPE);
    }
    return s;
}

static struct surface still_life(struct vec p)
{
    double folds = 0.05 * sin(2.6 * p.x + 1.5 * p.z) + 0.03 * sin(5.1 * p.z - 2 * p.x);
    double top = p.y + 1.82 - 0.25 * folds;
    struct surface s = {top * 0.8, CLOTH};

    return fruit(bust(s, p), p);
}

/* Skin of the head: rosier where the blood is near, lips, lashes, brows. */
static struct vec skin(struct vec q)
{
    struct vec m = vec(fabs(q.x), q.y, q.z);
    struct vec c = blend(hex(0xdba683), hex(0xd39a78), fbm(q.x * 9, q.y * 9 + q.z * 5, 3, 401));

    c = blend(c, hex(0xd47c68), 0.55 * bump(length(sub(m, vec(0.38, -0.14, -0.60))), 0.24));
    c = blend(c, hex(0xcf7a66), 0.40 * bump(length(sub(q, vec(0, -0.17, -1.02))), 0.14));
    c = blend(c, hex(0xc98472), 0.40 * bump(length(sub(m, vec(0.28, 0.16, -0.72))), 0.16));
    if (q.z > -0.3)
        return c;

    double cupid = 0.018 * bump(m.x, 0.035);
    double upper = -0.398 - cupid - 1.05 * m.x * m.x;
    double lower = -0.582 + 1.9 * m.x * m.x;
    double lips = ramp(0.012, -0.012, q.y - upper) * ramp(-0.012, 0.012, q.y - lower) * ramp(0.250, 0.205, m.x);
    c = blend(c, hex(0xb0504c), 0.85 * lips);
    double parting = -0.480 + 0.30 * m.x * m.x + 0.008 * bump(m.x, 0.05);
    c = blend(c, hex(0x6a2622), 0.9 * bump(q.y - parting, 0.010) * ramp(0.25, 0.19, m.x));

    double ex = (m.x - 0.28) / 0.155;
    double lash = 0.055 - 0.062 * (1 - ex * ex);
    c = blend(c, hex(0x2a1814), ramp(1.12, 0.98, fabs(ex)) * bump(q.y - lash, 0.016));
    c = blend(c, hex(0xa66450), 0.5 * ramp(1.1, 0.7, fabs(ex)) * bump(q.y - 0.205 + 0.05 * ex * ex, 0.014));
    double bx = (m.x - 0.30) / 0.24;
    double brow = 0.335 - 0.045 * bx * bx + 0.012 * bx;
    double hairs = 0.75 + 0.25 * noise(m.x * 90 + q.y * 60, 0, 404);
    return blend(c, hex(0x3a2218),
                 0.85 * hairs * ramp(1.0, 0.75, fabs(bx)) * bump(q.y - brow, mix(0.032, 0.018, clamp01(bx))));
}

static struct vec cloth(struct vec p)
{
    double u = p.x * 2.2, v = (p.z - p.y) * 2.2;
    double band = ramp(0.40, 0.43, fabs(fmod(fabs(v + 0.3), 1.6) - 0.8));
    double weave = 0.06 * (noise(u * 40, v * 4, 406) + noise(u * 4, v * 40, 407) - 1);
    struct vec c = blend(hex(0x23508f), hex(0x1d3f78), noise(u, v, 405));
    double flower = norm(u - floor(u) - 0.5, v - floor(v) - 0.5);

    c = blend(c, hex(0xe9dcc0), 0.9 * ramp(0.13, 0.10, flower) * (1 - band));
    c = blend(c, hex(0xd8a13a), ramp(0.06, 0.04, flower) * (1 - band));
    return scale(c, 1 + weave);
}

static struct vec colour_of(int material, struct vec p, struct vec n)
{
    double grain = fbm(p.x * 14, p.y * 14 + p.z * 9, 3, 411);

    switch (material) {
    case SKIN:
        return skin(to_head(p));
    case HAIR:
        return blend(hex(0x2b1a14), hex(0x5a3420), grain * grain);
    case SHAWL:
        return blend(hex(0x8e2038), hex(0xb23048), grain);
    case CLOTH:
        return cloth(p);
    case ORANGE:
        return blend(hex(0xe8801c), hex(0xf29a2e), noise(p.x * 60, p.y * 60 + p.z * 30, 412));
    case APPLE:
        return blend(hex(0x9cba3c), hex(0xc02a26), ramp(-0.1, 0.6, 0.6 * (grain - 0.5) + 0.5 * n.x + 0.35));
    case LEMON:
        return hex(0xf2d437);
    case PEAR:
        return blend(hex(0xb4bd4a), hex(0xcda54a), ramp(0.4, 0.7, grain + 0.2 * n.x));
    case GRAPE:
        return blend(hex(0x4a2563), hex(0x6b3a80), grain);
    case LEAF:
        return hex(0x3f8a3a);
    case STALK:
        return hex(0x5b4127);
    default:
        return hex(0xe0ac3c);
    }
}

/* Plaster, lighter where the window lights it. */
static struct vec wall(double x, double y)
{
    double mottle = fbm(x * 5, y * 5, 5, 421) - 0.5;
    double light = bump(norm(x - 0.68, y - 0.32), 0.55);

    return scale(blend(hex(0x2c4a50), hex(0x7d9b8f), light), 1 + 0.35 * mottle);
}

/* Light seeps through skin: red reaches furthest past the terminator. */
static struct vec diffuse(double facing, int material)
{
    struct vec wrap = material == SKIN ? vec(0.42, 0.20, 0.12) : vec(0.06, 0.06, 0.06);

    return vec(clamp01((facing + wrap.x) / (1 + wrap.x)), clamp01((facing + wrap.y) / (1 + wrap.y)),
               clamp01((facing + wrap.z) / (1 + wrap.z)));
}

static double gloss(int material, double facing)
{
    switch (material) {
    case SKIN:
        return 0.16 * pow(facing, 22);
    case HAIR:
        return 0.16 * pow(facing, 30);
    case SHAWL:
    case CLOTH:
        return 0.02 * pow(facing, 8);
    case GOLD:
        return 1.5 * pow(facing, 40);
    default:
        return 0.40 * pow(facing, 60);
    }
}

static struct vec lit(struct vec p, struct vec view, int material)
{
    struct vec n = normal_at(still_life, p);
    struct vec albedo = colour_of(material, p, n);
    struct vec to_key = normalize(key), to_rim = normalize(rim);
    double shadow = sunlight(still_life, add(p, scale(n, 0.01)), to_key, 5, 13);
    double open = openness(still_life, p, n, 0.45);
    struct vec seep = material == SKIN ? vec(1.12, 0.96, 0.92) : vec(1, 1, 1);
    struct vec half = normalize(sub(to_key, view));

    struct vec light = mul(scale(vec(1.0, 0.93, 0.82), 1.55 * mix(0.06, 1, shadow)), diffuse(dot(n, to_key), material));
    light = add(light, scale(vec(0.30, 0.33, 0.40), open * (0.75 + 0.25 * n.y)));
    light = add(light, scale(vec(0.30, 0.17, 0.10), open * clamp01(0.4 - 0.6 * n.y)));
    light = add(light, scale(vec(0.62, 0.52, 0.45), open * clamp01(dot(n, to_rim)) * pow(1 + min(dot(n, view), 0), 1.5)));
    struct vec c = mul(mul(albedo, light), seep);
    return add(c, scale(vec(1, 0.96, 0.9), shadow * gloss(material, clamp01(dot(n, half)))));
}

struct vec shade_portrait(double x, double y)
{
    struct vec direction = normalize(vec((x - 0.5) * 0.60, (0.5 - y) * 0.60 - 0.038, 1));
    double t = march(still_life, eye, direction, 14);
    struct vec p = add(eye, scale(direction, t));
    struct vec c = wall(x, y);

    if (t < 14 && p.z < 3)
        c = lit(p, direction, still_life(p).material);
    c = scale(c, 1 - 0.30 * ramp(0.35, 0.75, norm(x - 0.5, y - 0.5)));
    return vec(1 - exp(-1.55 * c.x), 1 - exp(-1.55 * c.y), 1 - exp(-1.55 * c.z));
}
