#include "engine/nodata.h"

#include <math.h>

bool nodata_is_held(const struct layout *layout)
{
    double v = layout->in.nodata;
    enum sample sample = layout->out.sample;
    if (sample_is_float(sample))
        return isnan(v) || sample_nearest(v, sample) == v;
    return v == rint(v) && v >= sample_least(sample) && v <= sample_unit(sample);
}

/* A sample of the input that is not changed has the same bits in an output of the same type. */
static bool is_copied(const struct layout *layout)
{
    return layout->in.sample == layout->out.sample && layout->in.unit == layout->out.unit;
}

void nodata_keep(const struct layout *layout, const float *data, const double *amount, size_t n, void *stored)
{
    enum sample sample = layout->out.sample;
    size_t size = sample_size(sample);
    double nodata = layout->in.nodata, beside = sample_beside(nodata, sample);
    if (!nodata_is_held(layout))
        return;
    for (size_t i = 0; i < n; i++) {
        unsigned char *at = (unsigned char *)stored + i * size;
        bool changed = !amount || amount[i] > 0;
        if (data[i] == 0 && !is_copied(layout))
            samples_put(&nodata, 1, sample, at);
        else if (data[i] > 0 && changed && sample_value(at, sample) == nodata)
            samples_put(&beside, 1, sample, at);
    }
}
