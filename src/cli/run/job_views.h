/* Previews of a picture, as people are to see them: upright, and of the output as a viewer decodes it. */
#ifndef CLI_RUN_JOB_VIEWS_H
#define CLI_RUN_JOB_VIEWS_H

#include "cli/files/output.h"
#include "codec/pictures.h"
#include "engine/result.h"

/* Turns the previews of the result, whose picture lies as EXIF numbers it: 1 to 8, 0 is unknown. False: out of memory. */
bool views_turn(struct result *result, unsigned orientation, struct why *why);

/*
 * After the file of an output of one picture was completed: makes the large preview of the output anew, of the picture that
 * the file has, and turns it upright. False, with `why`: the
 * file cannot be read, or memory is short.
 */
bool views_decode(struct result *result, struct file_sink *output, const struct codec *codec, unsigned orientation,
                  const struct reading *how, struct why *why);

#endif
