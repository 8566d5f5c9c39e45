/*
 * Colour spaces: one table. The hub is linear RGB, and RGB as it is stored for the spaces that are defined so.
 *
 * The rows of a matrix that takes white to white add up to 1, and are used as g + m0 (r - g) + m2 (b - g): grey is then
 * exactly neutral, not up to rounding, and a colour axis without colour is exactly constant.
 */
#include "exact.h"

#include "curve.h"
#include "instnorm.h"

#include <math.h>

/* ---- the transfer function of sRGB: IEC 61966-2-1, odd about 0 ----------------------------------------------------- */

static inline double decode(double x)
{
    double a = fabs(x), curve = curve_power24((a + 0.055) * (1 / 1.055));
    double y = a <= 0.04045 ? a * (1 / 12.92) : fabs(curve); /* the root of infinity is negative */
    return x < 0 ? -y : y;
}

/* root: |x|^(1/2.4) */
static inline double encode(double x, double root)
{
    double a = fabs(x), curve = 1.055 * root - 0.055;
    double y = a <= 0.0031308 ? a * 12.92 : fabs(curve);
    return x < 0 ? -y : y;
}

/* y <- CODE, of the values X of x, in float and (NAME_double) in double. */
#define RUN_OF(NAME, REAL, CODE)                                                                                           \
    KERNEL void NAME(const REAL *restrict x, size_t n, double unit, REAL *restrict y)                                      \
    {                                                                                                                      \
        for (size_t i = 0; i < n; i++) {                                                                                   \
            double X = (double)x[i];                                                                                       \
            y[i] = (REAL)(CODE);                                                                                           \
        }                                                                                                                  \
    }

#define RUN(NAME, CODE)                                                                                                    \
    RUN_OF(NAME, float, CODE)                                                                                              \
    RUN_OF(NAME##_double, double, CODE)

RUN(decode_run, decode(X *unit))
RUN(scale_run, X *unit)
/* The roots are those of floats: what is beyond, and finite, has that of the largest. */
static inline double within_float(double a)
{
    return a > (double)FLT_MAX && a <= DBL_MAX ? (double)FLT_MAX : a;
}

/* The fine root is of no use to a float. */
RUN_OF(encode_run, float, encode(X, curve_root24(fabs(X))) * unit)
RUN_OF(encode_run_double, double, encode(X, curve_root24_fine(within_float(fabs(X)))) * unit)

void instnorm_decode(const float *x, size_t n, double unit, float *y)
{
    decode_run(x, n, 1 / unit, y);
}

void instnorm_decode_double(const double *x, size_t n, double unit, double *y)
{
    decode_run_double(x, n, 1 / unit, y);
}

void instnorm_encode(const float *x, size_t n, double unit, float *y)
{
    encode_run(x, n, unit, y);
}

/* ---- three planes at once ------------------------------------------------------------------------------------------ */

/*
 * Kernels of three planes in and out, of float and (NAME3_double) of double. U, V and W are the values of the planes at i;
 * the code sets X, Y and Z. in_unit and out_unit are what the values are multiplied by on their way in and out.
 */
#define KERNEL3_OF(NAME, REAL, ...)                                                                                        \
    KERNEL void NAME(const REAL *restrict u, const REAL *restrict v, const REAL *restrict w, size_t n, double in_unit,     \
                     double out_unit, REAL *restrict x, REAL *restrict y, REAL *restrict z)                                \
    {                                                                                                                      \
        for (size_t i = 0; i < n; i++) {                                                                                   \
            double U = (double)u[i] * in_unit, V = (double)v[i] * in_unit, W = (double)w[i] * in_unit, X, Y, Z;            \
            __VA_ARGS__;                                                                                                   \
            x[i] = (REAL)(X * out_unit);                                                                                   \
            y[i] = (REAL)(Y * out_unit);                                                                                   \
            z[i] = (REAL)(Z * out_unit);                                                                                   \
        }                                                                                                                  \
    }

#define KERNEL3(NAME, ...)                                                                                                 \
    KERNEL3_OF(NAME##3, float, __VA_ARGS__)                                                                                \
    KERNEL3_OF(NAME##3_double, double, __VA_ARGS__)

/* ---- CIELAB -------------------------------------------------------------------------------------------------------- */

/*
 * CIE 15:2004 with white D65. To XYZ by the primaries of ITU-R BT.709, 0.412453 0.357580 0.180423 | 0.212671 0.715160
 * 0.072169 | 0.019334 0.119193 0.950227, each row divided by its sum, which is the white (0.950456, 1, 1.088754); and back
 * by the inverse of that.
 */
static inline double lab_curve(double t)
{
    double root = curve_cbrt(t), line = t * (841.0 / 108) + 4.0 / 29;
    return t > 216.0 / 24389 ? root : line;
}

static inline double lab_uncurve(double t)
{
    return t > 6.0 / 29 ? t * t * t : (t - 4.0 / 29) * (108.0 / 841);
}

#define LUMINANCE(r, g, b) ((g) + 0.212671 * ((r) - (g)) + 0.072169 * ((b) - (g)))

#define LAB_TO                                                                                                             \
    double r = U, g = V, b = W;                                                                                            \
    double fx = lab_curve(g + 0.43395275530903066 * (r - g) + 0.18982783001001624 * (b - g));                              \
    double fy = lab_curve(LUMINANCE(r, g, b));                                                                             \
    double fz = lab_curve(g + 0.017757914092623311 * (r - g) + 0.87276556504040403 * (b - g));                             \
    X = 116 * fy - 16, Y = 500 * (fx - fy), Z = 200 * (fy - fz)

#define LAB_FROM                                                                                                           \
    double fy = (U + 16) * (1.0 / 116);                                                                                    \
    double a = lab_uncurve(fy + V * (1.0 / 500)), b = lab_uncurve(fy), c = lab_uncurve(fy - W * (1.0 / 200));              \
    X = b + 3.0799349355329992 * (a - b) - 0.54278341926168128 * (c - b);                                                  \
    Y = b - 0.9212341827539382 * (a - b) + 0.045244181264047507 * (c - b);                                                 \
    Z = b + 0.052889682045863903 * (a - b) + 1.1511516563206472 * (c - b)

KERNEL3(lab_to, LAB_TO)
KERNEL3(lab_from, LAB_FROM)

KERNEL void lightness(const float *restrict r, const float *restrict g, const float *restrict b, size_t n, double unit,
                      float *restrict y)
{
    for (size_t i = 0; i < n; i++) {
        double u = decode((double)r[i] * unit), v = decode((double)g[i] * unit), w = decode((double)b[i] * unit);
        double t = LUMINANCE(u, v, w), line = t * (243.89 / 27), curve = 1.16 * lab_curve(t) - 0.16;
        y[i] = (float)(t > 216.0 / 24389 ? curve : line); /* black is 0, and not about 0 */
    }
}

void instnorm_lightness(const float *const rgb[], size_t n, double unit, float *y)
{
    lightness(rgb[0], rgb[1], rgb[2], n, 1 / unit, y);
}

/* ---- Oklab --------------------------------------------------------------------------------------------------------- */

/*
 * B. Ottosson: A perceptual color space for image processing, 2020, with the middle column of each matrix set so that
 * rows of LMS and lightness add up to 1 and those of a and b to 0: the last printed digit, 4e-8 for b. Back by the inverse.
 */
static inline double odd_cbrt(double x)
{
    double y = curve_cbrt(fabs(x));
    return x < 0 ? -y : y;
}

#define OKLAB_TO                                                                                                           \
    double r = U, g = V, b = W;                                                                                            \
    double l = odd_cbrt(g + 0.4122214708 * (r - g) + 0.0514459929 * (b - g));                                              \
    double m = odd_cbrt(g + 0.2119034982 * (r - g) + 0.1073969566 * (b - g));                                              \
    double s = odd_cbrt(g + 0.0883024619 * (r - g) + 0.6299787005 * (b - g));                                              \
    X = m + 0.2104542553 * (l - m) - 0.0040720468 * (s - m);                                                               \
    Y = 1.9779984951 * (l - m) + 0.4505937099 * (s - m);                                                                   \
    Z = 0.0259040371 * (l - m) - 0.8086757660 * (s - m)

#define OKLAB_FROM                                                                                                         \
    double l = U + 0.39633779201020264 * V + 0.215803757961818 * W;                                                        \
    double m = U - 0.10556134138608576 * V - 0.063854174204568404 * W;                                                     \
    double s = U - 0.089484176323672726 * V - 1.29148553437303 * W;                                                        \
    l = l * l * l, m = m * m * m, s = s * s * s;                                                                           \
    X = m + 4.0767416609284322 * (l - m) + 0.23096992861652921 * (s - m);                                                  \
    Y = m - 1.2684380037611447 * (l - m) - 0.34131939622114349 * (s - m);                                                  \
    Z = m - 0.0041960866310615345 * (l - m) + 1.7076147009069358 * (s - m)

KERNEL3(oklab_to, OKLAB_TO)
KERNEL3(oklab_from, OKLAB_FROM)

/* ---- Ruderman's l alpha beta --------------------------------------------------------------------------------------- */

/*
 * E. Reinhard, M. Ashikhmin, B. Gooch, P. Shirley: Color Transfer between Images, 2001, in the form of HistomicsTK: the
 * natural logarithm of LMS of RGB 0..255. The paper's matrix back is rounded; this is the inverse.
 *
 * The logarithm of black would be the statistics of the picture. Below a sixteenth of an 8-bit step it goes on as its
 * tangent: black is ln(1/16) - 1, the map can still be undone, and negative values of float pictures have one too. Of
 * 8-bit colours only black, (1, 0, 0) and (2, 0, 0) come so low.
 */
#define TOE    0.0625
#define LN_TOE (-0x1.62e42fefa39efp+1)

static inline double toe_log(double x)
{
    double curve = curve_log(x), line = LN_TOE + (x - TOE) * (1 / TOE);
    return x < TOE ? line : curve;
}

static inline double toe_exp(double y)
{
    double curve = curve_exp(y), line = TOE + (y - LN_TOE) * TOE;
    return y < LN_TOE ? line : curve;
}

#define RUDERMAN_TO                                                                                                        \
    double l = toe_log(0.3811 * U + 0.5783 * V + 0.0402 * W);                                                              \
    double m = toe_log(0.1967 * U + 0.7244 * V + 0.0782 * W);                                                              \
    double s = toe_log(0.0241 * U + 0.1288 * V + 0.8444 * W);                                                              \
    X = (l + m + s) * 0x1.279a74590331dp-1;     /* 1 / sqrt(3) */                                                          \
    Y = (l + m - 2 * s) * 0x1.a20bd700c2c3fp-2; /* 1 / sqrt(6) */                                                          \
    Z = (l - m) * 0x1.6a09e667f3bccp-1          /* 1 / sqrt(2) */

#define RUDERMAN_FROM                                                                                                      \
    double p = U * 0x1.279a74590331dp-1, q = V * 0x1.a20bd700c2c3fp-2, t = W * 0x1.6a09e667f3bccp-1;                       \
    double l = toe_exp(p + q + t), m = toe_exp(p + q - t), s = toe_exp(p - 2 * q);                                         \
    X = 4.4686698634962552 * l - 3.5886759034721258 * m + 0.11960436657860114 * s;                                         \
    Y = -1.2197166276177631 * l + 2.3830879129554563 * m - 0.16263011175140055 * s;                                        \
    Z = 0.058508476938545856 * l - 0.26107843902769368 * m + 1.2056659085256229 * s

KERNEL3(ruderman_to, RUDERMAN_TO)
KERNEL3(ruderman_from, RUDERMAN_FROM)

/* ---- the table ----------------------------------------------------------------------------------------------------- */

#define WAYS_OF(NAME, TYPE, REAL, in, out)                                                                                 \
    static void NAME##_to##TYPE(const REAL *const rgb[], size_t n, double unit, REAL *const plane[])                       \
    {                                                                                                                      \
        NAME##_to3##TYPE(rgb[0], rgb[1], rgb[2], n, (in) / unit, out, plane[0], plane[1], plane[2]);                       \
    }                                                                                                                      \
    static void NAME##_from##TYPE(const REAL *const plane[], size_t n, double unit, REAL *const rgb[])                     \
    {                                                                                                                      \
        NAME##_from3##TYPE(plane[0], plane[1], plane[2], n, out, unit / (in), rgb[0], rgb[1], rgb[2]);                     \
    }

#define WAYS(NAME, in, out)                                                                                                \
    WAYS_OF(NAME, , float, in, out)                                                                                        \
    WAYS_OF(NAME, _double, double, in, out)

WAYS(lab, 1, 1)
WAYS(oklab, 1, 1)
WAYS(ruderman, 255, 1)

#define NO_WAYS    NULL, NULL, NULL, NULL
#define BOTH(NAME) NAME##_to, NAME##_from, NAME##_to_double, NAME##_from_double

static const struct instnorm_space spaces[] = {
    {"rgb", "as stored, 1.0 = white", 1, 0, {0}, {0.25, 0.25, 0.25}, {0.5, 0.5, 0.5}, 0, NO_WAYS},
    {"linear", "sRGB transfer removed, 1.0 = white", 1, 1, {0}, {0.2, 0.2, 0.2}, {0.214, 0.214, 0.214}, 0, NO_WAYS},
    {"lab", "CIELAB of sRGB, D65, L 0..100", 3, 1, {"L", "a", "b"}, {25, NAN, NAN}, {50, NAN, NAN}, 1e-4, BOTH(lab)},
    {"oklab", "Oklab of sRGB, L 0..1", 3, 1, {"L", "a", "b"}, {0.2, NAN, NAN}, {0.6, NAN, NAN}, 1e-6, BOTH(oklab)},
    {"ruderman",
     "natural logarithm of LMS of RGB 0..255",
     3,
     0,
     {"l", "alpha", "beta"},
     {NAN, NAN, NAN},
     {NAN, NAN, NAN},
     1e-5,
     BOTH(ruderman)},
};

static int same_text(const char *a, const char *b)
{
    while (*a == *b && *a != '\0') {
        a++;
        b++;
    }
    return *a == *b;
}

const struct instnorm_space *instnorm_space_find(const char *name)
{
    const struct instnorm_space *s;
    size_t i = 0;
    while ((s = instnorm_space_at(i)) && !same_text(s->name, name))
        i++;
    return s;
}

const struct instnorm_space *instnorm_space_at(size_t i)
{
    return i < sizeof spaces / sizeof *spaces ? &spaces[i] : NULL;
}

/* ---- both steps, a strip at a time --------------------------------------------------------------------------------- */

enum { STRIP = 256 };

static void strip_to(const struct instnorm_space *s, const float *const rgb[], size_t at, size_t n, double unit,
                     float *const plane[])
{
    float hub[3][STRIP];
    const float *from[3];
    float *to[3];
    for (unsigned c = 0; c < s->planes; c++) {
        from[c] = hub[c];
        to[c] = plane[c] + at;
        (s->linear ? decode_run : scale_run)(rgb[c] + at, n, 1 / unit, s->to ? hub[c] : to[c]);
    }
    if (s->to)
        s->to(from, n, 1, to);
}

static void strip_from(const struct instnorm_space *s, const float *const plane[], size_t at, size_t n, double unit,
                       float *const rgb[])
{
    float hub[3][STRIP];
    const float *from[3];
    float *to[3];
    for (unsigned c = 0; c < s->planes; c++) {
        from[c] = plane[c] + at;
        to[c] = hub[c];
    }
    if (s->from)
        s->from(from, n, 1, to);
    for (unsigned c = 0; c < s->planes; c++)
        (s->linear ? encode_run : scale_run)(s->from ? hub[c] : from[c], n, unit, rgb[c] + at);
}

void instnorm_to_space(const struct instnorm_space *s, const float *const rgb[], size_t n, double unit,
                       float *const plane[])
{
    for (size_t i = 0; i < n; i += STRIP)
        strip_to(s, rgb, i, n - i < STRIP ? n - i : STRIP, unit, plane);
}

void instnorm_from_space(const struct instnorm_space *s, const float *const plane[], size_t n, double unit,
                         float *const rgb[])
{
    for (size_t i = 0; i < n; i += STRIP)
        strip_from(s, plane, i, n - i < STRIP ? n - i : STRIP, unit, rgb);
}

/* ---- all steps, in double ------------------------------------------------------------------------------------------ */

KERNEL void map_run(double *x, size_t n, double scale, double shift)
{
    for (size_t i = 0; i < n; i++)
        x[i] = x[i] * scale + shift;
}

static void strip_apply(const struct instnorm_space *s, const struct instnorm_affine map[], const double *const hub[],
                        size_t at, size_t n, double unit_in, double unit_out, double *const out[])
{
    double run[2][3][STRIP];
    const double *from[3];
    double *value[3], *back[3];
    for (unsigned k = 0; k < s->planes; k++) {
        from[k] = hub[k] + at;
        value[k] = run[0][k];
        back[k] = s->from ? run[1][k] : value[k];
        if (!s->to)
            scale_run_double(from[k], n, 1 / unit_in, value[k]);
    }
    if (s->to)
        s->to_double(from, n, unit_in, value);
    for (unsigned k = 0; k < s->planes; k++)
        map_run(value[k], n, map[k].scale, map[k].shift);
    if (s->from)
        s->from_double((const double *const[]){value[0], value[1], value[2]}, n, 1, back);
    for (unsigned k = 0; k < s->planes; k++)
        (s->linear ? encode_run_double : scale_run_double)(back[k], n, unit_out, out[k] + at);
}

void instnorm_apply_in_space(const struct instnorm_space *s, const double *const hub[], size_t n,
                             const struct instnorm_affine map[], double unit_in, double unit_out, double *const out[])
{
    for (size_t i = 0; i < n; i += STRIP)
        strip_apply(s, map, hub, i, n - i < STRIP ? n - i : STRIP, unit_in, unit_out, out);
}
