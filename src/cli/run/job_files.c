#include "cli/run/job_files.h"

#include "cli/files/tar.h"
#include "cli/report/stats_file.h"
#include "cli/run/inputs.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- opening -------------------------------------------------------------------------------------------------------- */

/* By its first bytes: what the input is. A pipe is read no further than it takes, because it may be long in coming. */
static void look(struct job_files *files, const char *input)
{
    unsigned char head[TAR_HEAD];
    struct opened *in = opened_find(&files->inputs, input);
    if (!in->open)
        return;
    size_t n = file_head(&in->file, head, STATS_FILE_HEAD);
    files->codec = codec_sniff(head, n);
    files->is_statistics = in->file.regular && !path_is_standard(input) && stats_file_begins((const char *)head, n);
    if (files->codec && !isprint(head[0])) /* an archive begins with a name, which may be "BM.jpg" */
        return;
    n = file_head(&in->file, head, sizeof head);
    files->is_archive = tar_sniff(head, n) || (tar_names(input) && tar_sniff_empty(head, n));
    if (!files->is_archive)
        return;
    files->codec = NULL;
    files->is_statistics = false; /* its name may be "{9F2C}.png", too */
}

/* Whether there is a reason already why the job will fail. */
static bool are_in_vain(const struct job_files *files)
{
    for (size_t i = 0; i < files->inputs.n; i++)
        if (!files->inputs.item[i].open)
            return true;
    return !files->codec && !files->is_archive;
}

/* What goes wrong is told when a member needs it. */
static void make_spools(struct job_files *files)
{
    for (int i = 0; i < SPOOLS; i++)
        files->spool[i].fd = file_spool(&files->spool[i].why);
}

static void close_spools(struct job_files *files)
{
    for (int i = 0; files->is_archive && i < SPOOLS; i++)
        if (files->spool[i].fd >= 0)
            close(files->spool[i].fd);
}

static void make_output(struct job_files *files, const struct job *job, const struct job_opening *how)
{
    const struct opened *in = opened_find(&files->inputs, job->input);
    const struct codec *codec = job->writer ? job->writer : files->codec;
    if (are_in_vain(files) || (job->to_archive && !files->is_archive))
        return;
    files->made =
        output_create(&files->output, job->output, codec, &in->file.stat, how->writing, how->temporaries, &files->why);
    notes_move(&files->notes, &how->temporaries->notes);
}

bool job_files_open_inputs(struct job_files *files, enum inputs_use use, const struct input_name *name,
                           const struct request *request, const struct reading *reading, bool never_waits)
{
    *files = (struct job_files){.inputs = {.spool_max = input_spool_max(reading), .never_waits = never_waits},
                                .spool = {[SPOOL_INPUT] = {.fd = -1}, [SPOOL_OUTPUT] = {.fd = -1}},
                                .output = {.fd = -1, .target = -1}};
    if (!inputs_find(&files->inputs, use, name, request))
        return false;
    if (!files->inputs.would_wait)
        look(files, name->path);
    if (files->is_archive && !job_files_need_process(files))
        make_spools(files);
    return true;
}

bool job_files_open(struct job_files *files, const struct job *job, const struct job_opening *how)
{
    const struct input_name name = {job->input, job->below};
    *files = (struct job_files){.output = {.fd = -1, .target = -1}};
    if (job->unreadable)
        return true;
    if (!job_files_open_inputs(files, job->output ? INPUTS_MAP : INPUTS_MEASURE, &name, how->request, how->reading,
                               how->never_waits))
        return false;
    bool makes = how->makes_output && job->output;
    files->inputs.would_wait |= makes && how->never_waits && file_may_wait(job->output);
    if (makes && !job_files_need_process(files))
        make_output(files, job, how);
    return true;
}

bool job_files_need_process(const struct job_files *files)
{
    const struct opened_files *inputs = &files->inputs;
    return inputs->would_wait || (inputs->never_waits && files->is_archive && !tar_is_prepared());
}

void job_files_prepare(struct job_files *files)
{
    if (files->is_archive)
        tar_prepare();
    for (size_t i = 0; i < files->inputs.n; i++)
        if (files->inputs.item[i].open)
            file_make_spool(&files->inputs.item[i].file);
}

/* Adds the descriptor, if there is one, to n of them; `most` + 1 are too many. Returns how many there are. */
static size_t add_descriptor(int *fd, size_t n, size_t most, int descriptor)
{
    if (descriptor < 0 || n > most)
        return n;
    if (n < most)
        fd[n] = descriptor;
    return n + 1;
}

size_t job_files_descriptors(const struct job_files *files, int *fd, size_t most)
{
    size_t n = 0;
    for (int i = 0; files->is_archive && i < SPOOLS; i++)
        n = add_descriptor(fd, n, most, files->spool[i].fd);
    for (size_t i = 0; i < files->inputs.n; i++) {
        const struct opened *o = &files->inputs.item[i];
        n = add_descriptor(fd, n, most, o->open ? o->file.fd : -1);
        n = add_descriptor(fd, n, most, o->open ? o->file.spool_fd : -1);
    }
    n = add_descriptor(fd, n, most, files->made ? files->output.fd : -1);
    return add_descriptor(fd, n, most, files->made ? files->output.target : -1);
}

size_t job_files_most_descriptors(const struct job_files *files)
{
    return SPOOLS + 2 * (files->inputs.n + 1);
}

const struct codec *job_files_codec(const struct job_files *files)
{
    return files->inputs.n == 1 ? files->codec : NULL;
}

void job_files_free(struct job_files *files)
{
    close_spools(files);
    opened_free(&files->inputs);
    if (files->made)
        file_discard(&files->output);
    notes_free(&files->notes);
    *files = (struct job_files){.made = false};
}

/* ---- on their way --------------------------------------------------------------------------------------------------- */

/* Both ends are the same program on the same machine, and the sender is the one that opens files: structures go as they
 * are. */
struct packed_head {
    uint64_t job, inputs, notes;
    bool is_statistics, is_archive, made;
    bool has_spool[SPOOLS];
    struct why no_spool[SPOOLS];
    double views_from;
    struct why why;
};

struct packed_input {
    size_t name, path; /* bytes of the texts that follow, each with its zero; 0: there is none */
    bool open;
    struct stat stat;
    struct why why;
};

struct packed_note {
    enum note_level level;
    size_t name, text;
};

struct packer {
    unsigned char *data;
    size_t n, room;
    bool failed;
};

static void put(struct packer *p, const void *data, size_t n)
{
    if (p->n + n > p->room) {
        size_t room = 2 * (p->n + n);
        unsigned char *more = realloc(p->data, room);
        p->failed |= !more;
        if (!more)
            return;
        p->data = more;
        p->room = room;
    }
    if (n > 0)
        memcpy(p->data + p->n, data, n);
    p->n += n;
}

static size_t bytes_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static void put_input(struct packer *p, const struct opened *o)
{
    struct packed_input head;
    memset(&head, 0, sizeof head);
    head.name = bytes_of(o->name);
    head.path = bytes_of(o->path);
    head.open = o->open;
    if (o->open)
        head.stat = o->file.stat;
    head.why = o->why;
    put(p, &head, sizeof head);
    put(p, o->name, head.name);
    put(p, o->path, head.path);
}

static void put_note(struct packer *p, const struct note *note)
{
    struct packed_note head;
    memset(&head, 0, sizeof head);
    head.level = note->level;
    head.name = bytes_of(note->name);
    head.text = bytes_of(note->text);
    put(p, &head, sizeof head);
    put(p, note->name, head.name);
    put(p, note->text, head.text);
}

bool job_files_fit(const struct job_files *files)
{
    int fd[FRAME_FDS_MAX];
    return job_files_descriptors(files, fd, FRAME_FDS_MAX) <= FRAME_FDS_MAX;
}

unsigned char *job_files_pack(const struct job_files *files, size_t job, size_t *n, int fd[FRAME_FDS_MAX], unsigned *fds)
{
    struct packer p = {0};
    struct packed_head head;
    memset(&head, 0, sizeof head);
    head.job = job;
    head.inputs = files->inputs.n;
    head.notes = files->notes.n;
    head.is_statistics = files->is_statistics;
    head.is_archive = files->is_archive;
    for (int i = 0; files->is_archive && i < SPOOLS; i++) {
        head.has_spool[i] = files->spool[i].fd >= 0;
        head.no_spool[i] = files->spool[i].why;
    }
    head.made = files->made;
    head.views_from = files->views_from;
    head.why = files->why;
    put(&p, &head, sizeof head);
    for (size_t i = 0; i < files->inputs.n; i++)
        put_input(&p, &files->inputs.item[i]);
    for (size_t i = 0; i < files->notes.n; i++)
        put_note(&p, &files->notes.item[i]);
    *n = p.n;
    *fds = (unsigned)job_files_descriptors(files, fd, FRAME_FDS_MAX);
    if (!p.failed)
        return p.data;
    free(p.data);
    return NULL;
}

struct unpacker {
    const unsigned char *at;
    size_t left;
    const int *fd;
    unsigned fds;
};

/* *to <- the next n bytes; zeros if they are not there. */
static void get(struct unpacker *u, void *to, size_t n)
{
    bool there = n <= u->left;
    memset(to, 0, n);
    if (!there)
        return;
    memcpy(to, u->at, n);
    u->at += n;
    u->left -= n;
}

/* The next text of n bytes; NULL if it has none, or is not there. */
static const char *get_text(struct unpacker *u, size_t n)
{
    const char *text = (const char *)u->at;
    if (n == 0 || n > u->left || text[n - 1] != '\0')
        return NULL;
    u->at += n;
    u->left -= n;
    return text;
}

static int get_descriptor(struct unpacker *u)
{
    if (u->fds == 0)
        return -1;
    u->fds--;
    return *u->fd++;
}

static bool get_input(struct unpacker *u, struct opened_files *inputs)
{
    struct packed_input head;
    struct file_source file;
    get(u, &head, sizeof head);
    const char *name = get_text(u, head.name), *path = get_text(u, head.path);
    int fd = head.open ? get_descriptor(u) : -1;
    if (head.open)
        file_adopt(&file, fd, &head.stat);
    if (name && (fd >= 0 || !head.open))
        return opened_adopt(inputs, name, path, head.open ? &file : NULL, &head.why);
    if (head.open)
        file_close(&file);
    return false;
}

static void get_note(struct unpacker *u, struct notes *notes)
{
    struct packed_note head;
    get(u, &head, sizeof head);
    const char *name = get_text(u, head.name), *text = get_text(u, head.text);
    if (text)
        notes_add(notes, head.level, name, "%s", text);
}

bool job_files_unpack(struct job_files *files, const struct frame *frame)
{
    struct unpacker u = {frame->body, frame->n, frame->fd, frame->fds};
    struct packed_head head;
    bool ok = true;
    *files = (struct job_files){.output = {.fd = -1, .target = -1}};
    get(&u, &head, sizeof head);
    files->is_statistics = head.is_statistics;
    files->views_from = head.views_from;
    files->why = head.why;
    files->is_archive = head.is_archive;
    for (int i = 0; i < SPOOLS; i++)
        files->spool[i] = (struct job_spool){head.has_spool[i] ? get_descriptor(&u) : -1, head.no_spool[i]};
    for (uint64_t i = 0; ok && i < head.inputs; i++)
        ok = get_input(&u, &files->inputs);
    for (uint64_t i = 0; ok && i < head.notes; i++)
        get_note(&u, &files->notes);
    int fd = ok && head.made ? get_descriptor(&u) : -1;
    files->made = fd >= 0;
    if (files->made)
        file_sink_adopt(&files->output, fd, NULL);
    ok = ok && (files->made || !head.made);
    while (u.fds > 0)
        close(get_descriptor(&u));
    if (!ok)
        job_files_free(files);
    return ok;
}

size_t job_files_number(const struct frame *frame)
{
    struct unpacker u = {.at = frame->body, .left = frame->n};
    struct packed_head head;
    get(&u, &head, sizeof head);
    return (size_t)head.job;
}
