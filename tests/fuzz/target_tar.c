/*
 * Archives, through the door of the tool. Whatever the bytes are: an archive is refused with a reason, or its members have
 * names; reading it again gives the same, kept or not; and a copy of it, in which some members have other content, is read
 * as it was written.
 */
#include "memory.h"
#include "reader.h"

#include "cli/files/tar.h"

#include <stdlib.h>
#include <string.h>

/* libarchive 3.6 keeps a block of 10 KiB of a writer that has failed. What readers and writers hold themselves is seen. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libarchive.so";
}

enum { MEMBERS_MAX = 64, CONTENT_MAX = 1 << 20, OTHER_MAX = 4096 };

/* What is known of a member: its name, its content, whether it has one, and whether that is not the one it had. */
struct known {
    char *name;
    unsigned char *content;
    size_t size;
    bool is_file, is_other;
};

struct contents {
    struct known member[MEMBERS_MAX];
    size_t n;
    bool whole; /* its end was reached: nothing failed, and nothing was too large */
};

/* ---- bytes as a file ----------------------------------------------------------------------------------------------- */

struct memory_stream {
    struct byte_stream base;
    const unsigned char *bytes;
    size_t size, at, step;
};

static ssize_t read_next(struct byte_stream *stream, void *to, size_t n, struct why *why)
{
    struct memory_stream *m = (struct memory_stream *)stream;
    size_t left = m->size - m->at;
    (void)why;
    n = n < left ? n : left;
    n = n < m->step ? n : m->step;
    if (n > 0)
        memcpy(to, m->bytes + m->at, n);
    m->at += n;
    return (ssize_t)n;
}

static struct memory_stream memory_stream(const unsigned char *bytes, size_t size, size_t step)
{
    return (struct memory_stream){{read_next}, bytes, size, 0, step};
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* False: it is too large to be kept, not as long as it says, or broken, and then `why` says so. */
static bool read_content(struct tar_member *member, struct known *known, struct why *why)
{
    ssize_t got = 0;
    if (member->size > CONTENT_MAX)
        return false;
    known->content = malloc((size_t)member->size + 1);
    must(known->content != NULL, "there is memory");
    while (known->size <= member->size && (got = member->content.read(&member->content, known->content + known->size,
                                                                      member->size + 1 - known->size, why)) > 0)
        known->size += (size_t)got;
    if (got < 0)
        must_say(why);
    return got == 0 && known->size == member->size; /* it is not if a map of holes is wrong: a copy would be refused */
}

static struct contents read_all(const unsigned char *bytes, size_t size, size_t step, bool once)
{
    static const struct why no_spool = {"no spool"};
    struct contents all = {0};
    struct why why = {0};
    struct notes notes = {0};
    struct memory_stream stream = memory_stream(bytes, size, step);
    struct file_source file;
    struct tar_member *member;
    enum selected selected = SELECT_ERROR;
    file_stream(&file, &stream.base, size, size + 1, -1, &no_spool);
    struct tar_reader *reader = tar_open(&file, once, &why);
    if (!reader)
        must_say(&why);
    bool more = reader != NULL;
    while (more && all.n < MEMBERS_MAX && (selected = tar_next(reader, &member, &notes, &why)) == SELECT_OK) {
        struct known *known = &all.member[all.n++];
        must(member->name != NULL, "a member has a name");
        known->name = strdup(member->name);
        must(known->name != NULL, "there is memory");
        size_t length = strlen(known->name);
        bool has_slash = length > 0 && known->name[length - 1] == '/';
        if (has_slash && !member->is_file) /* a folder gets one if it has none */
            known->name[length - 1] = '\0';
        known->is_file = member->is_file;
        /* what has one and is no folder is one to some readers: its copy is not looked at */
        more = !member->is_file || (read_content(member, known, &why) && !has_slash);
    }
    if (reader && more && selected == SELECT_ERROR)
        must_say(&why);
    all.whole = more && selected == SELECT_END;
    tar_close(reader);
    notes_free(&notes);
    file_close(&file);
    return all;
}

static void contents_free(struct contents *all)
{
    for (size_t i = 0; i < all->n; i++) {
        free(all->member[i].name);
        free(all->member[i].content);
    }
}

static void check_same(const struct contents *one, const struct contents *other, const char *text)
{
    must(one->n == other->n && one->whole == other->whole, text);
    for (size_t i = 0; i < one->n; i++) {
        const struct known *a = &one->member[i], *b = &other->member[i];
        must(strcmp(a->name, b->name) == 0 && a->size == b->size, text);
        must(a->is_file == b->is_file || a->size == 0, text); /* a link to nothing is an empty file */
        must(a->size == 0 || memcmp(a->content, b->content, a->size) == 0, text);
    }
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

/*
 * Whether members may have holes. A map of holes may be at odds with the content: then a copy, which has the map, is not
 * what was read.
 */
static bool may_have_holes(const uint8_t *bytes, size_t size)
{
    enum { BLOCK = 512, TYPE = 156, GNU_MAP = 386, GNU_END = 495 };
    static const char *const key[] = {"GNU.sparse.", "SCHILY.realsize", "SUN.holesdata"};
    bool found = false;
    for (size_t i = 0; i < sizeof key / sizeof *key; i++)
        found = found || memmem(bytes, size, key[i], strlen(key[i]));
    for (size_t at = 0; at + BLOCK <= size; at += BLOCK) {
        found = found || bytes[at + TYPE] == 'S';
        for (size_t i = GNU_MAP; i < GNU_END && memcmp(bytes + at + 257, "ustar  ", 7) == 0; i++)
            found = found || bytes[at + i] != 0;
    }
    return found;
}

/* Every third file gets other content, or each: of its own length, as pictures without compression do, or of another. */
static void replace(struct contents *all, bool each)
{
    for (size_t i = 0; i < all->n; i++) {
        struct known *known = &all->member[i];
        if (!known->is_file || (i % 3 != 1 && !each))
            continue;
        size_t size = i % 2 ? known->size : OTHER_MAX - i;
        known->content = realloc(known->content, size + 1);
        must(known->content != NULL, "there is memory");
        memset(known->content, 'A' + (int)(i % 26), size);
        known->size = size;
        known->is_other = true;
    }
}

/* *to <- the archive, with these contents. False if it cannot be written, with a reason. */
static bool write_all(const unsigned char *bytes, size_t size, const struct contents *all, struct memory_sink *to)
{
    static const struct why no_spool = {"no spool"};
    struct why why = {0};
    struct notes notes = {0};
    struct memory_stream stream = memory_stream(bytes, size, size);
    struct file_source file;
    struct tar_member *member;
    bool ok = true;
    file_stream(&file, &stream.base, size, size + 1, -1, &no_spool);
    struct tar_reader *reader = tar_open(&file, true, &why);
    struct tar_writer *writer = tar_create(&to->base, &why);
    must(reader && writer, "an archive is opened again");
    for (size_t i = 0; ok && i < all->n; i++) {
        const struct known *known = &all->member[i];
        must(tar_next(reader, &member, &notes, &why) == SELECT_OK, "a member is found again");
        ok =
            (known->is_other ? tar_begin_other(writer, reader, known->size, &why) : tar_begin_copy(writer, reader, &why)) &&
            (!known->is_file || tar_write(writer, known->content, known->size, &why));
    }
    if (ok)
        ok = tar_finish(writer, &why);
    else
        tar_abandon(writer);
    if (!ok)
        must_say(&why);
    tar_close(reader);
    notes_free(&notes);
    file_close(&file);
    return ok;
}

static void check_copy(const uint8_t *bytes, size_t size, struct contents *all)
{
    struct memory_sink plain = memory_sink(false), copy = memory_sink(false);
    write_all(bytes, size, all, &plain);
    free(plain.bytes);
    replace(all, may_have_holes(bytes, size));
    if (write_all(bytes, size, all, &copy)) {
        struct contents again = read_all(copy.bytes, copy.size, copy.size, true);
        must(tar_sniff(copy.bytes, copy.size) || all->n == 0 || copy.bytes[0] == '\0', "a copy is an archive");
        check_same(all, &again, "a copy is read as it was written");
        contents_free(&again);
    }
    free(copy.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    tar_prepare();
    struct contents once = read_all(bytes, size, size, true), again = read_all(bytes, size, 700, false);
    check_same(&once, &again, "an archive that is read again is the same");
    if (once.whole)
        check_copy(bytes, size, &once);
    contents_free(&once);
    contents_free(&again);
    return 0;
}
