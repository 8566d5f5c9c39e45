#include "cli/files/places.h"

#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64 };

/* A folder that is there, or would be made. */
struct known_folder {
    const char *path; /* absolute and without links; as far as it is there, and its names from there on */
    bool is_there;
    uint32_t above; /* the number of the folder that it is in, if it is not there */
};

struct spelling {
    const char *text; /* without slashes at the end; NULL: a free place of the table */
    size_t bytes, hash;
    uint32_t number; /* of the folder */
};

/* ---- spellings ------------------------------------------------------------------------------------------------------- */

static size_t hash_of(const char *text, size_t n)
{
    uint64_t hash = text_hash(text, n);
    return (size_t)(hash ^ hash >> 32);
}

/* The spelling, or the free place of the table where it would be. */
static struct spelling *find_spelling(const struct places *p, const char *text, size_t n, size_t hash)
{
    for (size_t i = hash;; i++) {
        struct spelling *s = &p->spelling[i & (p->size - 1)];
        if (!s->text || (s->hash == hash && s->bytes == n && memcmp(s->text, text, n) == 0))
            return s;
    }
}

/* Keeps the table at most half full. */
static bool reserve_spelling(struct places *p)
{
    const struct places old = *p;
    if (2 * p->n_spellings < p->size)
        return true;
    p->size = p->size ? 2 * p->size : FIRST_ROOM;
    p->spelling = calloc(p->size, sizeof *p->spelling);
    if (!p->spelling) {
        *p = old;
        return false;
    }
    p->last = NULL;
    for (size_t i = 0; i < old.size; i++)
        if (old.spelling[i].text)
            *find_spelling(p, old.spelling[i].text, old.spelling[i].bytes, old.spelling[i].hash) = old.spelling[i];
    free(old.spelling);
    return true;
}

static bool add_spelling(struct places *p, const char *text, size_t n, uint32_t number)
{
    const char *copy = reserve_spelling(p) ? arena_copy(&p->texts, text, n) : NULL;
    if (!copy)
        return false;
    size_t hash = hash_of(copy, n);
    *find_spelling(p, copy, n, hash) = (struct spelling){copy, n, hash, number};
    p->n_spellings++;
    return true;
}

/* ---- folders --------------------------------------------------------------------------------------------------------- */

/* *number <- that of the folder with this real path. False: out of memory. */
static bool number_real(struct places *p, const char *real, bool is_there, uint32_t above, uint32_t *number)
{
    size_t n = strlen(real);
    const struct spelling *known = p->size ? find_spelling(p, real, n, hash_of(real, n)) : NULL;
    if (known && known->text) {
        *number = known->number;
        return true;
    }
    if (p->n_folders == p->room) {
        size_t room = p->room ? 2 * p->room : FIRST_ROOM;
        struct known_folder *folder = realloc(p->folder, room * sizeof *folder);
        if (!folder)
            return false;
        p->folder = folder;
        p->room = room;
    }
    *number = (uint32_t)p->n_folders;
    const char *path = arena_copy(&p->texts, real, n);
    if (!path || !add_spelling(p, real, n, *number))
        return false;
    p->folder[p->n_folders++] = (struct known_folder){path, is_there, above};
    return true;
}

static bool number_folder(struct places *p, const char *text, size_t n, uint32_t *number);

/* What a name leads to from a folder of this path that is not there, or has nothing of the name. NULL: out of memory. */
static char *real_below(struct arena *texts, const char *above, const char *name, size_t n)
{
    size_t bytes = strlen(above) - (above[1] == '\0'); /* that of the root is its slash */
    bool same = n == 0 || (n == 1 && name[0] == '.'), up = n == 2 && name[0] == '.' && name[1] == '.';
    if (same)
        return arena_string(texts, above);
    if (up)
        return arena_copy(texts, above, (size_t)(path_base(above) - above) - (path_base(above) > above + 1));
    char *path = arena_take(texts, bytes + 1 + n + 1);
    if (!path)
        return NULL;
    memcpy(path, above, bytes);
    path[bytes] = '/';
    memcpy(path + bytes + 1, name, n);
    path[bytes + 1 + n] = '\0';
    return path;
}

/* Numbers a folder that is not there, by the one above it. */
static bool number_missing(struct places *p, const char *text, size_t n, uint32_t *number)
{
    size_t above = n;
    uint32_t parent;
    while (above > 0 && text[above - 1] != '/')
        above--;
    if (n == 0 || above == n) /* the folder where the process is, or the root: it went away */
        return number_real(p, n == 0 ? "." : "/", false, 0, number);
    if (!number_folder(p, text, above, &parent))
        return false;
    const char *real = real_below(&p->texts, p->folder[parent].path, text + above, n - above);
    return real && number_real(p, real, false, parent, number);
}

/* *number <- that of a folder that was not spelled so before. */
static bool number_new(struct places *p, const char *text, size_t n, uint32_t *number)
{
    char *path = n > 0 ? strndup(text, n) : strdup(".");
    if (!path)
        return false;
    char *real = realpath(path, NULL);
    bool ok = real || errno != ENOMEM;
    free(path);
    if (real)
        ok = number_real(p, real, true, 0, number);
    else if (ok)
        ok = number_missing(p, text, n, number);
    free(real);
    return ok;
}

/* *number <- that of the folder spelled by n bytes. False: out of memory. */
static bool number_folder(struct places *p, const char *text, size_t n, uint32_t *number)
{
    while (n > 1 && text[n - 1] == '/')
        n--;
    if (p->last && p->last->bytes == n && memcmp(p->last->text, text, n) == 0) {
        *number = p->last->number;
        return true;
    }
    size_t hash = hash_of(text, n);
    const struct spelling *known = p->size ? find_spelling(p, text, n, hash) : NULL;
    if (known && known->text) {
        p->last = known;
        *number = known->number;
        return true;
    }
    if (!number_new(p, text, n, number))
        return false;
    known = find_spelling(p, text, n, hash); /* a path that is real is there by now */
    return known->text || add_spelling(p, text, n, *number);
}

/* ---- places ---------------------------------------------------------------------------------------------------------- */

static enum place_kind kind_of(const struct stat *st)
{
    if (S_ISREG(st->st_mode))
        return PLACE_FILE;
    return S_ISDIR(st->st_mode) ? PLACE_FOLDER : PLACE_SPECIAL;
}

static bool find_folder(struct places *p, const char *path, struct place *place)
{
    place->name = path_base(path);
    return number_folder(p, path, (size_t)(place->name - path), &place->folder);
}

/* A link is the place that it leads to, if anything is there. */
static bool follow(struct places *p, const char *path, struct place *place)
{
    char *real = realpath(path, NULL);
    if (!real)
        return errno != ENOMEM;
    const char *copy = arena_string(&p->texts, real);
    free(real);
    return copy && find_folder(p, copy, place);
}

bool place_find(struct places *p, const char *path, struct place *place)
{
    struct stat st;
    *place = (struct place){.kind = PLACE_FREE};
    if (!find_folder(p, path, place))
        return false;
    if (!p->folder[place->folder].is_there || lstat(path, &st) != 0)
        return true;
    if (S_ISLNK(st.st_mode)) {
        if (!follow(p, path, place))
            return false;
        if (stat(path, &st) != 0)
            return true;
    }
    place->kind = kind_of(&st);
    place->id = file_id_of(&st);
    return true;
}

bool places_missing(const struct places *p, size_t i, struct place *place)
{
    const struct known_folder *folder = &p->folder[i];
    *place = (struct place){.folder = folder->above, .name = path_base(folder->path)};
    return !folder->is_there;
}

bool place_same(const struct place *a, const struct place *b)
{
    return a->folder == b->folder && strcmp(a->name, b->name) == 0;
}

size_t place_hash(const struct place *place)
{
    return hash_of(place->name, strlen(place->name)) + place->folder * (size_t)0x9e3779b97f4a7c15u;
}

void places_free(struct places *p)
{
    arena_free(&p->texts);
    free(p->spelling);
    free(p->folder);
    *p = (struct places){0};
}
