/*
 * Whether what a worker process says can be. A decoder in there may have been taken over, and then says anything: what is
 * not sound is never used. Sound does not mean true.
 */
#ifndef CLI_RUN_SOUND_H
#define CLI_RUN_SOUND_H

#include "base/picture.h"
#include "codec/metadata.h"
#include "engine/result.h"

/*
 * The description of a picture, as bytes that came from elsewhere: every member is in its range, and those that belong
 * together agree. The pointer to metadata is not looked at.
 */
bool picture_is_sound(const struct picture_info *info);

/*
 * A result that was unpacked: its format is one, its notes are not a flood, it is of something that was begun, a
 * failure has a reason, and what is seen of a picture can be drawn. What it adds to a pool are sums of no more samples than
 * the picture has, and those of its moments. Messages make any text printable.
 */
bool result_is_sound(const struct result *result);

#endif
