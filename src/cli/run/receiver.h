/* Where a worker hands over what it has done: to the batch, or into a socket that leads there. */
#ifndef CLI_RUN_RECEIVER_H
#define CLI_RUN_RECEIVER_H

#include "cli/files/sink.h"
#include "engine/result.h"

struct receiver {
    /* Takes the next result over. Those of a job come in order, and the last one is how it ended. */
    void (*take_result)(struct receiver *to, struct result *result);
    /* Keeps what a process has made for a job of its own: its output, if it made one, and the codec of its input, if known.
     */
    void (*keep_output)(struct receiver *to, struct file_sink *made, const struct codec *codec, size_t job);
    /*
     * Takes the output of a job over, before the job ends: its content is complete, and it gets its name. In the process
     * that made it the sink comes back; else it is in the process of the batch already, and the sink has no path.
     */
    void (*take_output)(struct receiver *to, struct file_sink *complete, size_t job);
    /* The next picture of a stack, and its rows. What the writer has to say is added to the notes. */
    bool (*begin_picture)(struct receiver *to, const struct picture_info *info, struct notes *notes, struct why *why);
    bool (*write_rows)(struct receiver *to, const struct rows *rows, struct why *why);
};

#endif
