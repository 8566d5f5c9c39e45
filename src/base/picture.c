#include "base/picture.h"

double picture_most(const struct picture_info *info)
{
    return info->unit > 1 ? info->unit : sample_unit(info->sample);
}

unsigned picture_colours(const struct picture_info *info)
{
    return info->channels - (info->alpha != ALPHA_NONE);
}
