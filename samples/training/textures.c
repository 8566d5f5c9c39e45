#include "textures.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

static uint64_t next(struct generator *generator)
{
    uint64_t z = generator->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double uniform(struct generator *generator, double low, double high)
{
    return low + (high - low) * ((double)(next(generator) >> 11) * 0x1p-53);
}

/* By G. E. P. Box and M. E. Muller, doi:10.1214/aoms/1177706645; one of the two numbers. */
double normal(struct generator *generator)
{
    double radius = sqrt(-2 * log(1 - uniform(generator, 0, 1)));
    return radius * cos(2 * pi * uniform(generator, 0, 1));
}

/* ---- textures, about -1 to 1 --------------------------------------------------------------------------------------- */

/* How a texture lies: pixels are turned, scaled and moved. */
struct pose {
    double cosine, sine, frequency, u, v;
};

static struct pose random_pose(struct generator *generator)
{
    struct pose pose;
    double angle = uniform(generator, 0, 2 * pi);
    pose.cosine = cos(angle);
    pose.sine = sin(angle);
    pose.frequency = uniform(generator, 0.5, 1.2);
    pose.u = uniform(generator, 0, 2 * pi);
    pose.v = uniform(generator, 0, 2 * pi);
    return pose;
}

enum { KNOTS = 6 };

/* Noise between knots that are four pixels apart. */
static double smooth(double knot[KNOTS][KNOTS], double x, double y)
{
    size_t i = (size_t)(x / 4), j = (size_t)(y / 4);
    double a = x / 4 - (double)i, b = y / 4 - (double)j;
    return (1 - b) * ((1 - a) * knot[j][i] + a * knot[j][i + 1]) + b * ((1 - a) * knot[j + 1][i] + a * knot[j + 1][i + 1]);
}

static double texture_at(int class, const struct pose *pose, double knot[KNOTS][KNOTS], int x, int y,
                         struct generator *generator)
{
    double dx = x - SIDE / 2.0, dy = y - SIDE / 2.0;
    double u = pose->frequency * (pose->cosine * dx - pose->sine * dy) + pose->u;
    double v = pose->frequency * (pose->sine * dx + pose->cosine * dy) + pose->v;
    switch (class) {
    case 0: /* stripes */
        return sin(u);
    case 1: /* checks */
        return 2 * sin(u) * sin(v);
    case 2: /* rings */
        return sin(hypot(u, v));
    case 3: /* an edge */
        return pose->cosine * dx - pose->sine * dy > pose->u - pi ? 0.9 : -0.9;
    case 4: /* clouds */
        return smooth(knot, x, y);
    default: /* grain */
        return 0.8 * normal(generator);
    }
}

static void draw(float *x, int class, enum light light, struct generator *generator)
{
    struct pose pose = random_pose(generator);
    double knot[KNOTS][KNOTS];
    for (int i = 0; i < KNOTS * KNOTS; i++)
        knot[i / KNOTS][i % KNOTS] = 1.2 * normal(generator);
    double own_gain = exp2(uniform(generator, -3, 1));
    double own_bias = uniform(generator, -2, 2);
    double gain = light == EVEN ? 0.5 : own_gain, bias = light == EVEN ? 0 : own_bias;
    for (int i = 0; i < SIDE * SIDE; i++) {
        double noise = 0.2 * normal(generator);
        double value = texture_at(class, &pose, knot, i % SIDE, i / SIDE, generator);
        x[i] = (float)(gain * (value + noise) + bias);
    }
}

void textures_draw(float *x, unsigned char *label, size_t n, enum light light, struct generator *generator)
{
    for (size_t i = 0; i < n; i++) {
        label[i] = (unsigned char)uniform(generator, 0, CLASSES);
        draw(x + i * SIDE * SIDE, label[i], light, generator);
    }
}
