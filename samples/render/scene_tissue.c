/*
 * A stained section: colon-like crypts in a fibrous stroma, haematoxylin and eosin on a white
 * ground.
 *
 * Drawn as two dye amounts and turned into colour by Beer-Lambert, transmitted = exp(-amount *
 * density), as in Ruifrok and Johnston, "Quantification of histochemical staining by color
 * deconvolution", 2001.
 */
#include "scene.h"

#define TURN 6.283185307179586

struct dye {
    double haematoxylin, eosin;
};

struct crypt {
    double distance; /* from the lumen's edge outwards, negative in the lumen */
    double angle;    /* around the centre, in radians */
    double radius;   /* of the lumen */
    int id;
};

static struct dye over(struct dye under, struct dye top, double amount)
{
    return (struct dye){mix(under.haematoxylin, top.haematoxylin, amount), mix(under.eosin, top.eosin, amount)};
}

static struct crypt nearest_crypt(double x, double y)
{
    const double cell = 0.40;
    struct crypt best = {.distance = 1e9};
    double wx = x + 0.05 * (fbm(x * 5, y * 5, 3, 301) - 0.5);
    double wy = y + 0.05 * (fbm(x * 5, y * 5, 3, 305) - 0.5);
    int row = (int)floor(wy / cell);

    for (int j = row - 1; j <= row + 1; j++) {
        double shift = (j & 1) * 0.5;
        int column = (int)floor(wx / cell - shift);

        for (int i = column - 1; i <= column + 1; i++) {
            double dx = wx - (i + 0.5 + shift + 0.22 * (hash(i, j, 311) - 0.5)) * cell;
            double dy = wy - (j + 0.5 + 0.22 * (hash(i, j, 312) - 0.5)) * cell;
            double squash = mix(0.8, 1.25, hash(i, j, 313));
            double radius = mix(0.030, 0.068, hash(i, j, 314));
            double d = norm(dx * squash, dy / squash) - radius;

            if (d < best.distance)
                best = (struct crypt){d, atan2(dy, dx), radius, i * 64 + j};
        }
    }
    return best;
}

/* An elliptic nucleus at the origin, long in x: dark rim, mottled chromatin, sometimes a nucleolus.
 */
static struct dye nucleus(struct dye under, double dx, double dy, double half_x, double half_y, double seed)
{
    double edge = norm(dx / half_x, dy / half_y) + 0.35 * (noise(dx * 150 + seed * 91, dy * 150, 321) - 0.5);
    double chromatin = fbm(dx * 260 + seed * 57, dy * 260 + seed * 13, 2, 322);
    double rim = bump(edge - 0.85, 0.18);
    struct dye full = {mix(0.75, 1.25, seed) * (0.62 + 0.55 * chromatin + 0.30 * rim), 0.32 + 0.15 * chromatin};

    return over(under, full, ramp(1.06, 0.90, edge));
}

/* Cells of the crypt wall: pale goblets towards the lumen, a row of nuclei near the base. */
static struct dye epithelium(struct dye c, struct crypt k, double wall)
{
    double middle = k.radius + wall * 0.68;
    double count = floor(TURN * middle / 0.0235);
    double turn = k.angle / TURN * count;
    double depth = k.distance / wall;
    double fibre = fbm(turn * 1.4, depth * 2 + k.id, 3, 331);

    c = over(c, (struct dye){0.24 + 0.14 * fibre, 0.40 + 0.18 * fibre}, ramp(-0.004, 0.004, k.distance));
    for (int i = (int)floor(turn) - 1; i <= (int)floor(turn) + 1; i++) {
        int cell = i < 0 ? i + (int)count : i; /* the angle wraps */
        double across = (turn - i - 0.5) * TURN / count * (k.radius + k.distance);
        double mucus = norm(across / 0.013, (k.distance - wall * 0.33) / (wall * 0.27));

        if (hash(cell, k.id, 333) < 0.42)
            c = over(c, (struct dye){0.10 + 0.05 * fibre, 0.08}, 0.9 * ramp(1.05, 0.75, mucus));
    }
    for (int i = (int)floor(turn) - 1; i <= (int)floor(turn) + 1; i++) {
        int cell = i < 0 ? i + (int)count : i;
        double seed = hash(cell, k.id, 332);
        double across = (turn - i - 0.5) * TURN / count * (k.radius + k.distance);
        double along = k.distance - wall * mix(0.56, 0.82, seed);

        c = nucleus(c, along, across, mix(0.014, 0.019, seed), mix(0.0085, 0.0105, seed), seed);
    }
    return c;
}

static double fibre_angle(double x, double y)
{
    return 3.2 * fbm(x * 2.4, y * 2.4, 2, 341);
}

static struct dye scattered_nuclei(struct dye c, double x, double y, double cell, double chance, double half_x,
                                   double half_y, uint32_t salt)
{
    int column = (int)floor(x / cell), row = (int)floor(y / cell);

    for (int j = row - 1; j <= row + 1; j++) {
        for (int i = column - 1; i <= column + 1; i++) {
            double seed = hash(i, j, salt);
            if (seed > chance)
                continue;
            double cx = (i + hash(i, j, salt + 1)) * cell, cy = (j + hash(i, j, salt + 2)) * cell;
            double a = fibre_angle(cx, cy) + 0.6 * (hash(i, j, salt + 3) - 0.5);
            double dx = x - cx, dy = y - cy;

            c = nucleus(c, dx * cos(a) + dy * sin(a), dy * cos(a) - dx * sin(a),
                        half_x * mix(0.8, 1.2, hash(i, j, salt + 4)), half_y, seed / chance);
        }
    }
    return c;
}

/* Eosin in wavy bundles with clefts between, spindle nuclei along them, round lymphocytes among. */
static struct dye stroma(double x, double y)
{
    double a = fibre_angle(x, y);
    double along = x * cos(a) + y * sin(a), across = y * cos(a) - x * sin(a);
    double bundles = fbm(along * 9, across * 55, 4, 351);
    double cleft = ramp(0.60, 0.72, fbm(along * 6 + 3, across * 26, 3, 356));
    struct dye c = {0.05 + 0.06 * bundles, 0.30 + 0.75 * bundles * bundles};

    c = over(c, (struct dye){0.02, 0.03}, 0.85 * cleft);
    c = scattered_nuclei(c, x, y, 0.036, 0.42, 0.019, 0.0052, 361);
    return scattered_nuclei(c, x, y, 0.040, 0.30 * ramp(0.40, 0.62, fbm(x * 4, y * 4, 2, 368)) + 0.02, 0.0098, 0.0098, 371);
}

static struct dye blood_cells(struct dye c, double x, double y)
{
    double vessel = norm((x - 0.30) * 0.8, y - 0.775) - 0.052 + 0.02 * (noise(x * 14, y * 14, 381) - 0.5);
    int column = (int)floor(x / 0.021), row = (int)floor(y / 0.021);

    c = over(c, (struct dye){0.12, 0.85}, bump(vessel - 0.006, 0.006));
    c = over(c, (struct dye){0.0, 0.02}, ramp(0.003, -0.003, vessel));
    for (int j = row - 1; j <= row + 1; j++) {
        for (int i = column - 1; i <= column + 1; i++) {
            double d = norm(x - (i + hash(i, j, 382)) * 0.021, y - (j + hash(i, j, 383)) * 0.021);

            c = over(c, (struct dye){0.02, 0.85 + 0.3 * ramp(0.002, 0.009, d)},
                     ramp(0.0108, 0.0092, d) * ramp(-0.004, -0.010, vessel));
        }
    }
    return c;
}

/* Positive inside the piece of tissue, which leaves the upper right of the slide empty. */
static double inside(double x, double y)
{
    double edge = 0.34 * (fbm(x * 3.2, y * 3.2, 5, 391) - 0.5);

    return 0.74 - 0.86 * x + 0.66 * (y - 0.10) + edge;
}

struct vec shade_tissue(double x, double y)
{
    double margin = inside(x, y);
    struct crypt k = nearest_crypt(x, y);
    double wall = 0.066;
    struct dye c = {0, 0.012};

    if (margin > -0.02) {
        struct dye tissue = stroma(x, y);
        if (k.distance < wall + 0.02) {
            struct dye wall_dye = epithelium((struct dye){0.02, 0.035}, k, wall);
            tissue = over(tissue, (struct dye){0.10, 0.75}, bump(k.distance - wall - 0.003, 0.006));
            tissue = over(tissue, wall_dye, ramp(wall + 0.001, wall - 0.003, k.distance));
        }
        tissue = blood_cells(tissue, x, y);
        double thick = 0.92 + 0.24 * fbm(x * 2, y * 2, 2, 395);
        tissue.haematoxylin *= thick;
        tissue.eosin *= thick * (1 + 0.5 * bump(margin - 0.008, 0.012));
        c = over(c, tissue, ramp(-0.004, 0.006, margin));
    }

    struct vec density =
        add(scale(vec(1.45, 1.62, 0.62), 1.45 * c.haematoxylin), scale(vec(0.12, 1.30, 0.42), 1.25 * c.eosin));
    return mul(vec(0.93, 0.925, 0.94), vec(exp(-density.x), exp(-density.y), exp(-density.z)));
}
