/* A sitting room at night under one tungsten lamp: a strong orange cast, and a blue window. */
#include "scene_march.h"

enum {
    WALL,
    FLOOR,
    CEILING,
    TRIM,
    TABLE,
    SHADE,
    BRASS,
    GLASS,
    CURTAIN,
    FRAME,
    ART,
    CHAIR,
    CUSHION,
    RUG,
    BOOK_A,
    BOOK_B,
    BOOK_C,
    MUG,
    FRUIT,
    LEAF,
    POT
};

#define BACK 3.2 /* z of the wall opposite */

static const struct vec eye = {0.45, 1.38, -2.15};
static const struct vec bulb = {0.98, 1.30, 2.15};

static struct surface shell(struct vec p)
{
    struct surface s = {p.y, FLOOR};
    double hole = to_box(p, vec(-0.95, 1.62, BACK), vec(0.62, 0.66, 0.3), 0);
    struct vec m = vec(fabs(p.x + 0.95), p.y, p.z);

    s = nearer(s, max(BACK - p.z, -hole), WALL);
    s = nearer(s, 2.9 - fabs(p.x), WALL);
    s = nearer(s, 2.75 - p.y, CEILING);
    s = nearer(s, BACK + 0.16 - p.z, GLASS);
    s = nearer(s, to_box(p, vec(0, 0.06, BACK), vec(3, 0.07, 0.03), 0.01), TRIM);
    s = nearer(s, to_box(p, vec(0, 2.72, BACK), vec(3, 0.05, 0.05), 0.02), TRIM);
    s = nearer(s, to_box(p, vec(-0.95, 0.93, BACK - 0.04), vec(0.74, 0.03, 0.12), 0.01), TRIM);
    s = nearer(s, to_box(m, vec(0, 1.62, BACK + 0.10), vec(0.02, 0.66, 0.03), 0), TRIM);
    s = nearer(s, to_box(p, vec(-0.95, 1.75, BACK + 0.10), vec(0.62, 0.02, 0.03), 0), TRIM);
    s = nearer(s, max(to_box(p, vec(-0.95, 1.62, BACK), vec(0.69, 0.73, 0.03), 0.01), -hole), TRIM);
    return nearer(s, to_disc(p, vec(-0.3, 0.0, 1.3), 1.25, 0.012, 0.005), RUG);
}

static struct surface hangings(struct surface s, struct vec p)
{
    struct vec m = vec(fabs(p.x + 0.95), p.y, p.z);
    double waves = 0.035 * sin(34 * m.x) * (1.1 - 0.2 * p.y);
    double drape = to_box(vec(m.x + 0.05 * bump(p.y - 1.1, 0.5), m.y, m.z + waves), vec(0.80, 1.24, BACK - 0.14),
                          vec(0.19, 1.18, 0.03), 0.02);

    s = nearer(s, drape * 0.55, CURTAIN);
    s = nearer(s, to_rod(p, vec(-2.1, 2.45, BACK - 0.14), vec(0.2, 2.45, BACK - 0.14), 0.022, 0.022), BRASS);
    s = nearer(s, to_box(p, vec(1.95, 1.72, BACK), vec(0.46, 0.36, 0.03), 0.01), FRAME);
    return nearer(s, to_box(p, vec(1.95, 1.72, BACK - 0.02), vec(0.40, 0.30, 0.02), 0), ART);
}

static struct surface table(struct surface s, struct vec p)
{
    double bound = to_box(p, vec(1.15, 0.75, 2.1), vec(1.1, 0.85, 0.55), 0);
    if (bound > 0.3)
        return nearer(s, bound, TABLE);

    struct vec m = vec(fabs(p.x - 1.15), p.y, fabs(p.z - 2.1));
    s = nearer(s, to_box(p, vec(1.15, 0.76, 2.1), vec(0.98, 0.03, 0.46), 0.015), TABLE);
    s = nearer(s, to_box(p, vec(1.15, 0.67, 2.1), vec(0.88, 0.06, 0.38), 0.01), TABLE);
    s = nearer(s, to_rod(m, vec(0.90, 0, 0.38), vec(0.86, 0.72, 0.36), 0.024, 0.040), TABLE);
    s = nearer(s, to_disc(p, vec(0.98, 0.805, 2.15), 0.13, 0.018, 0.012), BRASS);
    s = nearer(s, to_rod(p, vec(0.98, 0.8, 2.15), vec(0.98, 1.2, 2.15), 0.02, 0.016), BRASS);
    s = nearer(s, to_ball(p, vec(0.98, 0.93, 2.15), 0.065), BRASS);
    s = nearer(s, to_box(p, vec(1.62, 0.82, 2.05), vec(0.22, 0.032, 0.15), 0.008), BOOK_A);
    s = nearer(s, to_box(p, vec(1.60, 0.88, 2.07), vec(0.19, 0.026, 0.14), 0.008), BOOK_B);
    s = nearer(s, to_box(p, vec(1.64, 0.93, 2.04), vec(0.17, 0.022, 0.12), 0.008), BOOK_C);
    double mug = to_disc(p, vec(0.55, 0.85, 1.92), 0.062, 0.062, 0.008);
    mug = max(mug, -to_disc(p, vec(0.55, 0.88, 1.92), 0.050, 0.062, 0.004));
    double handle = norm(norm(p.x - 0.485, p.y - 0.85) - 0.034, p.z - 1.92) - 0.010;
    s = nearer(s, min(mug, handle), MUG);
    s = nearer(s, to_ball(p, vec(1.22, 0.855, 1.86), 0.066), FRUIT);
    return nearer(s, to_ball(p, vec(1.35, 0.850, 1.80), 0.062), FRUIT);
}

static struct surface armchair(struct surface s, struct vec p)
{
    double bound = to_box(p, vec(-1.55, 0.55, 1.85), vec(0.75, 0.62, 0.75), 0);
    if (bound > 0.3)
        return nearer(s, bound, CHAIR);

    struct vec q = sub(p, vec(-1.55, 0, 1.85));
    const double c = cos(0.55), t = sin(0.55);
    q = vec(c * q.x + t * q.z, q.y, -t * q.x + c * q.z);
    struct vec m = vec(fabs(q.x), q.y, q.z);
    double d = to_box(q, vec(0, 0.28, 0), vec(0.46, 0.14, 0.44), 0.06);

    d = join(d, to_box(vec(q.x, q.y, q.z - 0.22 * (q.y - 0.5)), vec(0, 0.66, 0.36), vec(0.46, 0.44, 0.11), 0.10), 0.06);
    d = join(d, to_box(m, vec(0.44, 0.42, -0.02), vec(0.10, 0.20, 0.42), 0.09), 0.04);
    s = nearer(s, d * 0.9, CHAIR);
    s = nearer(s, to_box(q, vec(0, 0.46, -0.06), vec(0.33, 0.07, 0.36), 0.06), CHAIR);
    struct vec k = vec(q.x * 0.94 + q.y * 0.34, q.y * 0.94 - q.x * 0.34, q.z - 0.2 * q.y);
    s = nearer(s, to_ellipsoid(k, vec(0.30, 0.66, 0.03), vec(0.25, 0.22, 0.11)) * 0.9, CUSHION);
    return nearer(s, to_rod(vec(m.x, m.y, fabs(m.z)), vec(0.36, 0, 0.34), vec(0.34, 0.2, 0.32), 0.02, 0.03), TABLE);
}

static struct surface plant(struct surface s, struct vec p)
{
    struct vec q = sub(p, vec(-2.45, 0, 2.70));
    double bound = to_box(q, vec(0, 0.7, 0), vec(0.50, 0.75, 0.45), 0);
    if (bound > 0.3)
        return nearer(s, bound, LEAF);

    double pot = norm(q.x, q.z) - 0.15 - 0.12 * q.y;
    s = nearer(s, max(pot, fabs(q.y - 0.17) - 0.17) * 0.9, POT);
    for (int i = 0; i < 9; i++) {
        double a = 2.4 * i, lean = 0.16 + 0.20 * hash(i, 0, 501);
        double top = mix(0.75, 1.32, hash(i, 1, 501));
        struct vec tip = vec(lean * cos(a), top, lean * sin(a));
        struct vec base = vec(0, 0.3, 0);
        struct vec along = sub(tip, base), at = sub(q, base);
        double t = clamp01(dot(at, along) / dot(along, along));
        struct vec off = sub(at, scale(along, t));
        double flat = dot(off, vec(sin(a), 0, -cos(a)));
        double width = 0.012 + 0.085 * sin(3.1416 * pow(t, 1.8));

        s = nearer(s, (norm(flat * 0.012 / width, length(sub(off, scale(vec(sin(a), 0, -cos(a)), flat)))) - 0.012) * 0.6,
                   LEAF);
    }
    return s;
}

/* What casts shadows: all but the lampshade, which the lamp's own directions account for. */
static struct surface opaque(struct vec p)
{
    return plant(armchair(table(hangings(shell(p), p), p), p), p);
}

static struct surface room(struct vec p)
{
    struct vec q = sub(p, vec(bulb.x, 1.32, bulb.z));
    double cone = norm(q.x, q.z) - (0.205 - 0.34 * q.y);
    double thin = fabs(cone * 0.93) - 0.004;

    return nearer(opaque(p), max(thin, fabs(q.y) - 0.16), SHADE);
}

/* Out of the window: a blue hour with roofs and a few lights. */
static struct vec outside(struct vec p)
{
    double roof = 1.28 + 0.16 * hash((int)floor(p.x * 5.5), 0, 511) + 0.10 * hash((int)floor(p.x * 13), 1, 511);
    struct vec c = blend(hex(0x5f7fc4), hex(0x22387e), ramp(1.2, 2.3, p.y));

    if (p.y > roof)
        return add(scale(c, 0.8), scale(hex(0xe8ecff), 0.8 * ramp(0.085, 0.078, norm(p.x + 0.72, p.y - 2.02))));
    int column = (int)floor(p.x * 26), row = (int)floor(p.y * 20);
    double lamp = hash(column, row, 512) > 0.86 ? 1 : 0;
    return scale(blend(hex(0x141c3c), hex(0xffd890), lamp * 0.8), 0.8);
}

static struct vec boards(struct vec p)
{
    int plank = (int)floor(p.x / 0.17);
    double shift = hash(plank, 0, 521) * 2;
    int piece = (int)floor((p.z + shift) / 1.4);
    double grain = fbm(p.x * 40 + 9 * plank, p.z * 2.5, 4, 522);
    double gap = fabs(p.x / 0.17 - plank - 0.5);
    struct vec c = blend(hex(0x6f452b), hex(0xa8744a), 0.55 * grain + 0.45 * hash(plank, piece, 523));

    return scale(c, 1 - 0.6 * ramp(0.47, 0.49, gap));
}

static struct vec painting(struct vec p)
{
    double x = (p.x - 1.55) / 0.8, y = (p.y - 1.42) / 0.6;
    struct vec c = blend(hex(0xf0dcb4), hex(0x7fb0b8), ramp(0.3, 1, y));

    c = blend(c, hex(0xd8583c), ramp(0.17, 0.155, norm(x - 0.66, (y - 0.66) * 0.75)));
    c = blend(c, hex(0x3f7a80), ramp(0.01, -0.01, y - 0.42 - 0.14 * sin(5 * x + 1)));
    c = blend(c, hex(0x24485c), ramp(0.01, -0.01, y - 0.26 - 0.10 * sin(6 * x + 3.4)));
    double mat = max(fabs(x - 0.5) - 0.41, fabs(y - 0.5) - 0.38);
    return blend(c, hex(0xf2ece0), ramp(-0.005, 0.005, mat));
}

static struct vec wallpaper(struct vec p)
{
    double along = fabs(p.x) > 2.88 ? p.z : p.x;
    double stripe = ramp(0.22, 0.25, fabs(along * 5 - floor(along * 5) - 0.5));

    return blend(hex(0xd9cfb8), hex(0xc8bda4), stripe * (p.y > 0.1 ? 1 : 0));
}

static struct vec rug(struct vec p)
{
    double r = norm(p.x + 0.3, p.z - 1.3), a = atan2(p.x + 0.3, p.z - 1.3);
    double rings = ramp(0.06, 0.05, fabs(r - 1.08)) + ramp(0.03, 0.02, fabs(r - 0.86));
    double petals = ramp(0.03, -0.03, r - 0.42 - 0.20 * sin(8 * a));
    struct vec c = blend(hex(0x8c3a34), hex(0xe0c89a), clamp01(rings + petals * 0.8));

    return scale(c, 0.85 + 0.3 * noise(p.x * 60, p.z * 60, 531));
}

static struct vec colour_of(int material, struct vec p)
{
    static const uint32_t plain[] = {
        [CEILING] = 0xe6e0d4, [TRIM] = 0xe8e2d6,  [TABLE] = 0x7d4c2c,   [BRASS] = 0xc9a04c,  [CURTAIN] = 0x8a9a78,
        [FRAME] = 0x4a3324,   [CHAIR] = 0x3f7f86, [CUSHION] = 0xe0b23c, [BOOK_A] = 0x2f5d8c, [BOOK_B] = 0xb23c34,
        [BOOK_C] = 0xd9d0b8,  [MUG] = 0xf0efea,   [FRUIT] = 0xa8c040,   [LEAF] = 0x3f8048,   [POT] = 0xdcd6cc,
    };

    switch (material) {
    case WALL:
        return wallpaper(p);
    case FLOOR:
        return boards(p);
    case ART:
        return painting(p);
    case RUG:
        return rug(p);
    case TABLE:
        return scale(hex(plain[TABLE]), 0.7 + 0.6 * fbm(p.x * 3 + p.y * 3, p.z * 30 + p.y * 9, 3, 541));
    default:
        return scale(hex(plain[material]), 0.93 + 0.14 * noise(p.x * 50, p.y * 50 + p.z * 50, 542));
    }
}

/* Strength of the lamp seen from p: two open cones, and the glow of the shade between. */
static double lamp_towards(struct vec p)
{
    struct vec d = normalize(sub(p, bulb));
    double up = ramp(0.62, 0.74, d.y), down = ramp(0.42, 0.56, -d.y);

    return 0.34 + 1.0 * up + 1.25 * down;
}

static struct vec lit(struct vec p, struct vec view, int material)
{
    struct vec n = normal_at(room, p);
    struct vec to_lamp = sub(bulb, p);
    double far = length(to_lamp);
    struct vec l = scale(to_lamp, 1 / far);
    double facing = clamp01(dot(n, l)) * 0.92 + 0.08;
    double shadow = sunlight(opaque, add(p, scale(n, 0.01)), l, far - 0.2, 14);
    double lamp = 2.3 * lamp_towards(p) * shadow * facing / (far * far + 0.25);
    double open = openness(opaque, p, n, 0.5);
    double shine = material == TABLE || material == MUG || material == FRUIT ? 0.5
                   : material == BRASS                                       ? 2.0
                   : material == FLOOR                                       ? 0.25
                                                                             : 0.02;
    struct vec half = normalize(sub(l, view));

    /* Light that has bounced off the walls and ceiling, and a little dusk from the window. */
    struct vec light = add(scale(vec(1, 0.86, 0.70), lamp), scale(vec(0.34, 0.28, 0.22), open));
    double from_window = clamp01(dot(n, normalize(sub(vec(-0.95, 1.6, BACK), p))));
    light = add(light, scale(vec(0.02, 0.05, 0.16), open * from_window));
    struct vec c = mul(colour_of(material, p), light);
    return add(c, scale(vec(1, 0.85, 0.65), shine * lamp * pow(clamp01(dot(n, half)), 50)));
}

static struct vec seen(struct vec p, struct vec view)
{
    int material = room(p).material;

    if (material == GLASS)
        return outside(p);
    if (material == SHADE) {
        double glow = 0.75 + 0.75 * bump(p.y - 1.28, 0.13);
        double rib = 0.95 + 0.05 * cos(28 * atan2(p.x - bulb.x, p.z - bulb.z));
        return scale(hex(0xffdc9c), glow * rib);
    }
    return lit(p, view, material);
}

struct vec shade_room(double x, double y)
{
    const double turn = -0.10;
    struct vec d = normalize(vec((x - 0.75) * 1.02, (0.5 - y) * 1.02 - 0.055, 1.15));

    d = vec(cos(turn) * d.x + sin(turn) * d.z, d.y, cos(turn) * d.z - sin(turn) * d.x);
    double t = march(room, eye, d, 12);
    struct vec p = add(eye, scale(d, t));
    struct vec c = seen(p, d);

    /* The lamp blooms a little in the lens, around where it stands in the picture. */
    c = add(c, scale(vec(0.30, 0.24, 0.15), bump(norm(x - 1.005, y - 0.465), 0.20)));
    c = scale(c, 1 - 0.35 * ramp(0.45, 1.0, norm(x - 0.75, y - 0.5)));

    /* Daylight film under tungsten. */
    c = mul(c, vec(1.95, 0.84, 0.22));
    return vec(1 - exp(-1.3 * c.x), 1 - exp(-1.3 * c.y), 1 - exp(-1.3 * c.z));
}
