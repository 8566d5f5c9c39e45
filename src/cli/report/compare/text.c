/* Text by stb_easy_font, which makes rectangles of a text and needs no file of a font. */
#include "cli/report/compare/canvas.h"

#include <stdio.h>
#include <string.h>
#include <stb/stb_easy_font.h>

enum { TEXT_BYTES = 160, QUADS = TEXT_BYTES * 16 };

/* As stb_easy_font lays it out. */
struct corner {
    float x, y, z;
    unsigned char colour[4];
};

/* to <- what the font has of the text. */
static void printable(const char *text, char to[TEXT_BYTES])
{
    size_t n = 0;
    for (; *text && n + 1 < TEXT_BYTES; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte >= 0x80 && byte < 0xc0) /* the rest of a letter in UTF-8 */
            continue;
        to[n++] = byte >= ' ' && byte < 0x7f ? (char)byte : '?';
    }
    to[n] = '\0';
}

size_t canvas_text_room(void)
{
    return QUADS * sizeof(struct corner[4]);
}

/* "as long as it fi..." */
static void cut(char *text, size_t width, unsigned scale)
{
    size_t n = strlen(text);
    while (n > 3 && (size_t)stb_easy_font_width(text) * scale > width) {
        text[--n] = '\0';
        memcpy(text + n - 3, "...", 3);
    }
}

void canvas_text(struct canvas *canvas, size_t x, size_t y, size_t width, unsigned scale, const char *text,
                 struct colour colour)
{
    char plain[TEXT_BYTES];
    struct corner(*quad)[4] = canvas->text;
    printable(text, plain);
    cut(plain, width, scale);
    int n = stb_easy_font_print(0, 0, plain, NULL, quad, (int)canvas_text_room());
    for (int i = 0; i < n; i++) {
        const struct corner *from = &quad[i][0], *to = &quad[i][2];
        struct rectangle where = {x + (size_t)from->x * scale, y + (size_t)from->y * scale,
                                  (size_t)(to->x - from->x) * scale, (size_t)(to->y - from->y) * scale};
        canvas_fill(canvas, &where, colour, 1);
    }
}
