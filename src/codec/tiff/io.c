/* Handles of libtiff over sources and sinks, with handlers of their own for its errors and warnings. */
#include "base/bytes.h"
#include "codec/tiff/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What libtiff's tables may take. Whatever else libtiff allocates at once is at most the size of the file. */
enum { ALLOC_BYTES = 64 << 20 };

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

uint64_t tiff_source_size(struct source *source)
{
    unsigned char byte;
    uint64_t least = 0, more = 1 << 16; /* least <= size < more, once the first loop has ended */
    while (more < (uint64_t)1 << 62 && source->read_at(source, &byte, 1, more - 1) == 1) {
        least = more;
        more *= 2;
    }
    while (more - least > 1) {
        uint64_t middle = least + (more - least) / 2;
        if (source->read_at(source, &byte, 1, middle - 1) == 1)
            least = middle;
        else
            more = middle;
    }
    return least;
}

/* Tags that the samples depend on, or the page's role among the others. */
static bool is_for_libtiff(uint32_t tag)
{
    static const uint16_t tags[] = {254, 255, 256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284,
                                    292, 293, 317, 320, 322, 323, 324, 325, 332, 338, 339, 347, 512,
                                    513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (tag == tags[i])
            return true;
    return false;
}

void tiff_io_show(struct tiff_io *io, uint64_t at)
{
    tiff_ifd_show(&io->file, at, is_for_libtiff, &io->shown);
}

/* The bytes that were read at io->at <- what libtiff is shown of them. */
static void cover(const struct tiff_io *io, unsigned char *bytes, size_t n)
{
    const struct tiff_shown *s = &io->shown;
    uint64_t from = s->at > io->at ? s->at : io->at, end = s->at + s->size < io->at + n ? s->at + s->size : io->at + n;
    if (from < end)
        memcpy(bytes + (from - io->at), s->bytes + (from - s->at), (size_t)(end - from));
}

/* Whatever cannot be read is an error. libtiff itself would take some of it for missing. */
static tmsize_t on_read(thandle_t client, void *to, tmsize_t n)
{
    struct tiff_io *io = client;
    if (!io->source || !source_get(io->source, to, (size_t)n, io->at, &io->why))
        return 0;
    cover(io, to, (size_t)n);
    io->at += (uint64_t)n;
    return n;
}

bool tiff_io_put(struct tiff_io *io, const void *from, size_t n, uint64_t offset)
{
    static const unsigned char zeros[256];
    while (io->size < offset) {
        size_t gap = offset - io->size < sizeof zeros ? (size_t)(offset - io->size) : sizeof zeros;
        if (!tiff_io_put(io, zeros, gap, io->size))
            return false;
    }
    if (!io->sink->write_at(io->sink, from, n, offset))
        return why_set(&io->why, "%s", io->sink->why.text);
    if (offset + n > io->size)
        io->size = offset + n;
    return true;
}

/* Where the header says that the directory is. */
static uint64_t directory_at(const struct tiff_io *io)
{
    bool little = machine_is_little();
    return io->big ? get_bytes(io->header + 8, 8, little) : get_bytes(io->header + 4, 4, little);
}

static bool keep_directory(struct tiff_io *io, const void *from, size_t n)
{
    free(io->directory);
    io->directory = malloc(n ? n : 1);
    if (!io->directory)
        return why_memory(&io->why);
    memcpy(io->directory, from, n);
    io->directory_size = n;
    return true;
}

/* libtiff links the directory first, then writes what belongs to it, then the directory itself in one piece. */
static tmsize_t on_write(thandle_t client, void *from, tmsize_t n)
{
    struct tiff_io *io = client;
    size_t header = io->big ? 16 : 8, bytes = (size_t)n;
    bool ok = true;
    if (!io->sink)
        return 0;
    if (io->at + bytes <= header)
        memcpy(io->header + io->at, from, bytes);
    else if (io->at == directory_at(io))
        ok = keep_directory(io, from, bytes);
    else
        ok = tiff_io_put(io, from, bytes, io->at);
    io->at += bytes;
    return ok ? n : 0;
}

static toff_t on_seek(thandle_t client, toff_t offset, int whence)
{
    struct tiff_io *io = client;
    io->at = offset + (whence == SEEK_CUR ? io->at : whence == SEEK_END ? io->size : 0);
    return io->at;
}

static int on_close(thandle_t client)
{
    (void)client;
    return 0;
}

static toff_t on_size(thandle_t client)
{
    const struct tiff_io *io = client;
    return io->size;
}

/* ---- memory ------------------------------------------------------------------------------------------------------- */

/* The handle cannot be closed any more: libtiff 4.5 looks for its fields there, and finds none. */
static bool lose_handle(struct tiff_io *io)
{
    io->guarded = false;
    io->tif = NULL;
    return why_memory(&io->why);
}

/* libtiff says nothing of some allocations that fail: errno does. */
bool tiff_guard(struct tiff_io *io, bool (*step)(void *), void *on)
{
    if (setjmp(io->jump))
        return lose_handle(io);
    io->guarded = true;
    errno = 0;
    bool ok = step(on);
    io->guarded = false;
    return errno == ENOMEM ? lose_handle(io) : ok;
}

static void leave_if(struct tiff_io *io, bool memory_is_short)
{
    if (memory_is_short && io->guarded)
        longjmp(io->jump, 1);
}

/* ---- errors and warnings ------------------------------------------------------------------------------------------ */

static void say(struct tiff_io *io, const char *format, va_list args)
{
    char text[sizeof io->why.text];
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = '\0';
    why_set(&io->why, "%s", text);
}

static int on_error(TIFF *tif, void *client, const char *module, const char *format, va_list args)
{
    (void)tif;
    (void)module;
    leave_if(client, errno == ENOMEM);
    say(client, format, args);
    return 1;
}

static bool has_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strstr(text, *words))
            return true;
    return false;
}

/*
 * What is wrong with samples is an error, and so is a tag that cannot be read if the samples depend on it. Nothing else
 * that is warned of, such as tags unknown to libtiff, changes the picture.
 */
static bool is_harmless(const struct tiff_io *io, const char *text)
{
    static const char *const odd[] = {"Old-style LZW",
                                      "EOI code",
                                      "extraneous bytes",
                                      "exceeds expected dimensions",
                                      "progressive",
                                      "subsampling",
                                      "Unknown Adobe",
                                      "Unknown field",
                                      NULL};
    static const char *const lost[] = {"tag ignored", "tag trimmed", NULL};
    static const char *const needed[] = {"\"ExtraSamples\"", "\"ColorMap\"",    "\"Predictor\"",      "\"SampleFormat\"",
                                         "\"FillOrder\"",    "\"PlanarConfig",  "\"Photometric",      "\"JPEGTables\"",
                                         "\"Compression",    "\"SubfileType\"", "\"NewSubfileType\"", NULL};
    if (io->decoding)
        return has_one_of(text, odd);
    return !has_one_of(text, lost) || !has_one_of(text, needed);
}

static int on_warning(TIFF *tif, void *client, const char *module, const char *format, va_list args)
{
    struct tiff_io *io = client;
    bool short_memory = errno == ENOMEM;
    char text[sizeof io->why.text];
    va_list again;
    va_copy(again, args);
    vsnprintf(text, sizeof text, format, again);
    va_end(again);
    (void)tif;
    (void)module;
    leave_if(io, short_memory && strstr(text, "memory"));
    if (!is_harmless(io, text))
        say(io, format, args);
    return 1;
}

/* ---- handles ----------------------------------------------------------------------------------------------------- */

struct opening {
    struct tiff_io *io;
    const char *mode;
    TIFFOpenOptions *options;
};

static bool open_step(void *on)
{
    const struct opening *o = on;
    o->io->tif =
        TIFFClientOpenExt("TIFF", o->mode, o->io, on_read, on_write, on_seek, on_close, on_size, NULL, NULL, o->options);
    return o->io->tif != NULL;
}

static bool open_handle(struct tiff_io *io, const char *mode)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options)
        return why_memory(&io->why);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, io);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, io);
    if (io->source && io->size < INT64_MAX - ALLOC_BYTES)
        TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)io->size + ALLOC_BYTES);
    bool opened = tiff_guard(io, open_step, &(struct opening){io, mode, options});
    TIFFOpenOptionsFree(options);
    if (opened && io->why.text[0] == '\0')
        return true;
    tiff_io_close(io);
    return why_set(&io->why, "not a TIFF file");
}

/* m: no memory mapping. c: a strip stays one. */
bool tiff_io_read(struct tiff_io *io, struct source *source, uint64_t size)
{
    *io = (struct tiff_io){.source = source, .size = size};
    if (!tiff_ifds_open(&io->file, source, &io->why))
        return false;
    tiff_io_show(io, io->file.first);
    return open_handle(io, "rmc");
}

bool tiff_io_write(struct tiff_io *io, struct sink *sink, uint64_t size, bool big)
{
    *io = (struct tiff_io){.sink = sink, .size = size, .big = big};
    return open_handle(io, big ? "w8" : "w4");
}

static bool close_step(void *on)
{
    const struct tiff_io *io = on;
    TIFFCleanup(io->tif);
    return true;
}

void tiff_io_close(struct tiff_io *io)
{
    if (io->tif)
        tiff_guard(io, close_step, io);
    io->tif = NULL;
    free(io->directory);
    io->directory = NULL;
}
