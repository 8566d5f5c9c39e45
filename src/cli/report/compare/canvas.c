#include "cli/report/compare/canvas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool canvas_reserve(struct canvas *canvas, size_t width, size_t height, struct why *why)
{
    canvas->rgb = malloc(width * height * 3);
    canvas->text = malloc(canvas_text_room());
    if (!canvas->rgb || !canvas->text)
        return why_memory(why);
    canvas->width = width;
    canvas->height = height;
    memset(canvas->rgb, 255, width * height * 3);
    return true;
}

void canvas_free(struct canvas *canvas)
{
    free(canvas->rgb);
    free(canvas->text);
    *canvas = (struct canvas){0};
}

static unsigned char *pixel(const struct canvas *canvas, size_t x, size_t y)
{
    return canvas->rgb + (y * canvas->width + x) * 3;
}

void canvas_fill(struct canvas *canvas, const struct rectangle *where, struct colour colour, double opacity)
{
    size_t right = where->x + where->width, bottom = where->y + where->height;
    right = right < canvas->width ? right : canvas->width;
    bottom = bottom < canvas->height ? bottom : canvas->height;
    for (size_t y = where->y; y < bottom; y++)
        for (size_t x = where->x; x < right; x++)
            for (unsigned c = 0; c < 3; c++) {
                unsigned char *to = pixel(canvas, x, y) + c;
                *to = (unsigned char)lrint(*to + opacity * (colour.rgb[c] - *to));
            }
}

void canvas_picture(struct canvas *canvas, const struct preview *preview, size_t x, size_t y)
{
    for (size_t row = 0; row < preview->height && y + row < canvas->height && x < canvas->width; row++) {
        size_t width = canvas->width - x < preview->width ? canvas->width - x : preview->width;
        memcpy(pixel(canvas, x, y + row), preview->rgb + row * preview->width * 3, width * 3);
    }
}
