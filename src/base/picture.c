#include "base/picture.h"

double picture_most(const struct picture_info *info)
{
    return info->unit > 1 ? info->unit : sample_unit(info->sample);
}

bool picture_is_open(const struct picture_info *info)
{
    return sample_is_float(info->sample) || sample_is_wide(info->sample);
}

unsigned picture_colours(const struct picture_info *info)
{
    return info->channels - (info->alpha != ALPHA_NONE);
}
