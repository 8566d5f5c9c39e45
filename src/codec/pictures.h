/*
 * The pictures of a source: its format is detected, each picture is selected in turn, and its rows are read once or, within
 * a budget of memory, twice. With auto_orient they come upright: nothing outside of here sees the rows as they are stored.
 *
 * Whoever reads bytes - files, a page, a fuzzer - gets the rows of their pictures here and nowhere else.
 */
#ifndef CODEC_PICTURES_H
#define CODEC_PICTURES_H

#include "base/buffer.h"
#include "base/picture_rows.h"
#include "codec/codec.h"

/* The rest of a budget of which only a share is at hand. */
struct budget_rest {
    uint64_t bytes; /* beyond the share: what others have of it now */
    /* Waits until `n` more bytes are free, n <= bytes, and takes them. False: they will never be. */
    bool (*take)(struct budget_rest *rest, uint64_t n);
};

/* How pictures are read. */
struct reading {
    uint64_t memory;          /* the budget: what the source and the codec hold, kept rows, the surplus of very long rows */
    struct budget_rest *rest; /* `memory` is a share: the others; NULL: it is all there is */
    uint64_t max_pixels;      /* of a picture */
    bool auto_orient;         /* pictures are turned upright */
    bool alpha_as_data;       /* alpha is a channel like the others */
    enum channel_order channel_order; /* of tensors */
    bool reported;                    /* a report keeps what was measured of each channel until the end of the picture */
};

/* Memory that is kept from source to source. All 0 is empty; picture_buffers_free frees it. */
struct picture_buffers {
    struct buffer kept, band; /* native rows: of a picture that fits the budget, and of a band */
};

/* The members behind `budget` are of pictures.c alone. Not to be copied while it is open: the reader keeps its address. */
struct pictures {
    struct picture_rows rows; /* of the picture that is selected */
    const struct codec *codec;
    size_t index;    /* of the picture that is selected */
    uint64_t budget; /* what is left of reading.memory: may be lowered before a picture is selected */

    struct source *source;
    struct reading how;
    struct limits limits;
    void *reader;
    struct picture_buffers *buffers;
    struct rows kept;   /* the whole picture; no data if it is not kept */
    struct rows stored; /* the whole picture before it is turned; no data if it is not turned */
    bool loaded;        /* `stored` was read */
    size_t y;           /* of the next band */
    size_t kept_rows;   /* of `kept`: that were read */
};

/*
 * Detects the format of the source and opens it. The source and the buffers outlive the pictures. In either case
 * pictures_close closes them.
 */
bool pictures_open(struct pictures *pictures, struct source *source, const struct reading *how,
                   struct picture_buffers *buffers, struct why *why);

/* Reads the header of the first picture, so that rows.info tells what it holds. Its rows cannot be read. */
bool pictures_look(struct pictures *pictures, struct why *why);

/* Makes the budget at least `bytes`, from the rest of it if need be. False, and nothing changes, if that is too much. */
bool pictures_raise_budget(struct pictures *pictures, uint64_t bytes);

/* The budget if all of the rest were taken, for messages. */
uint64_t pictures_most(const struct pictures *pictures);

/*
 * Makes the picture the one that `rows` reads, from its top. `twice` says that it will be rewound: its rows are then kept
 * if they fit the budget. The last band is refused if the source was changed while it was read.
 */
enum selected pictures_select(struct pictures *pictures, size_t index, bool twice, struct why *why);

/*
 * Makes the picture that goes with the selected one of `leader` the one that is read, in bands of the same rows. It must
 * have the same size, and its rows are not kept. A source of several pictures has one for each of the leader's; one alone
 * goes with all.
 */
bool pictures_select_beside(struct pictures *pictures, const struct pictures *leader, struct why *why);

/*
 * After the last of the leader's n pictures: false if more follow here, that would be ignored. Smaller copies of the last
 * one are none.
 */
bool pictures_end_beside(struct pictures *pictures, size_t n, struct why *why);

/* The orientation in the metadata of the selected picture; 0: unknown. It stays when the picture was turned. */
unsigned pictures_orientation(const struct pictures *pictures);

/*
 * Once the selected picture was read: adds what its reader has noted to `told`, which keeps the notes of one source. Each
 * is added once, READER_NOTES_MAX at most.
 */
void pictures_tell(const struct pictures *pictures, struct notes *told);

/* Closes what is open; nothing if it is all 0. */
void pictures_close(struct pictures *pictures);

void picture_buffers_free(struct picture_buffers *buffers);

#endif
