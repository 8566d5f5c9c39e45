/* What the engine is to make of an image, by definition. Nothing is shared with it but the spaces of the library. */
#include "in_memory.h"

#include <stdlib.h>
#include <string.h>

static size_t pixels_of(const struct image *image)
{
    return image->info.width * image->info.height;
}

static unsigned colours_of(const struct image *image)
{
    return image->info.channels - (image->info.alpha != ALPHA_NONE);
}

/* The colour channels of the output. */
static unsigned out_colours(const struct asked *asked)
{
    return asked->request.rgb ? 3 : colours_of(asked->in);
}

static bool is_converted(const struct asked *asked)
{
    return strcmp(asked->request.space->name, "rgb") != 0;
}

/* The sample that is 1.0: integers of tensors count as they are, but in a space their largest value is white. */
static double unit_of(const struct asked *asked, const struct image *image)
{
    return is_converted(asked) && image->info.unit == 1 ? sample_unit(image->info.sample) : image->info.unit;
}

static double alpha_at(const struct image *image, size_t i)
{
    return image->info.alpha == ALPHA_NONE ? 1 : image_sample(image, i, image->info.channels - 1) / image->info.unit;
}

/* Colour c of pixel i, straight, in units; of a grey image that is grey whatever c. */
static double straight_at(const struct asked *asked, const struct image *image, size_t i, unsigned c)
{
    double alpha = alpha_at(image, i), x = image_sample(image, i, colours_of(image) == 1 ? 0 : c) / unit_of(asked, image);
    return image->info.alpha != ALPHA_PREMULTIPLIED ? x : alpha > 0 ? x / alpha : 0;
}

/* v[0..planes) <- a pixel's straight colours, in the space, in place; and back. */
static void to_space(const struct instnorm_space *space, double v[3])
{
    const double *const hub[] = {v, v + 1, v + 2};
    double out[3], *const plane[] = {out, out + 1, out + 2};
    for (unsigned k = 0; k < space->planes && space->linear; k++)
        v[k] = srgb_decoded(v[k]);
    if (space->to_double && space->planes == 3) {
        space->to_double(hub, 1, 1, plane);
        memcpy(v, out, sizeof out);
    }
}

static void from_space(const struct instnorm_space *space, double v[3])
{
    const double *const plane[] = {v, v + 1, v + 2};
    double out[3], *const hub[] = {out, out + 1, out + 2};
    if (space->from_double && space->planes == 3) {
        space->from_double(plane, 1, 1, hub);
        memcpy(v, out, sizeof out);
    }
    for (unsigned k = 0; k < space->planes && space->linear; k++)
        v[k] = srgb_encoded(v[k]);
}

/* The values of pixel i that go together with channel c: three planes, or that channel alone. */
static void values_at(const struct asked *asked, const struct image *image, size_t i, unsigned c, double v[3])
{
    for (unsigned k = 0; k < asked->request.space->planes; k++)
        v[k] = straight_at(asked, image, i, c + k);
    to_space(asked->request.space, v);
}

/* ---- where ---------------------------------------------------------------------------------------------------------- */

/* CIE 1976 lightness over 100, of D65 white (Y of ITU-R BT.709). */
static double lightness_at(const struct asked *asked, size_t i)
{
    const double y = 0.212671 * srgb_decoded(straight_at(asked, asked->in, i, 0)) +
                     0.715160 * srgb_decoded(straight_at(asked, asked->in, i, 1)) +
                     0.072169 * srgb_decoded(straight_at(asked, asked->in, i, 2));
    return (y > 216.0 / 24389 ? 116 * cbrt(y) - 16 : y * 24389 / 27) / 100;
}

/* Whether every colour of the pixel is this value, in the units that its samples have. */
static bool is_value(const struct image *image, size_t i, double value)
{
    bool is = true;
    for (unsigned c = 0; c < colours_of(image); c++) {
        double x = image_sample(image, i, c), wanted = value * image->info.unit;
        is &= isnan(value) ? isnan(x) : x == sample_nearest(wanted, image->info.sample);
    }
    return is;
}

static double amount_at(const struct asked *asked, const struct selectors *selectors, const struct image *const mask[],
                        size_t i)
{
    double amount = 1;
    size_t pictures = 0;
    for (size_t k = 0; k < selectors->n; k++) {
        const struct selector *by = &selectors->item[k];
        if (by->kind == SELECTOR_PICTURE) {
            const struct image *m = mask[pictures++];
            double v = image_sample(m, i, 0) / m->info.unit;
            v = v > 0 && isfinite(v) ? fmin(v, 1) : 0;
            amount *= v * (m->info.alpha == ALPHA_STRAIGHT ? alpha_at(m, i) : 1);
        } else if (by->kind == SELECTOR_BELOW) {
            amount *= lightness_at(asked, i) < by->value;
        } else if (by->kind == SELECTOR_ABOVE) {
            amount *= lightness_at(asked, i) > by->value;
        } else if (by->kind == SELECTOR_NOT) {
            amount *= !is_value(asked->in, i, by->value);
        }
    }
    return amount;
}

static double weight_at(const struct asked *asked, size_t i)
{
    double alpha = selectors_find(&asked->request.mask, SELECTOR_ALL) ? 1 : alpha_at(asked->in, i);
    return (isfinite(alpha) ? alpha : 0) * amount_at(asked, &asked->request.mask, asked->mask, i);
}

/* ---- measure and pool ---------------------------------------------------------------------------------------------- */

/* Of the values x of channels [first, last); each time two passes. */
static struct spread spread_of(const struct values *v, unsigned first, unsigned last)
{
    struct spread s = {0};
    for (int pass = 0; pass < 2; pass++)
        for (unsigned c = first; c < last; c++)
            for (size_t i = 0; i < v->n; i++) {
                double x = v->x[c][i], w = isfinite(x) ? v->weight[i] : 0;
                if (!(w > 0))
                    continue;
                if (pass == 0) {
                    s.weight += w;
                    s.mean += w * x;
                } else {
                    s.variance += w * (x - s.mean / s.weight) * (x - s.mean / s.weight);
                }
            }
    s.mean /= s.weight;
    s.variance /= s.weight;
    return s;
}

static struct values values_of(const struct asked *asked)
{
    struct values v = {pixels_of(asked->in), out_colours(asked), {NULL}, NULL};
    v.weight = must_alloc(v.n * sizeof *v.weight);
    for (size_t i = 0; i < v.n; i++)
        v.weight[i] = weight_at(asked, i);
    for (unsigned c = 0; c < v.colours; c += asked->request.space->planes) {
        unsigned planes = asked->request.space->planes;
        for (unsigned k = 0; k < planes; k++)
            v.x[c + k] = must_alloc(v.n * sizeof *v.x[c]);
        for (size_t i = 0; i < v.n; i++) {
            double value[3];
            values_at(asked, asked->in, i, c, value);
            for (unsigned k = 0; k < planes; k++)
                v.x[c + k][i] = value[k];
        }
    }
    return v;
}

void plain_measure(const struct asked *asked, struct spread measured[], struct spread pooled[])
{
    struct values v = values_of(asked);
    const struct request *r = &asked->request;
    unsigned width = r->norm == INSTNORM_LAYER ? v.colours : r->norm == INSTNORM_GROUP ? v.colours / r->groups : 1;
    for (unsigned c = 0; c < v.colours; c++) {
        measured[c] = spread_of(&v, c, c + 1);
        pooled[c] = spread_of(&v, c - c % width, c - c % width + width);
    }
    for (unsigned c = 0; c < v.colours; c++)
        free(v.x[c]);
    free(v.weight);
}

/* ---- map ----------------------------------------------------------------------------------------------------------- */

/* A premultiplied integer is cut off at its alpha before a pixel that is changed in part is mixed. */
static bool cuts_premultiplied(const struct asked *asked)
{
    bool integer = !sample_is_float(asked->request.depth ? asked->request.depth : asked->in->info.sample);
    return asked->in->info.alpha == ALPHA_PREMULTIPLIED && asked->format.premultiplied && integer;
}

void plain_map(const struct asked *asked, const double gamma[], const double beta[], double eps, double *want[])
{
    const struct request *r = &asked->request;
    unsigned colours = out_colours(asked), planes = r->space->planes;
    size_t n = pixels_of(asked->in);
    bool cuts = cuts_premultiplied(asked);
    struct spread measured[MOST_CHANNELS], pooled[MOST_CHANNELS];
    plain_measure(asked, measured, pooled);
    for (unsigned c = 0; c < colours; c++)
        want[c] = must_alloc(n * sizeof *want[c]);
    for (size_t i = 0; i < n; i++) {
        double amount = amount_at(asked, &r->apply_mask, asked->apply_mask, i);
        for (unsigned c = 0; c < colours; c += planes) {
            double v[3];
            values_at(asked, asked->in, i, c, v);
            for (unsigned k = 0; k < planes; k++) {
                const struct spread *s = &pooled[c + k];
                if (isnan(gamma[c + k]))
                    continue;
                double y = (v[k] - s->mean) * gamma[c + k] / sqrt(s->variance + eps) + beta[c + k];
                v[k] = r->strength * y + (1 - r->strength) * v[k];
            }
            from_space(r->space, v);
            for (unsigned k = 0; k < planes; k++) {
                double x = straight_at(asked, asked->in, i, c + k), y = cuts ? fmin(v[k], 1) : v[k];
                want[c + k][i] = x + amount * (y - x);
            }
        }
    }
}

/* ---- compare ------------------------------------------------------------------------------------------------------- */

/* Half a step of a float near 1. */
static double float_slack(enum sample sample)
{
    return sample == SAMPLE_F16 ? 0x1p-11 : sample == SAMPLE_F32 ? 0x1p-24 : 0x1p-53;
}

static void require_alpha(const struct made *made, const struct asked *asked, size_t i, double slack)
{
    unsigned last = made->out.info.channels - 1;
    double want = alpha_at(asked->in, i) * made->out.info.unit;
    REQUIRE_CLOSE(image_sample(&made->out, i, last), want,
                  sample_is_float(made->out.info.sample) ? float_slack(made->out.info.sample) : 0.5 + slack);
}

void require_made(const struct made *made, const struct asked *asked, double *const want[], double slack)
{
    const struct picture_info *out = &made->out.info;
    unsigned colours = picture_colours(out);
    REQUIRE(made->ok, "%s", made->why.text);
    REQUIRE(colours == out_colours(asked) && made->began == 1, "%u colours", colours);
    for (size_t i = 0; i < pixels_of(asked->in); i++) {
        double alpha = out->alpha == ALPHA_PREMULTIPLIED ? alpha_at(asked->in, i) : 1;
        for (unsigned c = 0; c < colours; c++) {
            double y = want[c][i] * alpha, got = image_sample(&made->out, i, c);
            if (sample_is_float(out->sample)) {
                REQUIRE_CLOSE(got, y * out->unit, (slack + float_slack(out->sample)) * out->unit * (1 + fabs(y)));
                continue;
            }
            double most = alpha * sample_unit(out->sample);
            REQUIRE_CLOSE(got, fmin(fmax(y * out->unit, sample_least(out->sample)), most), 0.5 + slack);
        }
        if (out->alpha != ALPHA_NONE)
            require_alpha(made, asked, i, slack);
    }
}
